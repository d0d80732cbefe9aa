import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { add, mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Role } from '../graph/graph.ts';
import { ops } from '../ops/index.ts';
import { type Device, outputOf, scalarOf } from './device.ts';
import { type LoweringSettings, resolveLowering } from './lowering-choice.ts';
import { nodeDevice, threadlessDevice } from './node/node-device.ts';
import { openDevice } from './node/open-device.ts';

/** Every worker that a device starts, so that a test can end one from outside. */
const workers: Worker[] = [];
const watch = (worker: Worker): void => void workers.push(worker);
beforeAll(() => void process.on('worker', watch));
afterAll(() => void process.off('worker', watch));

const state: Role = { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'optimiser' };

/** count ← 2 count + by, giving the count before. */
function counter(): Graph {
  const g = new GraphBuilder(ops);
  const count = g.input('count', [3], state);
  const next = add(g, mul(g, count, 2), g.input('by', [3], { kind: 'data' }));
  return g.finish('step', { before: mul(g, count, 1) }, [{ state: count, next }]);
}

/** Takes a while: a long chain of products of 600 × 600 matrices. */
function slow(): Graph {
  const g = new GraphBuilder(ops);
  const x = g.input('x', [600, 600], { kind: 'data' });
  let y = x;
  for (let i = 0; i < 50; i++) y = g.emit('MatMul', [y, x]);
  return g.finish('slow', { y });
}

const opened: Device[] = [];
function open(): Device {
  const device = nodeDevice({ lowering: 'reference', threads: 1 });
  opened.push(device);
  return device;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((device) => device.close()));
});

const by = (...numbers: number[]): Record<string, Float32Array> => ({ by: Float32Array.from(numbers) });
const ended = /^The engine's thread ended with code 1$/;

describe.each([
  ['in a thread of its own', nodeDevice],
  ['without a thread', threadlessDevice],
])('a device %s', (_, start) => {
  const open = (): Device => {
    const device = start({ lowering: 'reference', threads: 1 });
    opened.push(device);
    return device;
  };

  it('carries calls out in the order in which they are made, none awaited', async () => {
    const device = open();
    const step = await device.load(counter(), 'state');
    const answers = await Promise.all([
      device.write(new Map([['count', Float32Array.of(1, 2, 3)]])),
      step.run(by(1, 1, 1)),
      device.read(['count']),
      step.run(by(0, 0, 5)),
      device.read(['count']),
    ]);
    const [, first, between, second, last] = answers;
    expect(first).toEqual({ before: Float32Array.of(1, 2, 3) });
    expect(between.get('count')).toEqual({ shape: [3], data: Float32Array.of(3, 5, 7) });
    expect(second).toEqual({ before: Float32Array.of(3, 5, 7) });
    expect(last.get('count')).toEqual({ shape: [3], data: Float32Array.of(6, 10, 19) });
  });

  it('hands errors on with their class and text, and works on', async () => {
    const device = open();
    const step = await device.load(counter(), 'state');
    await expect(step.run(by(1))).rejects.toMatchObject({
      name: 'ShapeError',
      message: "'by' must be 3 numbers in Float32Array ([3]), got 1 in Float32Array",
    });
    await expect(device.read(['total'])).rejects.toMatchObject({ name: 'ShapeError' });
    await expect(device.load({ ...counter(), name: 'probe' })).rejects.toMatchObject({
      name: 'SettingError',
      message: "Only the training step may write state, but 'probe' writes 'count'",
    });
    expect(await step.run(by(4, 4, 4))).toEqual({ before: new Float32Array(3) });
  });

  it('tells programs of one name apart, and frees those that are released', async () => {
    const device = open();
    const [one, two] = [await device.load(counter(), 'state'), await device.load(counter(), 'state')];
    expect([one.name, two.name]).toEqual(['step', 'step']);
    await one.run(by(1, 1, 1));
    await one.release();
    await one.release();
    await expect(one.run(by(1, 1, 1))).rejects.toMatchObject({ name: 'SettingError' });
    expect(await two.run(by(0, 0, 0))).toEqual({ before: Float32Array.of(1, 1, 1) });
  });

  it('has siblings, whose state is their own and who are closed by themselves', async () => {
    const device = open();
    const sibling = device.sibling();
    const [step, other] = [await device.load(counter(), 'state'), await sibling.load(counter(), 'state')];
    await step.run(by(1, 2, 3));
    expect((await sibling.read(['count'])).get('count')?.data).toEqual(new Float32Array(3));
    await other.run(by(7, 7, 7));
    await sibling.close();
    await sibling.close();
    await expect(other.run(by(1, 1, 1))).rejects.toThrow(/released/);
    await expect(sibling.read(['count'])).rejects.toThrow('The device is closed');
    expect((await device.read(['count'])).get('count')?.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('has siblings of another lowering, in the usual form of that one', () => {
    const device = open();
    const about = (lowering: LoweringSettings): object => ({ ...device.settings, ...resolveLowering(lowering) });
    for (const lowering of ['reference', 'blocked8', 'portable'] as const) {
      expect(device.sibling({ lowering }).settings).toEqual(about({ lowering }));
    }
    const direct = { lowering: 'portable', convolution: 'direct' } as const;
    expect(device.sibling(direct).sibling().settings).toEqual(about(direct));
    expect(device.sibling(direct).sibling({ lowering: 'portable' }).settings).toEqual(about({ lowering: 'portable' }));
  });

  it('refuses calls once it is closed, and may be closed twice', async () => {
    const device = open();
    const step = await device.load(counter(), 'state');
    await device.close();
    await device.close();
    await expect(step.run(by(1, 1, 1))).rejects.toThrow('The device is closed');
    await expect(step.release()).resolves.toBeUndefined();
  });
});

describe('a device in a thread of its own', () => {
  it('leaves the feeds to their owner, who may change them at once', async () => {
    const device = open();
    const step = await device.load(counter(), 'state');
    const feeds = by(1, 2, 3);
    const pending = step.run(feeds);
    feeds['by']?.fill(99);
    await pending;
    expect((await device.read(['count'])).get('count')?.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('keeps the event loop free while it works', async () => {
    const program = await open().load(slow());
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await program.run({ x: new Float32Array(360_000) });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
  });

  it('rejects what is under way and what comes later when its thread dies', async () => {
    const device = open();
    const step = await device.load(counter(), 'state');
    // Ended while idle, before it sees the calls: ending a thread inside ORT can take the process with it.
    const death = workers.at(-1)?.terminate();
    const outcomes = await Promise.allSettled([step.run(by(1, 1, 1)), device.read(['count'])]);
    await death;
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { message: expect.stringMatching(ended) } },
      { status: 'rejected', reason: { message: expect.stringMatching(ended) } },
    ]);
    await expect(device.read(['count'])).rejects.toThrow(ended);
    await expect(device.close()).resolves.toBeUndefined();
  });

  it('closes all the same when its thread dies while closing', async () => {
    const device = open();
    await device.load(counter(), 'state');
    const death = workers.at(-1)?.terminate();
    await expect(device.close()).resolves.toBeUndefined();
    await death;
  });
});

describe('openDevice()', () => {
  it('takes the fastest lowering that is right here, and says how far it is from float64', async () => {
    const device = await openDevice();
    opened.push(device);
    const { check, failed } = device.chosen;
    expect(device.settings).toMatchObject({ lowering: check.lowering, convolution: check.convolution, threads: 1 });
    expect(check).toMatchObject({ passed: true });
    expect(check.lowering).not.toBe('reference');
    expect(failed.every(({ passed }) => !passed)).toBe(true);
  });

  it('takes the lowering that is named', async () => {
    const device = await openDevice({ lowering: 'portable', convolution: 'direct', threads: 2 });
    opened.push(device);
    expect(device.settings).toEqual({ lowering: 'portable', convolution: 'direct', threads: 2 });
    const step = await device.load(counter(), 'state');
    expect(await step.run(by(1, 2, 3))).toEqual({ before: new Float32Array(3) });
  });
});

describe('outputOf(), scalarOf()', () => {
  const outputs = { loss: Float32Array.of(2.5), losses: Float32Array.of(1, 2) };

  it('give what is there, and never a number in place of what is not', () => {
    expect(outputOf(outputs, 'losses')).toEqual(Float32Array.of(1, 2));
    expect(scalarOf(outputs, 'loss')).toBe(2.5);
    expect(() => outputOf(outputs, 'accuracy')).toThrow("A program must give 'accuracy', got loss, losses");
    expect(() => scalarOf(outputs, 'losses')).toThrow("'losses' must be one number, got 2");
  });
});
