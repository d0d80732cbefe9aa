/** @file A copy of a model whose branches are written out: the one that is taken, or both and a choice between them. */

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { DataError } from '../errors.ts';
import {
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
} from './generated/onnx_pb.ts';
import { shown } from './shown.ts';

/** What becomes of an If, by the name of its condition: one branch, or both, where each example of a batch decides for itself. */
export type Decisions = ReadonlyMap<string, 'then' | 'else' | 'both'>;

/**
 * Branches within branches, and those of conditions that are not among the decisions, stay.
 * @param bytes - a whole model, as `readOnnx` has accepted it
 * @throws {DataError} for an If without its branches
 */
export function withoutBranches(bytes: Uint8Array, decisions: Decisions): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  if (graph === undefined) throw new DataError('A model must hold a graph to write branches out in, got none');
  graph.node = graph.node.flatMap((node) => {
    const [condition = ''] = node.input;
    const decision = node.opType === 'If' ? decisions.get(condition) : undefined;
    if (decision === undefined) return [node];
    const made: NodeProto[] = [];
    const taken = (branch: 'then' | 'else'): readonly string[] => {
      const body = node.attribute.find(({ name }) => name === `${branch}_branch`)?.g;
      if (body === undefined || body.output.length < node.output.length)
        throw new DataError(`An If must have two branches that give what it gives, got '${shown(node.name)}' without`);
      return movedInto(graph, body, `${node.output[0] ?? ''}/${branch}`, made);
    };
    if (decision !== 'both') {
      const results = taken(decision);
      return [...made, ...node.output.map((output, i) => emitted('Identity', [results[i] ?? ''], output))];
    }
    const ranks = node.attribute.find(({ name }) => name === 'then_branch')?.g?.output.map(rankOf) ?? [];
    const [yes, no] = [taken('then'), taken('else')];
    return [
      ...made,
      ...node.output.flatMap((output, i) => {
        const mask = maskFor(graph, condition, ranks[i], output);
        const choice = emitted('Where', [mask?.output[0] ?? condition, yes[i] ?? '', no[i] ?? ''], output);
        return mask === undefined ? [choice] : [mask, choice];
      }),
    ];
  });
  return toBinary(ModelProtoSchema, model);
}

function emitted(opType: string, input: string[], output: string): NodeProto {
  return create(NodeProtoSchema, { opType, input, output: [output] });
}

function rankOf({ type }: GraphProto['output'][number]): number | undefined {
  return type?.value.case === 'tensorType' ? type.value.value.shape?.dim.length : undefined;
}

/** A condition of one truth value per example as [N, 1, …], as many axes as what it chooses has. */
function maskFor(
  graph: GraphProto,
  condition: string,
  rank: number | undefined,
  output: string,
): NodeProto | undefined {
  if (rank === undefined || rank === 0) return undefined;
  const shape = `${output}/mask-shape`;
  const int64Data = Array.from({ length: rank }, (_, axis) => (axis === 0 ? -1n : 1n));
  const dims = [BigInt(rank)];
  graph.initializer.push(create(TensorProtoSchema, { name: shape, dataType: DataType.INT64, dims, int64Data }));
  return emitted('Reshape', [condition, shape], `${output}/mask`);
}

/**
 * Puts the constants of a body into the graph and its nodes among `made`, under names that begin with the branch's.
 * @returns the names of what the body gives
 */
function movedInto(graph: GraphProto, body: GraphProto, branch: string, made: NodeProto[]): readonly string[] {
  const own = [...body.initializer.map(({ name }) => name), ...body.node.flatMap(({ output }) => output)];
  const renamed = new Map(own.flatMap((name) => (name === '' ? [] : [[name, `${branch}/${name}`] as const])));
  rename(body, renamed);
  graph.initializer.push(...body.initializer);
  made.push(...body.node);
  return body.output.map(({ name }) => renamed.get(name) ?? name);
}

/** What is made here and read here, and read in bodies within, unless these make a value of the same name. */
function rename(graph: GraphProto, names: ReadonlyMap<string, string>): void {
  const called = (name: string): string => names.get(name) ?? name;
  for (const tensor of graph.initializer) tensor.name = called(tensor.name);
  for (const node of graph.node) {
    node.input = node.input.map(called);
    node.output = node.output.map(called);
    for (const { g } of node.attribute) {
      if (g === undefined) continue;
      const hidden = new Set(
        [...g.input, ...g.initializer, ...g.node.flatMap(({ output }) => output.map((name) => ({ name })))].map(
          ({ name }) => name,
        ),
      );
      const isHiding = [...hidden].some((name) => names.has(name));
      rename(g, isHiding ? new Map([...names].filter(([name]) => !hidden.has(name))) : names);
      for (const output of g.output) if (!hidden.has(output.name)) output.name = called(output.name);
    }
  }
}
