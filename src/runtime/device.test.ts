import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { add, mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Role } from '../graph/graph.ts';
import { ops } from '../ops/index.ts';
import { Device } from './device.ts';

/** Every worker that a device starts, so that a test can end one from outside. */
const workers: Worker[] = vi.hoisted(() => []);
vi.mock('node:worker_threads', async (importOriginal) => {
  const threads = await importOriginal<typeof import('node:worker_threads')>();
  class Watched extends threads.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  }
  return { ...threads, Worker: Watched };
});

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
  const device = new Device({ lowering: 'reference', threads: 1 });
  opened.push(device);
  return device;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((device) => device.close()));
});

const by = (...numbers: number[]): Record<string, Float32Array> => ({ by: Float32Array.from(numbers) });
const ended = /^The engine's thread ended with code 1$/;

describe('Device', () => {
  it('carries calls out in the order in which they are made, none awaited', async () => {
    const device = open();
    const answers = await Promise.all([
      device.load(counter(), 'state'),
      device.write(new Map([['count', Float32Array.of(1, 2, 3)]])),
      device.run('step', by(1, 1, 1)),
      device.read(['count']),
      device.run('step', by(0, 0, 5)),
      device.read(['count']),
    ]);
    const [, , first, between, second, last] = answers;
    expect(first).toEqual({ before: Float32Array.of(1, 2, 3) });
    expect(between.get('count')).toEqual({ shape: [3], data: Float32Array.of(3, 5, 7) });
    expect(second).toEqual({ before: Float32Array.of(3, 5, 7) });
    expect(last.get('count')).toEqual({ shape: [3], data: Float32Array.of(6, 10, 19) });
  });

  it('leaves the feeds to their owner, who may change them at once', async () => {
    const device = open();
    await device.load(counter(), 'state');
    const feeds = by(1, 2, 3);
    const pending = device.run('step', feeds);
    feeds['by']?.fill(99);
    await pending;
    expect((await device.read(['count'])).get('count')?.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('keeps the event loop free while it works', async () => {
    const device = open();
    await device.load(slow());
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await device.run('slow', { x: new Float32Array(360_000) });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
  });

  it('hands errors on with their class and text, and works on', async () => {
    const device = open();
    await device.load(counter(), 'state');
    await expect(device.run('step', by(1))).rejects.toMatchObject({
      name: 'ShapeError',
      message: "'by' must be 3 numbers in Float32Array ([3]), got 1 in Float32Array",
    });
    await expect(device.run('stop', {})).rejects.toMatchObject({
      name: 'SettingError',
      message: "Program 'stop' must be loaded before it runs",
    });
    await expect(device.read(['total'])).rejects.toMatchObject({ name: 'ShapeError' });
    await expect(device.load({ ...counter(), name: 'probe' })).rejects.toMatchObject({
      name: 'SettingError',
      message: "Only the training step may write state, but 'probe' writes 'count'",
    });
    expect(await device.run('step', by(4, 4, 4))).toEqual({ before: new Float32Array(3) });
  });

  it('rejects what is under way and what comes later when its thread dies', async () => {
    const device = open();
    await device.load(counter(), 'state');
    // Ended while idle, before it sees the calls: ending a thread inside ORT can take the process with it.
    const death = workers.at(-1)?.terminate();
    const outcomes = await Promise.allSettled([device.run('step', by(1, 1, 1)), device.read(['count'])]);
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

  it('refuses calls once it is closed, and may be closed twice', async () => {
    const device = open();
    await device.load(counter(), 'state');
    await device.close();
    await device.close();
    await expect(device.run('step', by(1, 1, 1))).rejects.toThrow('The device is closed');
  });
});
