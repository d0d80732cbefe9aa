import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { grad } from '../../src/autodiff/reverse.ts';
import { ShapeError } from '../../src/errors.ts';
import { add, dot } from '../../src/graph/arithmetic.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Value } from '../../src/graph/graph.ts';
import type { OpName } from '../../src/graph/op-attributes.ts';
import { validateGraph } from '../../src/graph/validate.ts';
import { lowerReference } from '../../src/lowering/reference.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { ops } from '../../src/ops/index.ts';
import { buildGraph, evaluate } from '../../src/testing/evaluate.ts';
import { GRADCHECK_TOLERANCE, gradcheck } from '../../src/testing/gradcheck.ts';
import { opSamples } from './op-samples.ts';

const names = Object.keys(ops) as OpName[];
const cases = names.flatMap((op) => opSamples[op].map((sample) => [op, sample.label, sample] as const));
type Sample = (typeof cases)[number][2];
/** Ops that one input more or less makes another use of. */
const takesAnyNumber: ReadonlySet<OpName> = new Set(['Concat']);

const isFloat = (data: Float64Array | Int32Array): data is Float64Array => data instanceof Float64Array;
const name = (i: number): string => `input${i}`;

function emit(g: GraphBuilder, op: OpName, sample: Sample, inputs: readonly Value[]): readonly Value[] {
  return (g.emitAll as (op: OpName, inputs: readonly Value[], attrs: unknown) => readonly Value[]).call(
    g,
    op,
    inputs,
    'to' in sample.attrs && g.float === 'float32' ? { ...sample.attrs, to: 'float32' } : sample.attrs,
  );
}

function declare(g: GraphBuilder, sample: Sample): readonly Value[] {
  return sample.inputs.map(({ shape, data }, i) =>
    g.input(name(i), shape, { kind: 'data' }, isFloat(data) ? g.float : 'int32'),
  );
}

describe.each(cases)('%s, %s', (op, _label, sample) => {
  it('has the output types that ONNX Runtime computes', async () => {
    const graph = buildGraph('float64', (g) =>
      Object.fromEntries(emit(g, op, sample, declare(g, sample)).map((value, i) => [`output${i}`, value])),
    );
    const session = await InferenceSession.create(encodeModel(lowerReference(graph)), { logSeverityLevel: 3 });
    const feeds = Object.fromEntries(
      sample.inputs.map(({ shape, data }, i) => [
        name(i),
        isFloat(data) ? new Tensor('float64', data, shape) : new Tensor('int32', data, shape),
      ]),
    );
    const results = Object.values(await session.run(feeds));
    await session.release();
    const actual = results.map(({ type, dims }) => `${type}[${dims.join()}]`);
    const inferred = graph.outputs.map(({ value }) => `${value.dtype}[${value.shape.join()}]`);
    expect(actual).toEqual(inferred);
  });

  const differentiable = typeof ops[op].vjp === 'function';
  it.runIf(differentiable)('has the first and second derivative that central differences give', async () => {
    const inputs = sample.inputs.flatMap(({ shape, data }, i) => (isFloat(data) ? [[name(i), { shape, data }]] : []));
    const { first, second } = await gradcheck({
      inputs: Object.fromEntries(inputs),
      f: (g, values) => emit(g, op, sample, Object.values(values)),
    });
    expect(first).toBeLessThan(GRADCHECK_TOLERANCE);
    expect(second).toBeLessThan(GRADCHECK_TOLERANCE);
  });

  it.runIf(differentiable)('can be differentiated a third time: the table is closed', () => {
    const g = new GraphBuilder(ops, 'float64');
    const inputs = declare(g, sample);
    const wrt = inputs.filter(({ dtype }) => dtype === 'float64');
    const square = (values: readonly Value[]): Value =>
      values.map((value) => dot(g, value, value)).reduce((a, b) => add(g, a, b));
    let derivatives = grad(g, square(emit(g, op, sample, inputs)), wrt);
    for (let order = 2; order <= 3; order++) derivatives = grad(g, square(derivatives), wrt);
    const graph = g.finish('third', Object.fromEntries(derivatives.map((value, i) => [`d${i}`, value])));
    expect(graph.nodes.length).toBeGreaterThan(0);
    expect(() => validateGraph(graph, ops)).not.toThrow();
    expect(derivatives.map(({ shape }) => shape)).toEqual(wrt.map(({ shape }) => shape));
  });

  it('refuses an input too few, one too many, and floats of two types', () => {
    const g = new GraphBuilder(ops, 'float64');
    const inputs = declare(g, sample);
    const [first, ...rest] = inputs;
    const given = new RegExp(`^Cannot build ${op}(_\\d+)? \\(.*\\): `);
    const refuses = (wrong: readonly Value[]): void => {
      expect(() => emit(g, op, sample, wrong)).toThrow(ShapeError);
      expect(() => emit(g, op, sample, wrong)).toThrow(given);
    };
    if (!takesAnyNumber.has(op)) {
      refuses(rest);
      refuses([...inputs, first as Value]);
    }
    for (const [i, { shape }] of inputs.entries()) {
      const other = g.input(`other${i}`, shape, { kind: 'data' }, 'float32');
      if (inputs.length > 1) refuses(inputs.map((value, j) => (i === j ? other : value)));
    }
  });

  it('gives the same numbers in float32, where ORT may take another kernel', async () => {
    const run = async (float: 'float32' | 'float64'): Promise<number[][]> => {
      const graph = buildGraph(float, (g) =>
        Object.fromEntries(emit(g, op, sample, declare(g, sample)).map((value, i) => [`output${i}`, value])),
      );
      const feeds = sample.inputs.map(({ data }, i) => [
        name(i),
        isFloat(data) && float === 'float32' ? Float32Array.from(data) : data,
      ]);
      const outputs = await evaluate(graph, Object.fromEntries(feeds));
      return Object.values(outputs).map((data) => Array.from<number | bigint, number>(data, Number));
    };
    const [single, double] = [await run('float32'), await run('float64')];
    single.forEach((output, i) => {
      const exact = double[i] as number[];
      const scale = Math.max(1, ...exact.map(Math.abs));
      // 1e-5: some hundred roundings of 6e-8, on values of order one.
      output.forEach((value, j) => expect(Math.abs(value - (exact[j] as number)) / scale).toBeLessThan(1e-5));
    });
  });
});
