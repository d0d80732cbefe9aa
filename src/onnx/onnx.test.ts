import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { DataError, UnsupportedOpError } from '../errors.ts';
import {
  PhysicalBuilder,
  type PhysicalGraph,
  type PhysicalValue,
  physicalValue,
  type Port,
} from '../graph/physical.ts';
import { encodeModel, OPSET } from './encode.ts';
import { ModelProtoSchema } from './generated/onnx_pb.ts';
import type { OnnxAttribute } from './model.ts';
import { readOnnx } from './read.ts';

const port = (name: string, value: PhysicalValue): Port => ({ name, value, perm: undefined });
const x = physicalValue('x', { dtype: 'float32', shape: [3, 5] });

/**
 * A graph with each kind of attribute (int, ints, float, string), of constant, both domains, an output, and an update
 * that is an output too: y = LeakyRelu(xᵀ) · [6, 10], total = Einsum of it, s ← total.
 */
function sample(): PhysicalGraph {
  const b = new PhysicalBuilder();
  const turned = b.emit('Transpose', [x], { perm: [1, 0] }, [5, 3]);
  const leaky = b.emit('LeakyRelu', [turned], { alpha: { float: 0.25 } }, [5, 3]);
  const mixed = b.emit(
    'FusedMatMul',
    [leaky, b.constant([1, 2, 3, 4, 5, 6], [3, 2], 'float32')],
    { transA: 0 },
    [5, 2],
    {
      domain: 'com.microsoft',
    },
  );
  const y = b.emit('Reshape', [mixed, b.ints([2, -1])], {}, [2, 5]);
  const total = b.emit('Einsum', [y], { equation: 'ij->' }, []);
  const s = physicalValue('s', { dtype: 'float32', shape: [] });
  return {
    name: 'sample',
    inputs: [port('x', x), port('s', s)],
    outputs: [port('result', y), port('total', total)],
    updates: [port('s', total)],
    initialisers: b.initialisers,
    nodes: b.nodes,
  };
}

const graph = sample();
const bytes = encodeModel(graph);
const data = Float32Array.from({ length: 15 }, (_, i) => (i - 6) / 4);

async function run(model: Uint8Array): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  const feeds = { x: new Tensor('float32', data, [3, 5]), s: new Tensor('float32', [0], []) };
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data: numbers }]) => [name, [...(numbers as Float32Array)]]),
  );
}

describe('encodeModel()', () => {
  it('writes what ONNX Runtime loads and runs', async () => {
    const leaky = [...data].map((value) => (value < 0 ? value / 4 : value));
    const y = [0, 1, 2, 3, 4].flatMap((i) =>
      [0, 1].map((j) => [0, 1, 2].reduce((sum, k) => sum + (leaky[5 * k + i] as number) * (2 * k + j + 1), 0)),
    );
    const [result, total] = Object.values(await run(bytes));
    expect(result).toEqual(y);
    expect(total).toEqual([y.reduce((sum, value) => sum + value, 0)]);
  });

  it('writes an output that is also an update once', () => {
    expect(fromBinary(ModelProtoSchema, bytes).graph?.output.map(({ name }) => name)).toEqual(
      graph.outputs.map(({ value }) => value.name),
    );
  });

  it('names the opset of each domain in use, and no other', () => {
    const imports = fromBinary(ModelProtoSchema, bytes).opsetImport.map(({ domain, version }) => [domain, version]);
    expect(imports).toEqual([
      ['', BigInt(OPSET)],
      ['com.microsoft', 1n],
    ]);
  });

  it('writes equal graphs as equal bytes', () => {
    expect(encodeModel(sample())).toEqual(bytes);
  });

  it.each([
    ['for a session', undefined],
    ['for readers', { producerVersion: '1.2.3' }],
    ['for readers, of any batch', { producerVersion: '1.2.3', isBatchOpen: true }],
  ])('writes the bytes of the library that reads onnx.proto, %s', (_, annotations) => {
    const body = { ...graph, name: 'body', inputs: [], updates: [] };
    const loop = new PhysicalBuilder();
    const outer = loop.emit('Loop', [x], { body: { graph: body }, axis: -1 }, [2, 5]);
    const nested = { ...graph, outputs: [port('result', outer)], nodes: [...graph.nodes, ...loop.nodes] };
    for (const one of [graph, nested]) {
      const made = encodeModel(one, annotations);
      const model = fromBinary(ModelProtoSchema, made);
      // What it does not know it would keep, at the end.
      expect(model.$unknown ?? []).toEqual([]);
      expect(toBinary(ModelProtoSchema, model)).toEqual(made);
    }
  });

  it.each([
    ['float32', [0.1, -0, Number.POSITIVE_INFINITY], [Math.fround(0.1), -0, Number.POSITIVE_INFINITY]],
    ['float64', [0.1, 1e-300, -0], [0.1, 1e-300, -0]],
    ['int32', [2 ** 31 - 1, -(2 ** 31), 7], [2 ** 31 - 1, -(2 ** 31), 7]],
    ['int64', [2 ** 53 - 1, -(2 ** 53) + 1, -1], [2 ** 53 - 1, -(2 ** 53) + 1, -1]],
    ['bool', [1, 0, 1], [1, 0, 1]],
  ] as const)('stores %s constants exactly', async (dtype, numbers, stored) => {
    const b = new PhysicalBuilder();
    const y = b.emit('Identity', [b.constant(numbers, [3], dtype)], {}, [3]);
    const model = encodeModel({
      name: 'constant',
      inputs: [],
      outputs: [port('y', y)],
      updates: [],
      initialisers: b.initialisers,
      nodes: b.nodes,
    });
    const [read] = readOnnx(model).graph.initialisers.values();
    expect(Array.from(read?.data ?? [], Number)).toEqual(stored);
    const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
    const [result] = Object.values(await session.run({}));
    await session.release();
    expect(result?.type).toBe(dtype);
    expect(Array.from(result?.data as ArrayLike<number | bigint>, Number)).toEqual(stored);
  });
});

describe('readOnnx() of what encodeModel() writes', () => {
  it('reads back nodes, attributes, ports and initialisers', () => {
    const { graph: read, opsets, producer } = readOnnx(bytes);
    const names = (values: readonly PhysicalValue[]): string[] => values.map(({ name }) => name);
    const attribute = (value: OnnxAttribute): unknown => {
      if (value.kind === 'float') return { float: value.value };
      return value.kind === 'graph' ? undefined : 'value' in value ? value.value : undefined;
    };
    expect(
      read.nodes.map(({ domain, op, inputs, outputs, attributes }) => ({
        domain,
        op,
        inputs,
        outputs,
        attrs: Object.fromEntries([...attributes].map(([name, value]) => [name, attribute(value)])),
      })),
    ).toEqual(
      graph.nodes.map(({ domain, op, inputs, outputs, attrs }) => ({
        domain,
        op,
        inputs: names(inputs),
        outputs: names(outputs),
        attrs,
      })),
    );
    expect(
      [...read.initialisers.values()].map(({ name, shape, data: held }) => [name, shape, Array.from(held, Number)]),
    ).toEqual(graph.initialisers.map(({ value, data: given }) => [value.name, value.shape, given]));
    expect(read.inputs).toEqual([
      { name: 'x', type: 'float', shape: [3, 5] },
      { name: 's', type: 'float', shape: [] },
    ]);
    expect(read.outputs.map(({ name, shape }) => [name, shape])).toEqual(
      graph.outputs.map(({ value }) => [value.name, value.shape]),
    );
    expect([read.name, producer.name, opsets.get(''), opsets.get('com.microsoft')]).toEqual([
      'sample',
      'normscope',
      OPSET,
      1,
    ]);
  });

  it('refuses every truncation of a model', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readOnnx(bytes.subarray(0, length))).toThrow(DataError);
    }
  });

  it('throws nothing but its own errors for a model with any one byte changed', () => {
    let refused = 0;
    const foreign: unknown[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const broken = bytes.slice();
      broken[i] = (broken[i] as number) ^ 0x85;
      try {
        readOnnx(broken);
      } catch (error) {
        refused += 1;
        if (!(error instanceof DataError || error instanceof UnsupportedOpError)) foreign.push(error);
      }
    }
    expect(foreign).toEqual([]);
    expect(refused).toBeGreaterThan(bytes.length / 4);
  });
});
