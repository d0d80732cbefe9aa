/**
 * @file What a file computes, seen by running it: the shape of every value at any batch size, and the numbers of those that
 * do not depend on what is fed. Measured, not inferred: exporters write chains of shape arithmetic that no rule foresees.
 */

import { DataError, SettingError } from '../errors.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import { exposed } from '../onnx/expose.ts';
import type { ExternalLoader } from '../onnx/tensors.ts';
import type { OnnxGraph, OnnxNumbers, OnnxPort } from '../onnx/model.ts';
import type { ForeignResult, ForeignTensor, ForeignType, RunForeign } from '../runtime/foreign.ts';
import { fedInput, fixedBatch } from './fed-input.ts';
import { sequenceValues } from './walks.ts';
import { standInsOf, zeroStatesOf } from './stand-ins.ts';

/** One axis: `constant + perExample · N`. */
export interface Size {
  readonly constant: number;
  readonly perExample: number;
}

export interface MeasuredValue {
  readonly type: ForeignType;
  readonly sizes: readonly Size[];
  /** Of a value that is the same whatever is fed, at any batch size. */
  readonly data?: OnnxNumbers;
  /** Of a value that follows the batch alone, and repeats the same numbers for each example: those of one. */
  readonly row?: OnnxNumbers;
}

export interface Measurement {
  readonly values: ReadonlyMap<string, MeasuredValue>;
  /**
   * What the file itself answers, with what stands in for running statistics that are no numbers: the oracle of the network
   * that is made of it.
   */
  readonly answer: { readonly x: Float32Array; readonly batch: number; readonly y: Float32Array };
}

export interface MeasureRequest {
  readonly bytes: Uint8Array;
  readonly graph: OnnxGraph;
  /** Sizes of one example, without the batch. */
  readonly example: readonly number[];
  /** The value at which the network is cut off. */
  readonly logits: string;
  /** Values that follow what is fed, and not its shape alone. */
  readonly dynamic: ReadonlySet<string>;
  readonly external?: ExternalLoader | undefined;
}

/** Sizes are seen at two batches; what the larger has beyond the smaller is one row, which is also run alone. */
const [LARGE, SMALL] = [3, 2] as const;
/** Row i of a batch against the run of row i alone; float32, and other blocking of sums at other batches. */
const ROW_TOLERANCE = 1e-4;

/** @throws {DataError} where the file does not run, or mixes the examples of a batch. */
export async function measure(run: RunForeign, request: MeasureRequest): Promise<Measurement> {
  const input = fedInput(request.graph);
  const batch = fixedBatch(input);
  try {
    return await measureOpen(run, request, input, undefined);
  } catch (error) {
    if (batch === undefined || !(error instanceof DataError)) throw error;
    return measureOpen(run, request, input, batch);
  }
}

async function measureOpen(
  run: RunForeign,
  { bytes, graph, example, logits, dynamic, external }: MeasureRequest,
  input: OnnxPort,
  openBatch: number | undefined,
): Promise<Measurement> {
  // Of a batch norm in evaluation mode there is nothing but its first output.
  const sequences = sequenceValues(graph);
  const made = graph.nodes.flatMap(({ op, outputs }) =>
    (op === 'BatchNormalization' ? outputs.slice(0, 1) : outputs).filter((name) => name !== '' && !sequences.has(name)),
  );
  const fetch = [...made.filter((name) => !dynamic.has(name)), logits];
  const model = exposed(bytes, {
    shapes: new Map([[input.name, [undefined, ...example]]]),
    outputs: made,
    external,
    openBatch,
    statistics: standInsOf(graph),
    zeroStates: zeroStatesOf(graph),
  });
  const x = sample(LARGE, example);
  const row = elementCount(example);
  const fed = (rows: Float32Array): ForeignTensor => feedOf(input, rows, [rows.length / row, ...example]);
  const runs = [x, x.slice(0, SMALL * row), x.slice(SMALL * row)].map((rows) => ({
    feeds: { [input.name]: fed(rows) },
    fetch,
  }));
  const [whole, two, last] = await run({ model, runs });
  if (whole === undefined || two === undefined || last === undefined)
    throw new DataError('A model must answer each run');
  const y = numbersOf(whole, logits);
  requireRows(y, [...numbersOf(two, logits), ...numbersOf(last, logits)], logits);
  return { values: valuesOf(whole, two, dynamic), answer: { x, batch: LARGE, y } };
}

/** Standard normal, the same for every file of these sizes. */
export function sample(batch: number, example: readonly number[]): Float32Array {
  const x = new Float32Array(batch * elementCount(example));
  createStream({ seed: 0, purpose: 'probe', layer: 'foreign-sample' }).fillNormal(x, 0, 1);
  return x;
}

export function feedOf({ name, type }: OnnxPort, rows: Float32Array, shape: readonly number[]): ForeignTensor {
  if (type === 'float') return { type: 'float32', shape, data: rows };
  if (type === 'double') return { type: 'float64', shape, data: Float64Array.from(rows) };
  throw new SettingError(
    `Input '${name}' must be of float or double to train, got ${type}; export the network without its preprocessing`,
  );
}

function numbersOf(result: ForeignResult, name: string): Float32Array {
  const { data } = result[name] ?? {};
  if (data === undefined) throw new DataError(`The model must give '${name}', got nothing of that name`);
  return Float32Array.from(data as Float32Array, Number);
}

function requireRows(whole: Float32Array, rows: readonly number[], logits: string): void {
  const broken = whole.find((value) => !Number.isFinite(value));
  if (broken !== undefined) {
    throw new DataError(
      `A network must answer with numbers, got ${broken} at '${logits}' for random numbers of ordinary size: look for weights that ` +
        'are not finite with normscope inspect',
    );
  }
  const scale = largest(whole);
  const worst = largest(whole.map((value, i) => value - (rows[i] ?? Number.NaN)));
  if (whole.length === rows.length && worst <= ROW_TOLERANCE * scale) return;
  const how =
    whole.length === rows.length
      ? `moves by ${worst.toPrecision(2)} of ${scale.toPrecision(2)}`
      : `has ${whole.length} numbers for three, and ${rows.length} for the same three in two runs`;
  throw new DataError(
    `Each example of a batch must be answered as if it came alone, but '${logits}' ${how}: the file mixes its batch; ` +
      'export it with a dynamic batch axis',
  );
}

/** max |value|; NaN where one is. Networks may answer with more numbers than a call may have arguments. */
export function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function valuesOf(whole: ForeignResult, two: ForeignResult, dynamic: ReadonlySet<string>): Map<string, MeasuredValue> {
  return new Map(
    Object.entries(whole).map(([name, { type, shape, data }]): [string, MeasuredValue] => {
      const other = two[name];
      const sizes = shape.map((size, axis): Size => {
        const perExample = (size - (other?.shape[axis] ?? size)) / (LARGE - SMALL);
        return { constant: size - LARGE * perExample, perExample };
      });
      if (dynamic.has(name) || data === undefined) return [name, { type, sizes }];
      if (sameNumbers(data, other?.data)) return [name, { type, sizes, data }];
      const row = rowOf(data, shape, sizes);
      const isRepeated =
        row !== undefined && other?.data !== undefined && sameNumbers(row, rowOf(other.data, other.shape, sizes));
      return [name, { type, sizes, ...(isRepeated && { row }) }];
    }),
  );
}

/** What all places along the one axis that is the batch have in common; undefined where there is no such axis, or they differ. */
function rowOf(data: OnnxNumbers, shape: readonly number[], sizes: readonly Size[]): OnnxNumbers | undefined {
  const axes = sizes.flatMap(({ constant, perExample }, axis) => (constant === 0 && perExample === 1 ? [axis] : []));
  const [axis] = axes;
  if (axis === undefined || axes.length > 1 || sizes.some(({ perExample }, i) => i !== axis && perExample !== 0))
    return undefined;
  const inner = elementCount(shape.slice(axis + 1));
  const outer = inner * (shape[axis] ?? 1);
  const first = (i: number): number => Math.floor(i / outer) * outer + (i % inner);
  if (!data.every((value: number | bigint, i: number) => Object.is(value, data[first(i)]))) return undefined;
  return data.filter((_: number | bigint, i: number) => first(i) === i) as OnnxNumbers;
}

function sameNumbers(a: OnnxNumbers, b: OnnxNumbers | undefined): boolean {
  return a.length === b?.length && a.every((value, i) => Object.is(value, b[i]));
}

/** The sizes of a value for a batch. */
export function shapeAt({ sizes }: MeasuredValue, batch: number): readonly number[] {
  return sizes.map(({ constant, perExample }) => constant + perExample * batch);
}
