import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
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
import { decodeModel } from './decode.ts';
import { encodeModel, OPSET } from './encode.ts';
import { type ModelProto, ModelProtoSchema, OperatorSetIdProtoSchema } from './generated/onnx_pb.ts';

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

/** The sample's bytes after a change to the message. */
function changed(change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  change(model);
  return toBinary(ModelProtoSchema, model);
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
    expect(decodeModel(model).initialisers[0]?.data).toEqual(stored);
    const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
    const [result] = Object.values(await session.run({}));
    await session.release();
    expect(result?.type).toBe(dtype);
    expect(Array.from(result?.data as ArrayLike<number | bigint>, Number)).toEqual(stored);
  });
});

describe('decodeModel()', () => {
  it('reads back nodes, attributes, ports and initialisers', () => {
    const read = decodeModel(bytes);
    const names = (values: readonly PhysicalValue[]): string[] => values.map(({ name }) => name);
    const nodes = (g: PhysicalGraph) =>
      g.nodes.map(({ domain, op, inputs, outputs, attrs }) => ({
        domain,
        op,
        inputs: names(inputs),
        outputs: names(outputs),
        attrs,
      }));
    expect(nodes(read)).toEqual(nodes(graph));
    expect(read.initialisers).toEqual(graph.initialisers);
    expect(read.inputs).toEqual(graph.inputs);
    expect(read.outputs.map(({ value }) => value)).toEqual(graph.outputs.map(({ value }) => value));
    expect(read.name).toBe('sample');
  });

  it('makes a graph that is written as the same bytes and runs to the same numbers', async () => {
    const again = encodeModel(decodeModel(bytes));
    expect(again).toEqual(bytes);
    expect(await run(again)).toEqual(await run(bytes));
  });

  it('reads an optional input that is left out', () => {
    const model = changed(({ graph: g }) => g?.node[0]?.input.push(''));
    expect(decodeModel(model).nodes[0]?.inputs.map(({ name }) => name)).toEqual(['x', '']);
  });

  it('refuses every truncation of a model', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeModel(bytes.subarray(0, length))).toThrow(DataError);
    }
  });

  it('refuses bytes of another kind', () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    for (const garbage of [png, new TextEncoder().encode('{"graph": []}'), new Uint8Array(64).fill(0xff)]) {
      expect(() => decodeModel(garbage)).toThrow(DataError);
    }
  });

  it('throws nothing but its own errors for a model with any one byte changed', () => {
    for (let i = 0; i < bytes.length; i++) {
      const broken = bytes.slice();
      broken[i] = (broken[i] as number) ^ 0x85;
      const outcome = ((): unknown => {
        try {
          return decodeModel(broken);
        } catch (error) {
          return error;
        }
      })();
      const own = outcome instanceof DataError || outcome instanceof UnsupportedOpError;
      expect(outcome instanceof Error && !own).toBe(false);
    }
  });

  it.each<[string, (model: ModelProto) => void, Error]>([
    [
      'an initialiser without its last number',
      ({ graph: g }) => {
        for (const tensor of g?.initializer ?? []) tensor.rawData = tensor.rawData.subarray(4);
      },
      new DataError("Tensor 'constant#2' must hold 6 numbers, got 20 bytes"),
    ],
    [
      'a node that reads what nothing makes',
      ({ graph: g }) => g?.node[1]?.input.splice(0, 1, 'lost'),
      new DataError("Nodes must read what is made, but nothing makes 'lost'"),
    ],
    [
      'another opset',
      (model) => {
        for (const entry of model.opsetImport) entry.version = 13n;
      },
      new UnsupportedOpError(`Models must be of opset ${OPSET}, got opset 13`),
    ],
    [
      'an unknown domain',
      ({ graph: g, opsetImport }) => {
        for (const node of g?.node ?? []) node.domain = 'ai.onnx.ml';
        opsetImport.push(create(OperatorSetIdProtoSchema, { domain: 'ai.onnx.ml', version: 1n }));
      },
      new UnsupportedOpError("Ops of domain 'ai.onnx.ml' are not known here"),
    ],
    [
      'numbers outside the raw data',
      ({ graph: g }) => {
        for (const tensor of g?.initializer ?? []) tensor.rawData = new Uint8Array(0);
      },
      new UnsupportedOpError("Tensor 'constant#2' must be stored as raw data"),
    ],
    [
      'half floats',
      ({ graph: g }) => {
        for (const tensor of g?.initializer ?? []) tensor.dataType = 10;
      },
      new UnsupportedOpError("Element type 10 of 'constant#2' is not one normscope uses"),
    ],
  ])('refuses %s', (_, change, error) => {
    expect(() => decodeModel(changed(change))).toThrow(error);
  });

  it('refuses an open shape', () => {
    const model = changed(({ graph: g }) => {
      const type = g?.input[0]?.type?.value;
      const dimension = type?.case === 'tensorType' ? type.value.shape?.dim[0] : undefined;
      if (dimension !== undefined) dimension.value = { case: 'dimParam', value: 'N' };
    });
    expect(() => decodeModel(model)).toThrow(new UnsupportedOpError("'x' must have a static shape"));
  });

  it('refuses a model without nodes', () => {
    const empty = toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 10n, graph: { name: 'empty' } }));
    expect(() => decodeModel(empty)).toThrow(DataError);
  });
});
