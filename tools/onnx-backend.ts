/**
 * @file ONNX's own tests of operators against the importer: `npx tsx tools/onnx-backend.ts [FOLDER]`. FOLDER holds a folder per test
 * with `model.onnx` and `test_data_set_0`, as Debian's package libonnx-testdata does; beside `node`, which is the default, it has
 * `pytorch-operator` and `pytorch-converted`, of opset 6. Of every test of an operator that is known, it
 * says whether the logical graph gives the expected output, or why it is refused. Sizes and numbers in between are those of ONNX Runtime,
 * where that runs the test. It fails where an output is wrong, or where more than
 * a quarter of these tests are refused.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { isDeliberate, SettingError } from '../src/errors.ts';
import { add } from '../src/graph/arithmetic.ts';
import { GraphBuilder } from '../src/graph/builder.ts';
import { Known } from '../src/importer/known.ts';
import type { MeasuredValue } from '../src/importer/measure.ts';
import { Building } from '../src/importer/network.ts';
import { ruleOf } from '../src/importer/rules/index.ts';
import { newNetwork } from '../src/nn/network.ts';
import { constantsOf } from '../src/onnx/constants.ts';
import { exposed } from '../src/onnx/expose.ts';
import { TensorProtoSchema } from '../src/onnx/generated/onnx_pb.ts';
import type { OnnxGraph, OnnxTensor } from '../src/onnx/model.ts';
import { readOnnx } from '../src/onnx/read.ts';
import { readTensor } from '../src/onnx/tensors.ts';
import { ops } from '../src/ops/index.ts';
import type { ForeignType } from '../src/runtime/foreign.ts';
import { runForeignHere } from '../src/runtime/node/foreign-session.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { maxDifference } from '../src/testing/difference.ts';
import { initialState } from '../src/train/initial-state.ts';
import { dynamicValues } from '../src/importer/walks.ts';

/** Of the largest expected number; ONNX's own runner allows 1e-3. */
const TOLERANCE = 1e-5;
/** Half a unit in the last of 11 places. */
const HALF_TOLERANCE = 2.5e-4;
const MOST_REFUSED = 0.25;

/** What the graph computes in float32, whatever precision a test states it in; truth values are 1 and 0. */
const floats = new Set(['float', 'double', 'float16', 'bool']);

const folder = process.argv[2] ?? '/usr/share/libonnx-testdata/data/node';

interface Verdict {
  readonly kind: 'right' | 'wrong' | 'refused' | 'unknown';
  readonly why: string;
}

function tensorsIn(path: string, kind: 'input' | 'output'): readonly OnnxTensor[] {
  const set = join(path, 'test_data_set_0');
  const count = readdirSync(set).filter((name) => name.startsWith(`${kind}_`)).length;
  return Array.from({ length: count }, (_, i) => {
    const proto = fromBinary(TensorProtoSchema, new Uint8Array(readFileSync(join(set, `${kind}_${i}.pb`))));
    const tensor = readTensor(proto, {});
    return tensor ?? { name: proto.name, type: 'other', shape: [], data: new Uint8Array() };
  });
}

async function judge(path: string): Promise<Verdict> {
  const bytes = new Uint8Array(readFileSync(join(path, 'model.onnx')));
  const { graph } = readOnnx(bytes);
  const unknown = graph.nodes.find(
    ({ op, domain }) => domain !== '' || (ruleOf(op) === undefined && op !== 'Constant'),
  );
  if (unknown !== undefined) return { kind: 'unknown', why: unknown.op };
  const [inputs, outputs] = [tensorsIn(path, 'input'), tensorsIn(path, 'output')];
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  const fed = inputs.findIndex(({ type }, i) => floats.has(type) && used.has(graph.inputs[i]?.name ?? ''));
  if (fed < 0) return { kind: 'refused', why: 'no float goes in' };
  const foreignInput = inputs.find(({ type }) => type === 'other');
  if (foreignInput !== undefined) return { kind: 'refused', why: 'what goes in is of a type without numbers here' };
  const isRandom = graph.nodes.some(({ op, inputs: operands }) => op === 'Dropout' && operands.length > 2);
  if (isRandom) return { kind: 'refused', why: 'it drops at random' };
  const foreign = outputs.find(({ type }) => !floats.has(type));
  if (foreign !== undefined) return { kind: 'refused', why: `a ${foreign.type} comes out` };
  const found = await computed(bytes, graph, inputs, fed);
  for (const [i, expected] of outputs.entries()) {
    const actual = found[`y${i}`];
    if (actual === undefined) continue;
    const error = relativeError(actual as Float32Array, Array.from(expected.data, Number));
    if (!(error <= (expected.type === 'float16' ? HALF_TOLERANCE : TOLERANCE)))
      return { kind: 'wrong', why: `output ${i} differs by ${error.toExponential(1)}` };
  }
  return { kind: 'right', why: '' };
}

/** Of the largest number that is finite; what is expected to be none must be the same. */
function relativeError(actual: Float32Array, expected: readonly number[]): number {
  const isOther = (value: number, i: number): boolean => !Number.isFinite(value) && !Object.is(value, actual[i]);
  if (expected.some(isOther)) return Number.POSITIVE_INFINITY;
  const numbers = expected.flatMap((value, i) => (Number.isFinite(value) ? [[value, Number(actual[i])] as const] : []));
  const scale = numbers.reduce((most, [value]) => Math.max(most, Math.abs(value)), 1e-6);
  const difference = maxDifference(
    numbers.map(([, value]) => value),
    numbers.map(([value]) => value),
  );
  return actual.length === expected.length ? difference / scale : Number.POSITIVE_INFINITY;
}

/** ONNX Runtime's names of ONNX's types that tests feed. */
const fedTypes: Readonly<Record<string, ForeignType>> = {
  float: 'float32',
  double: 'float64',
  int32: 'int32',
  int64: 'int64',
  bool: 'bool',
};

/** Shapes, and numbers of what does not follow the data, of all values: measured, or else as far as the model states its outputs. */
async function measured(
  bytes: Uint8Array,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
  dynamic: ReadonlySet<string>,
): Promise<Map<string, MeasuredValue>> {
  const exact = (shape: readonly number[]): MeasuredValue['sizes'] =>
    shape.map((constant) => ({ constant, perExample: 0 }));
  const made = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
  const fed = inputs.flatMap((tensor, i) => {
    const [port, type] = [graph.inputs[i], fedTypes[tensor.type]];
    return port === undefined || type === undefined ? [] : [[port.name, { ...tensor, type }] as const];
  });
  const request = {
    model: exposed(bytes, { shapes: new Map(), outputs: made }),
    runs: [{ feeds: Object.fromEntries(fed), fetch: made.filter((name) => !dynamic.has(name)) }],
  };
  const [result] = await runForeignHere(request).catch((error: unknown) => {
    // Some tests are of forms that ONNX Runtime does not know.
    if (isDeliberate(error)) return [];
    throw error;
  });
  if (result !== undefined)
    return new Map(
      Object.entries(result).map(([name, { shape, ...value }]) => [name, { ...value, sizes: exact(shape) }]),
    );
  return new Map(
    graph.outputs.map(({ name, shape }) => [name, { type: 'float32', sizes: exact((shape ?? []).map(Number)) }]),
  );
}

/** All inputs but one are numbers known beforehand, as weights and axes are in a network. */
async function computed(
  bytes: Uint8Array,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
  fed: number,
): Promise<Record<string, unknown>> {
  const [x, port] = [inputs[fed], graph.inputs[fed]];
  if (x === undefined || port === undefined) throw new Error('A test must feed what its model takes');
  const given = inputs.flatMap((tensor, i) =>
    i === fed || graph.inputs[i] === undefined ? [] : [[graph.inputs[i].name, tensor] as const],
  );
  const dynamic = dynamicValues(graph, port.name);
  const values = await measured(bytes, graph, inputs, dynamic);
  const plan = {
    name: 'test',
    input: port.name,
    logits: '',
    nodes: graph.nodes,
    layers: new Map(graph.nodes.map((node, i) => [node, `node${i}`] as const)),
    constants: new Map([...constantsOf(graph), ...given]),
    measurement: { values, answer: { x: new Float32Array(), y: new Float32Array(), batch: 1 } },
    normsBehind: new Map(),
  };
  const g = new GraphBuilder(ops);
  const start = g.input('x', x.shape, { kind: 'data' });
  const isTraining = graph.nodes.some(({ attributes }) => attributes.has('training_mode'));
  const network = newNetwork(g, isTraining ? 'frozen' : 'eval');
  const building = new Building(new Known(plan, { kind: 'keep' }), network, new Map(), new Map([[port.name, start]]));
  for (const node of graph.nodes) {
    if (node.outputs.some((name) => dynamic.has(name))) building.add(node);
  }
  const outputs = graph.outputs.flatMap(({ name }, i) => {
    const value = building.value(name);
    // An output that is the input itself would leave no node to run.
    return value === undefined ? [] : [[`y${i}`, add(g, value, 0)] as const];
  });
  if (outputs.length === 0) throw new SettingError('what comes out does not depend on what is fed');
  const made = g.finish('test', Object.fromEntries(outputs));
  const device = threadlessDevice({ threads: 1, lowering: 'reference' });
  const program = await device.load(made);
  await device.write(initialState(made, 0));
  const result = await program.run({ x: Float32Array.from(x.data, Number) });
  await device.close();
  return result;
}

const counts = { right: 0, wrong: 0, refused: 0, unknown: 0 };
for (const name of readdirSync(folder).toSorted()) {
  const verdict = await judge(join(folder, name)).catch((error: unknown): Verdict => {
    const why = error instanceof Error ? error.message : String(error);
    return isDeliberate(error) ? { kind: 'refused', why } : { kind: 'wrong', why };
  });
  counts[verdict.kind] += 1;
  if (verdict.kind === 'wrong' || verdict.kind === 'refused')
    console.log(`${verdict.kind}\t${name}\t${verdict.why.slice(0, 140)}`);
}
const known = counts.right + counts.wrong + counts.refused;
const share = counts.refused / known;
console.log(
  `${known} tests of known operators: ${counts.right} right, ${counts.wrong} wrong, ${counts.refused} refused (${(100 * share).toFixed(0)} %)`,
);
console.log(`${counts.unknown} tests of operators that are not known`);
process.exitCode = counts.wrong > 0 || share > MOST_REFUSED ? 1 : 0;
