import { afterAll, beforeAll, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, RandomRole } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { fillDraws } from '../math/draws.ts';
import { createStream } from '../math/random.ts';
import { ops } from '../ops/index.ts';
import type { Device } from './device.ts';
import { referenceLowering } from './lowering-choice.ts';
import { threadlessDevice } from './node/node-device.ts';

let device: Device;
beforeAll(() => (device = threadlessDevice({ ...referenceLowering, threads: 1 })));
afterAll(() => device.close());

const [ROWS, CHANNELS] = [50, 7];
const role: RandomRole = { kind: 'random', distribution: 'normal', stream: 'a' };

/** What is drawn, as an output. */
function graphOf(name: string, of: RandomRole, float: FloatType = 'float32'): Graph {
  const g = new GraphBuilder(ops, float);
  return g.finish(name, { drawn: mul(g, g.input('noise', [ROWS, CHANNELS], of), 1) });
}

async function drawn(graph: Graph, key = { seed: 5, step: 9 }): Promise<readonly number[]> {
  const program = await device.load(graph);
  const found = (await program.run({}, key))['drawn'] as Float32Array;
  await program.release();
  return [...found];
}

it('programs that are run with one key draw the same numbers, in either precision, and others with another', async () => {
  const first = await drawn(graphOf('first', role));
  expect(new Set(first).size).toBeGreaterThan(ROWS);
  expect(await drawn(graphOf('second', role))).toEqual(first);
  expect(await drawn(graphOf('third', role, 'float64'))).toEqual(first);
  expect(await drawn(graphOf('first', role), { seed: 5, step: 10 })).not.toEqual(first);
  expect(await drawn(graphOf('first', role), { seed: 6, step: 9 })).not.toEqual(first);
  expect(await drawn(graphOf('first', { ...role, stream: 'b' }))).not.toEqual(first);
});

it('a program draws anew at each run', async () => {
  const program = await device.load(graphOf('steps', role));
  const at = async (step: number): Promise<string> => String((await program.run({}, { seed: 5, step }))['drawn']);
  const steps = [await at(0), await at(1), await at(2)];
  expect(new Set(steps).size).toBe(3);
  expect(await at(1)).toBe(steps[1]);
});

it('each place along the last axis has a centre of its own', async () => {
  const key = { seed: 5, step: 9 };
  const [low, high] = [1, 1.25];
  const found = await drawn(graphOf('centred', { ...role, width: 0.5, centres: { low, high } }), key);
  const centres = new Float32Array(CHANNELS);
  createStream({ ...key, purpose: 'noise', layer: 'a/centres' }).fillUniform(centres, low, high);
  const expected = new Float32Array(ROWS * CHANNELS);
  fillDraws(expected, { ...key, purpose: 'noise', layer: 'a' }, { distribution: 'normal', width: 0.5, centres });
  expect(found).toEqual([...expected]);
  expect(Math.min(...centres)).toBeGreaterThanOrEqual(low);
  expect(Math.max(...centres)).toBeLessThan(high);
});

it('a program that draws is not run without seed and step', async () => {
  const program = await device.load(graphOf('keyless', role));
  await expect(program.run({})).rejects.toThrow(
    new SettingError("Program 'keyless' draws 'noise': it must be given seed and step, got neither"),
  );
});
