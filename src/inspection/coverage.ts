/** @file Which ops of a file normscope could train, which it could not, and what to do about those. */

import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import type { GraphView } from './graph-view.ts';
import { functionKey } from '../onnx/read.ts';

/** Ops that only compute shapes and the like, and are gone once these are known. */
const staticOnly: ReadonlySet<string> = new Set(
  (
    'Shape Size Range ConstantOfShape Equal Greater Less GreaterOrEqual LessOrEqual Not And Or Where Floor Ceil Mod CastLike ' +
    'If'
  ).split(' '),
);

export interface OpCount {
  /** With its domain where that is not ONNX's own. */
  readonly op: string;
  readonly count: number;
}

export interface MissingOp extends OpCount {
  readonly repair: string;
}

export interface Coverage {
  /** All nodes, those in bodies of branches and loops among them. */
  readonly nodes: number;
  readonly known: readonly OpCount[];
  /** Fall away where what they compute does not hang on the data. */
  readonly static: readonly OpCount[];
  readonly missing: readonly MissingOp[];
}

/** @param trainable - ops of ONNX's own domain that networks can be trained through */
export function coverageOf(
  { functions }: OnnxModel,
  views: readonly GraphView[],
  trainable: ReadonlySet<string>,
): Coverage {
  const counts = new Map<string, { count: number; node: OnnxNode }>();
  const nodes = views.flatMap((view, i) => {
    const cut = i === 0 ? decisionsAtTheEnd(view) : new Set();
    return view.graph.nodes.filter((node) => !cut.has(node) && !isConstantNode(view, node));
  });
  for (const node of nodes) {
    const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
    counts.set(op, { node, count: (counts.get(op)?.count ?? 0) + 1 });
  }
  const all = [...counts].map(([op, { count, node }]) => ({ op, count, node }));
  const kindOf = ({ op, domain }: OnnxNode): 'known' | 'static' | 'missing' =>
    domain !== '' ? 'missing' : trainable.has(op) ? 'known' : staticOnly.has(op) ? 'static' : 'missing';
  const of = (kind: string): readonly (OpCount & { node: OnnxNode })[] =>
    all.filter(({ node }) => kindOf(node) === kind);
  const plain = ({ op, count }: OpCount): OpCount => ({ op, count });
  return {
    nodes: views.reduce((count, { graph }) => count + graph.nodes.length, 0),
    known: of('known').map(plain),
    static: of('static').map(plain),
    missing: of('missing').map(({ op, count, node }) => ({ op, count, repair: repairOf(node, functions) })),
  };
}

/** What makes classes of scores at the very end: training takes the scores. */
function decisionsAtTheEnd(view: GraphView): ReadonlySet<OnnxNode> {
  const last = view.graph.outputs.flatMap(({ name }) => view.makerBehind(name) ?? []);
  return new Set(last.filter(({ op, domain }) => domain === '' && /^(ArgMax|ArgMin|TopK)$/.test(op)));
}

/** Whether all that a node reads is constant, so that it is computed once. */
function isConstantNode(view: GraphView, node: OnnxNode): boolean {
  const read = node.inputs.filter((name) => name !== '');
  if (node.op === 'Constant' && node.domain === '') return true;
  return read.length > 0 && read.every((name) => view.constantBehind(name) !== undefined);
}

function repairOf({ op, domain }: OnnxNode, functions: ReadonlySet<string>): string {
  if (functions.has(functionKey(domain, op))) {
    return 'write the file’s own functions out: onnx.inliner.inline_local_functions(model)';
  }
  if (domain === 'ai.onnx.ml') return 'no network, but trees or pre-processing: cut it off, and train what is left';
  if (domain !== '') return 'export without the optimiser of one runtime: ops of ONNX’s own domain alone';
  const [, repair] = repairs.find(([pattern]) => pattern.test(op)) ?? [];
  return repair ?? 'export the module without it, or cut the graph before it (onnx.utils.extract_model)';
}

const repairs: readonly (readonly [RegExp, string])[] = [
  [/Quantize|Integer$|^QLinear/, 'export the network in float32, before it was quantised'],
  [
    /^(Loop|Scan|Sequence.*|Split(To)?Sequence|ConcatFromSequence|Optional.*)$/,
    'export with example sizes that decide all loops',
  ],
  [
    /^(NonMaxSuppression|TopK|ArgMax|ArgMin|NonZero|Unique|RoiAlign|OneHot)$/,
    'cut the graph before it: it decides, and has no gradient',
  ],
  [/^(Random.*|Bernoulli|Multinomial)$/, 'export with model.eval(), which draws nothing'],
];
