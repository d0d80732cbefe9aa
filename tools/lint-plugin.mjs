/** @file Three rules that oxlint lacks, as an oxlint plugin; oxlint loads it itself, hence plain JavaScript. */

const noDoubleAssertion = {
  create: (context) => ({
    TSAsExpression(node) {
      const inner = node.expression;
      if (inner.type === 'TSAsExpression' && inner.typeAnnotation.type === 'TSUnknownKeyword') {
        context.report({ node, message: "'as unknown as' hides a type error; narrow the value instead" });
      }
    },
  }),
};

const noExportAll = {
  create: (context) => ({
    ExportAllDeclaration(node) {
      context.report({ node, message: "'export *' hides what a file offers; name the exports" });
    },
  }),
};

/** Powers of two in literals are exact in every engine; all others depend on the version of Node, or on the C library. */
const noNativePower = {
  create: (context) => {
    const report = (node) =>
      context.report({ node, message: "'**' and Math.pow differ between versions of Node; use src/math/power.ts" });
    return {
      'BinaryExpression[operator="**"]'(node) {
        const exponent = node.right.type === 'UnaryExpression' ? node.right.argument : node.right;
        if (!(node.left.value === 2 && Number.isInteger(exponent.value))) report(node);
      },
      'AssignmentExpression[operator="**="]': report,
      'MemberExpression[object.name="Math"][property.name="pow"]': report,
    };
  },
};

export default {
  meta: { name: 'house' },
  rules: { 'no-double-assertion': noDoubleAssertion, 'no-export-all': noExportAll, 'no-native-power': noNativePower },
};
