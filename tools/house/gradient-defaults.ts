/** @file No value stands in for a gradient that is missing: the numbers would be wrong and nothing would say so. */
import { type BindingPattern, type Expression, type Program, Visitor } from 'oxc-parser';
import { type Fact, type Finding, memberName, type SourceFile } from './source.ts';

/** The functions that give gradients. */
const differentiators: ReadonlySet<string> = new Set(['grad', 'hvp', 'partials', 'vjp']);

const gradientName = /gradient|cotangent|^grads?$/i;

const repair = 'let the types say how many gradients there are, or throw';

/**
 * Two patterns: `gradients[i] ?? parameter` and `const [dx = x] = grad(…)`. A number in place of a number
 * (`gradient[k] ?? 0`, of a typed array) is none, nor is a tensor of zeros.
 */
export const noGradientDefaults: Fact = {
  sentence: 'no other value used where a gradient is missing',
  check: (files) => files.flatMap(findingsIn),
};

function findingsIn({ path, program, lineOf }: SourceFile): readonly Finding[] {
  const found: Finding[] = [];
  const known = gradientVariables(program);
  const isGradients = (expression: Expression): boolean => {
    const inner = bare(expression);
    if (inner.type === 'CallExpression') return differentiators.has(memberName(inner.callee) ?? '');
    const name = memberName(inner);
    return name !== undefined && (known.has(name) || gradientName.test(name));
  };
  const isLookup = (expression: Expression): boolean => {
    const inner = bare(expression);
    if (inner.type === 'MemberExpression') return inner.computed && isGradients(inner.object);
    if (inner.type !== 'CallExpression' || inner.callee.type !== 'MemberExpression') return false;
    return ['at', 'get'].includes(memberName(inner.callee) ?? '') && isGradients(inner.callee.object);
  };
  const checkPattern = (pattern: { readonly type: string }, from: Expression | null): void => {
    if (from === null || !isGradients(from) || !isPattern(pattern)) return;
    for (const element of defaultsOf(pattern)) {
      found.push({ path, line: lineOf(element), what: `gives a gradient a default; ${repair}` });
    }
  };
  new Visitor({
    LogicalExpression: (node) => {
      if (node.operator !== '??' || !isLookup(node.left) || !isOtherValue(node.right)) return;
      found.push({ path, line: lineOf(node), what: `takes another value where a gradient is missing; ${repair}` });
    },
    VariableDeclarator: ({ id, init }) => checkPattern(id, init),
    AssignmentExpression: ({ left, right }) => checkPattern(left, right),
  }).visit(program);
  return found;
}

/** Names that are bound to what `grad` and its like give. */
function gradientVariables(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (id.type !== 'Identifier' || init === null) return;
      const value = bare(init);
      if (value.type === 'CallExpression' && differentiators.has(memberName(value.callee) ?? '')) names.add(id.name);
    },
  }).visit(program);
  return names;
}

/** A name, a field or an element: a value that stands for something else already. */
function isOtherValue(expression: Expression): boolean {
  const inner = bare(expression);
  if (inner.type === 'Identifier') return !['undefined', 'NaN', 'Infinity'].includes(inner.name);
  return inner.type === 'MemberExpression' && !(inner.object.type === 'Identifier' && inner.object.name === 'Number');
}

type Pattern = Extract<BindingPattern, { readonly type: 'ArrayPattern' | 'ObjectPattern' }>;

function isPattern(node: { readonly type: string }): node is Pattern {
  return node.type === 'ArrayPattern' || node.type === 'ObjectPattern';
}

function defaultsOf(pattern: Pattern): readonly { readonly start: number }[] {
  const parts =
    pattern.type === 'ArrayPattern'
      ? pattern.elements
      : pattern.properties.map((property) => (property.type === 'Property' ? property.value : property));
  return parts.flatMap((part) => (part?.type === 'AssignmentPattern' ? [part] : []));
}

/** The expression without what only the compiler sees, brackets and `await`. */
function bare(expression: Expression): Expression {
  switch (expression.type) {
    case 'AwaitExpression':
      return bare(expression.argument);
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSSatisfiesExpression':
      return bare(expression.expression);
    default:
      return expression;
  }
}
