/** @file Two rules that oxlint lacks, as an oxlint plugin; oxlint loads it itself, hence plain JavaScript. */

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

export default {
  meta: { name: 'house' },
  rules: { 'no-double-assertion': noDoubleAssertion, 'no-export-all': noExportAll },
};
