import { describe, expect, it } from 'vitest';
import { DataError, UnsupportedOpError } from '../errors.ts';
import {
  float,
  floats,
  type GraphText,
  graphAttribute,
  int,
  node,
  onnxBytes,
  port,
  type TensorText,
} from '../testing/onnx-bytes.ts';
import { readOnnx } from './read.ts';
import type { TensorSources } from './tensors.ts';

const x = port('x', ['N', 3]);
const y = port('y', []);

/** A graph that adds one constant to its input. */
function adding(tensor: TensorText): GraphText {
  return { input: [x], output: [y], node: [node('Add', ['x', 'w'], ['y'])], initializer: [{ name: 'w', ...tensor }] };
}

function constantOf(tensor: TensorText, sources?: TensorSources) {
  const { type, shape, data } = readOnnx(onnxBytes(adding(tensor)), sources).graph.initialisers.get('w') ?? {};
  return { type, shape, data };
}

const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

describe('readOnnx() reads the numbers of a tensor', () => {
  it.each<[string, TensorText, string, ArrayLike<number | bigint>]>([
    ['raw float', { dataType: 1, rawData: raw(0, 0, 128, 63, 0, 0, 0, 192) }, 'float', Float32Array.of(1, -2)],
    ['float_data', { dataType: 1, floatData: [0.1, -0] }, 'float', Float32Array.of(0.1, -0)],
    ['raw uint8', { dataType: 2, rawData: raw(1, 255) }, 'uint8', Uint8Array.of(1, 255)],
    ['uint8 in int32_data', { dataType: 2, int32Data: [1, 255] }, 'uint8', Uint8Array.of(1, 255)],
    ['int8 in int32_data', { dataType: 3, int32Data: [-128, 127] }, 'int8', Int8Array.of(-128, 127)],
    ['raw int8', { dataType: 3, rawData: raw(128, 127) }, 'int8', Int8Array.of(-128, 127)],
    ['raw uint16', { dataType: 4, rawData: raw(1, 2, 255, 255) }, 'uint16', Uint16Array.of(513, 65535)],
    ['raw int16', { dataType: 5, rawData: raw(1, 2, 255, 255) }, 'int16', Int16Array.of(513, -1)],
    ['int32_data', { dataType: 6, int32Data: [-1, 2147483647] }, 'int32', Int32Array.of(-1, 2147483647)],
    [
      'raw int64',
      { dataType: 7, rawData: raw(...Array<number>(8).fill(255), 5, 0, 0, 0, 0, 0, 0, 0) },
      'int64',
      BigInt64Array.of(-1n, 5n),
    ],
    ['int64_data', { dataType: 7, int64Data: [-(2n ** 63n), 7n] }, 'int64', BigInt64Array.of(-(2n ** 63n), 7n)],
    ['raw bool', { dataType: 9, rawData: raw(1, 0) }, 'bool', Uint8Array.of(1, 0)],
    ['bool in int32_data', { dataType: 9, int32Data: [0, 1] }, 'bool', Uint8Array.of(0, 1)],
    [
      'raw double',
      { dataType: 11, rawData: new Uint8Array(Float64Array.of(0.1, 1e300).buffer) },
      'double',
      Float64Array.of(0.1, 1e300),
    ],
    ['double_data', { dataType: 11, doubleData: [0.1, 1e300] }, 'double', Float64Array.of(0.1, 1e300)],
    ['uint32 in uint64_data', { dataType: 12, uint64Data: [0n, 4294967295n] }, 'uint32', Uint32Array.of(0, 4294967295)],
    [
      'uint64_data',
      { dataType: 13, uint64Data: [0n, 2n ** 64n - 1n] },
      'uint64',
      BigUint64Array.of(0n, 2n ** 64n - 1n),
    ],
    // 0x3555 is 0.333251953125, 0x0001 is 2^-24, in half precision; 0x3eab is 0.333984375 in bfloat16.
    [
      'raw float16',
      { dataType: 10, rawData: raw(0x55, 0x35, 0x01, 0x80) },
      'float16',
      Float32Array.of(0.333251953125, -(2 ** -24)),
    ],
    [
      'float16 in int32_data',
      { dataType: 10, int32Data: [0x7bff, 0xfc00] },
      'float16',
      Float32Array.of(65504, Number.NEGATIVE_INFINITY),
    ],
    [
      'raw bfloat16',
      { dataType: 16, rawData: raw(0xab, 0x3e, 0x80, 0xbf) },
      'bfloat16',
      Float32Array.of(0.333984375, -1),
    ],
    ['bfloat16 in int32_data', { dataType: 16, int32Data: [0x3f80, 0x4000] }, 'bfloat16', Float32Array.of(1, 2)],
  ])('%s', (_, tensor, type, data) => {
    expect(constantOf({ dims: [2n], ...tensor })).toEqual({ type, shape: [2], data });
  });

  it('of a scalar, and of none', () => {
    expect(constantOf({ dataType: 1, floatData: [3] })).toEqual({ type: 'float', shape: [], data: Float32Array.of(3) });
    expect(constantOf({ dims: [0n, 4n], dataType: 1 })).toEqual({
      type: 'float',
      shape: [0, 4],
      data: new Float32Array(0),
    });
  });

  it('alike from a Buffer within a larger one, at any place, and leaves the bytes as they are', () => {
    const bytes = onnxBytes(adding(floats('w', [3], [1, 2, 3])));
    for (let start = 0; start < 5; start++) {
      const pool = Buffer.alloc(bytes.length + 9, 0xee);
      pool.set(bytes, start);
      const place = pool.subarray(start, start + bytes.length);
      expect(readOnnx(place).graph.initialisers.get('w')?.data).toEqual(Float32Array.of(1, 2, 3));
      expect(Buffer.compare(place, bytes)).toBe(0);
    }
  });

  it('as views of bytes that are given away, wherever these stand', () => {
    const shape = [5, 4, 7];
    const many = Float32Array.from({ length: 140 }, (_, i) => i / 7);
    const bytes = onnxBytes(adding(floats('w', shape, many)));
    for (let start = 0; start < 4; start++) {
      const pool = new Uint8Array(bytes.length + 4);
      pool.set(bytes, start);
      const data = readOnnx(pool.subarray(start, start + bytes.length), { inPlace: true }).graph.initialisers.get(
        'w',
      )?.data;
      expect(data).toEqual(many);
      expect(data?.buffer).toBe(pool.buffer);
    }
  });

  it('from elsewhere, by the place that the file states', () => {
    const externalData = [
      { key: 'location', value: 'weights.bin' },
      { key: 'offset', value: '16' },
      { key: 'length', value: '8' },
    ];
    const tensor: TensorText = { dims: [2n], dataType: 1, dataLocation: 1, externalData };
    const asked: unknown[] = [];
    const external = (place: object): Uint8Array => {
      asked.push(place);
      return new Uint8Array(Float32Array.of(4, 5).buffer);
    };
    expect(constantOf(tensor, { external }).data).toEqual(Float32Array.of(4, 5));
    expect(asked).toEqual([{ location: 'weights.bin', offset: 16, length: 8 }]);
    expect(() => constantOf(tensor)).toThrow("tensor 'w' are in another file, 'weights.bin'");
    expect(() => constantOf({ ...tensor, dims: [3n] }, { external })).toThrow('must hold 12 bytes by its shape, got 8');
    expect(() => constantOf(tensor, { external: () => raw(1) })).toThrow(DataError);
  });
});

describe('readOnnx() refuses a tensor', () => {
  it.each<[string, TensorText, string]>([
    [
      'with a number too few',
      { dims: [3n], dataType: 1, floatData: [1, 2] },
      "Tensor 'w' must hold 3 numbers, got 2 numbers",
    ],
    [
      'with a byte too many',
      { dims: [1n], dataType: 1, rawData: new Uint8Array(5) },
      'must hold 1 number, got 5 bytes',
    ],
    [
      'that says it is huge',
      { dims: [2n ** 20n, 2n ** 20n], dataType: 1 },
      'must hold 1099511627776 numbers, got 0 bytes',
    ],
    ['beyond all numbers', { dims: [2n ** 40n, 2n ** 40n], dataType: 1 }, 'of a size that a file can have'],
    ['of negative size', { dims: [-1n], dataType: 1 }, 'must not be negative'],
    ['stored twice', { dims: [1n], dataType: 1, floatData: [1], rawData: new Uint8Array(4) }, 'in one form'],
    ['in a field of another type', { dims: [1n], dataType: 1, int32Data: [1] }, 'in one form'],
    ['of no type', { dims: [1n], rawData: new Uint8Array(4) }, 'of a type that ONNX has'],
  ])('%s', (_, tensor, message) => {
    expect(() => constantOf(tensor)).toThrow(new RegExp(message));
    expect(() => constantOf(tensor)).toThrow(DataError);
  });
});

describe('readOnnx() reads a graph', () => {
  it('without the inputs that repeat a constant, and with sizes as numbers, names or open', () => {
    const bytes = onnxBytes({
      ...adding(floats('w', [3], [1, 2, 3])),
      input: [port('x', ['N', 3, -1, '']), port('w', [3])],
    });
    expect(readOnnx(bytes).graph.inputs).toEqual([{ name: 'x', type: 'float', shape: ['N', 3, undefined, undefined] }]);
  });

  it("with ONNX's own domain under both its names", () => {
    const graph = adding(floats('w', [3], [1, 2, 3]));
    const named = { ...graph, node: [{ ...node('Add', ['x', 'w'], ['y']), domain: 'ai.onnx' }] };
    const opsetImport = [{ domain: 'ai.onnx', version: 13n }];
    for (const given of [named, graph]) {
      const { opsets, graph: read } = readOnnx(onnxBytes(given, { opsetImport }));
      expect([...opsets]).toEqual([['', 13]]);
      expect(read.nodes.map(({ domain }) => domain)).toEqual(['']);
    }
  });

  it('whose body reads what is made around it', () => {
    const body: GraphText = { node: [node('Neg', ['x'], ['b'])], output: [port('b', [])] };
    const through: GraphText = { node: [node('Neg', ['c'], ['unused'])], output: [port('x', [])] };
    const { graph } = readOnnx(
      onnxBytes({
        input: [x, port('c', [])],
        output: [y],
        node: [node('If', ['c'], ['y'], [graphAttribute('then_branch', body), graphAttribute('else_branch', through)])],
      }),
    );
    const branch = graph.nodes[0]?.attributes.get('then_branch');
    expect(branch?.kind === 'graph' && branch.value.nodes[0]?.inputs).toEqual(['x']);
  });

  it('that has text and functions of its own, and says so', () => {
    const read = readOnnx(
      onnxBytes(
        { ...adding({ dims: [1n], dataType: 8, stringData: [raw(65)] }) },
        { functions: [{ name: 'gelu', domain: 'local' }] },
      ),
    );
    expect(read.graph.unread.get('w')).toEqual({ name: 'w', type: 'string', shape: [1] });
    expect([...read.functions]).toEqual(['local::gelu']);
  });
});

describe('readOnnx() refuses a model', () => {
  const good = adding(floats('w', [3], [1, 2, 3]));
  const nested = (depth: number): GraphText => ({
    node: [
      depth === 0
        ? node('Neg', ['x'], ['b'])
        : node('If', ['x'], ['b'], [graphAttribute('then_branch', nested(depth - 1))]),
    ],
    output: [port('b', [])],
  });
  it.each<[string, GraphText, string]>([
    [
      'that reads what nothing makes',
      { ...good, node: [node('Add', ['x', 'lost'], ['y'])] },
      "The Add that makes 'y' must read what is made, but nothing makes 'lost'",
    ],
    ['whose output nothing makes', { ...good, output: [port('z', [])] }, "nothing makes 'z'"],
    [
      'whose nodes stand out of order',
      { ...good, node: [node('Neg', ['a'], ['y'], [], 'last'), node('Add', ['x', 'w'], ['a'])] },
      "Neg 'last' reads 'a' of a later one",
    ],
    [
      'whose nodes go in a ring',
      { ...good, node: [node('Add', ['x', 'a'], ['y']), node('Neg', ['y'], ['a'])] },
      'in a ring',
    ],
    [
      'in which two nodes make one value',
      { ...good, node: [...(good.node ?? []), node('Neg', ['x'], ['y'])] },
      "got 'y' twice",
    ],
    [
      'in which a node makes an input',
      { ...good, node: [node('Neg', ['w'], ['x']), ...(good.node ?? [])] },
      "got 'x' twice",
    ],
    [
      'with an initialiser twice',
      { ...good, initializer: [floats('w', [1], [1]), floats('w', [1], [1])] },
      "initialiser 'w' twice",
    ],
    [
      'with an attribute twice',
      { ...good, node: [node('Add', ['x', 'w'], ['y'], [int('axis', 1), int('axis', 2)])] },
      "'axis' twice",
    ],
    [
      'with an attribute of no type',
      { ...good, node: [node('Add', ['x', 'w'], ['y'], [{ name: 'axis', i: 1n }])] },
      'of which type',
    ],
    [
      'with an op of a domain that it does not import',
      { ...good, node: [{ ...node('Add', ['x', 'w'], ['y']), domain: 'org.other' }] },
      "Add of 'org.other'",
    ],
    ['nested too deep', { ...nested(17), input: [x] }, 'nested at most 16 deep'],
    ['nested far too deep', { ...nested(60), input: [x] }, 'nested at most 16 deep'],
    ['without nodes', { ...good, node: [] }, 'must hold a graph with nodes'],
    [
      'whose names would command a terminal',
      { ...good, node: [node('Add', ['x', '\u001b[2Jlost\u202e\n'], ['y'])] },
      "nothing makes '\\[2Jlost'",
    ],
  ])('%s', (_, graph, message) => {
    expect(() => readOnnx(onnxBytes(graph))).toThrow(new RegExp(message));
    expect(() => readOnnx(onnxBytes(graph))).toThrow(DataError);
  });

  it.each([0, 24])('of opset %i', (version) => {
    const bytes = onnxBytes(good, { opsetImport: [{ domain: '', version: BigInt(version) }] });
    expect(() => readOnnx(bytes)).toThrow(UnsupportedOpError);
    expect(() => readOnnx(bytes)).toThrow(`opset 1 to 23, got opset ${version}`);
  });

  it('of an opset before 7 with what is not known of it', () => {
    const opsetImport = [{ domain: '', version: 5n }];
    const reshaped = { ...good, node: [node('Reshape', ['x'], ['y'], [int('shape', 2)])] };
    expect(() => readOnnx(onnxBytes(reshaped, { opsetImport }))).toThrow('Reshape of opset 5 is not known; convert');
  });

  it('that names two opsets of one domain', () => {
    const opsetImport = [
      { domain: '', version: 13n },
      { domain: 'ai.onnx', version: 12n },
    ];
    expect(() => readOnnx(onnxBytes(good, { opsetImport }))).toThrow('got 13 and 12');
  });

  it('that is another kind of file', () => {
    const png = raw(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    for (const garbage of [
      png,
      new TextEncoder().encode('{"graph": []}'),
      new Uint8Array(64).fill(0xff),
      new Uint8Array(0),
    ]) {
      expect(() => readOnnx(garbage)).toThrow(DataError);
    }
  });
});

it('readOnnx() gives attributes as numbers and text', () => {
  const graph = adding(floats('w', [3], [1, 2, 3]));
  const [read] = readOnnx(
    onnxBytes({ ...graph, node: [node('Add', ['x', 'w'], ['y'], [int('a', -3), float('b', 0.5)])] }),
  ).graph.nodes;
  expect([...(read?.attributes ?? [])]).toEqual([
    ['a', { kind: 'int', value: -3 }],
    ['b', { kind: 'float', value: 0.5 }],
  ]);
});
