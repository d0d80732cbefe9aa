/** @file How many axes the values of a graph have, as far as a rule per op of opset 6 tells. */

import type { GraphProto, NodeProto } from './generated/onnx_pb.ts';

/** @param outer - of values that are made around the graph */
export function ranksOf(graph: GraphProto, outer: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const ranks = new Map(outer);
  for (const { name, type } of [...graph.input, ...graph.valueInfo, ...graph.output]) {
    if (type?.value.case === 'tensorType' && type.value.value.shape !== undefined)
      ranks.set(name, type.value.value.shape.dim.length);
  }
  const lengths = new Map<string, number>();
  for (const { name, dims } of graph.initializer) {
    ranks.set(name, dims.length);
    lengths.set(name, Number(dims[0] ?? 1));
  }
  for (const node of graph.node) {
    const rank = rankOf(node, ranks, lengths);
    for (const name of node.output) if (rank !== undefined && !ranks.has(name)) ranks.set(name, rank);
    const [constant] = node.attribute;
    const dims = node.opType === 'Constant' ? constant?.t?.dims : undefined;
    if (dims !== undefined) lengths.set(node.output[0] ?? '', Number(dims[0] ?? 1));
  }
  return ranks;
}

function rankOf(
  { opType, input, attribute }: NodeProto,
  ranks: ReadonlyMap<string, number>,
  lengths: ReadonlyMap<string, number>,
): number | undefined {
  const [first = '', second = ''] = input;
  const [whole, other] = [ranks.get(first), ranks.get(second)];
  const of = (name: string): (typeof attribute)[number] | undefined => attribute.find((each) => each.name === name);
  const axes = of('axes')?.ints.length ?? 0;
  switch (opType) {
    case 'Constant':
      return of('value')?.t?.dims.length;
    case 'Gemm':
    case 'Flatten':
      return 2;
    case 'Shape':
      return 1;
    case 'Size':
      return 0;
    case 'RNN':
    case 'LSTM':
    case 'GRU':
      return undefined;
    case 'Reshape':
      return lengths.get(second);
    case 'Unsqueeze':
      return whole === undefined ? undefined : whole + axes;
    case 'Squeeze':
      return whole === undefined || axes === 0 ? undefined : whole - axes;
    case 'Gather':
      return whole === undefined || other === undefined ? undefined : whole + other - 1;
    case 'MatMul':
      return whole === undefined || other === undefined || Math.min(whole, other) < 2
        ? undefined
        : Math.max(whole, other);
    default:
      return isReduction(opType) && of('keepdims')?.i === 0n ? reducedRank(opType, whole, axes) : whole;
  }
}

function isReduction(op: string): boolean {
  return op.startsWith('Reduce') || op === 'ArgMax' || op === 'ArgMin';
}

/** Without axes, all of them. */
function reducedRank(op: string, whole: number | undefined, axes: number): number | undefined {
  if (!op.startsWith('Reduce')) return whole === undefined ? undefined : whole - 1;
  return axes === 0 ? 0 : whole === undefined ? undefined : whole - axes;
}
