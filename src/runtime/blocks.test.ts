import { describe, expect, it } from 'vitest';
import { UnsupportedOpError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { buildGraph } from '../testing/evaluate.ts';
import { blockedHere } from '../testing/usual-lowering.ts';
import { requireBlocks } from './blocks.ts';
import type { Tensors } from './device.ts';
import { blockSize, type LoweringName, loweringNames } from './lowering-choice.ts';
import { threadlessDevice } from './node/node-device.ts';
import { nativeOrt } from './node/native-ort.ts';
import type { Ort } from './ort.ts';

const inBlocks = loweringNames.filter((name) => blockSize(name) !== undefined);

describe('requireBlocks()', () => {
  it.each([8, 16] as const)('agrees with the self-check about blocks of %i', async (block) => {
    const isRight = blockedHere !== undefined && blockSize(blockedHere) === block;
    expect(await outcome(requireBlocks(nativeOrt, block))).toBe(isRight ? 'right' : 'UnsupportedOpError');
  });

  it.each([8, 16] as const)(
    'finds blocks of %i where an op lays channels so, and says what was asked for',
    async (size) => {
      const blocks = laying((channel, pixel) => {
        const block = Math.floor(channel / size);
        return (block * 2 + pixel) * size + (channel % size);
      });
      await requireBlocks(blocks, size);
      const other = size === 8 ? 16 : 8;
      await expect(requireBlocks(blocks, other)).rejects.toThrow(
        `Blocks must have as many channels as ONNX Runtime's here, ${size}, got ${other}; try lowering 'auto'`,
      );
    },
  );

  it('refuses any size where channels are not laid in blocks, or no op lays them', async () => {
    const plain = laying((channel, pixel) => channel * 2 + pixel);
    const without: Ort = { ...nativeOrt, open: () => Promise.reject(new Error('No such op')) };
    for (const ort of [plain, without]) {
      for (const size of [8, 16] as const) await expect(requireBlocks(ort, size)).rejects.toThrow(UnsupportedOpError);
    }
    await expect(requireBlocks(without, 8)).rejects.toThrow('here, which has none, got 8');
  });
});

describe.each(inBlocks)('a device that is told to take %s without a check', (lowering) => {
  it('refuses convolutions in blocks of another size than the processor has', async () => {
    const isRight = lowering === blockedHere;
    expect(await outcome(run(lowering, convolution))).toBe(isRight ? 'right' : 'UnsupportedOpError');
  });

  it('runs what needs no blocks', async () => {
    const x = Float32Array.of(1, 2, 3);
    expect(
      await run(
        lowering,
        buildGraph('float32', (g) => ({ y: g.emit('Neg', [g.input('x', [3], data)]) })),
        x,
      ),
    ).toEqual({
      y: Float32Array.of(-1, -2, -3),
    });
  });
});

/** `right`, or the name of the error that something ends with. */
function outcome(something: Promise<unknown>): Promise<string> {
  return something.then(
    () => 'right',
    (error: Error) => error.name,
  );
}

const data = { kind: 'data' } as const;

const convolution = buildGraph('float32', (g) => {
  const [x, w] = [g.input('x', [2, 16, 5, 4], data), g.input('w', [16, 16, 3, 3], data)];
  return { y: g.emit('Conv', [x, w], { strides: [1, 1], pads: [1, 1, 1, 1] }) };
});

async function run(lowering: LoweringName, graph: Graph, x = new Float32Array(2 * 16 * 5 * 4)): Promise<Tensors> {
  const device = threadlessDevice({ lowering, threads: 1 });
  try {
    const program = await device.load(graph);
    const isFed = (name: string): boolean => graph.inputs.some(({ value }) => value.name === name);
    return await program.run({ x, ...(isFed('w') && { w: new Float32Array(16 * 16 * 9) }) });
  } finally {
    await device.close();
  }
}

/** A runtime whose one op puts 16 channels of two pixels each, given one channel after the other, where it is told. */
function laying(place: (channel: number, pixel: number) => number): Ort {
  return {
    ...nativeOrt,
    open: async () => ({
      run: async ({ x }, results) => {
        const [given, laid] = [x, Object.values(results)[0]].map((tensor) => tensor?.data as Float32Array);
        given?.forEach((value, i) =>
          laid?.fill(value, place(Math.floor(i / 2), i % 2), place(Math.floor(i / 2), i % 2) + 1),
        );
      },
      release: async () => undefined,
    }),
  };
}
