import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { device } from '../../test/tiny-training.ts';
import { InterruptedError } from '../errors.ts';
import { mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { ops } from '../ops/index.ts';
import type { StepRecord } from '../records/record.ts';
import type { Laboratory } from './laboratory.ts';
import { measurementHash, type MeasurementSpec, runMeasurement } from './measurement.ts';
import { runCells } from './run-cells.ts';

vi.mock('../runtime/device.ts', async () => ({
  Device: (await import('../../test/in-thread-device.ts')).InThreadDevice,
}));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-measurement-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const record = (value: number): StepRecord => ({ step: 0, quantity: 'q', value, definition: 'd', mode: 'train' });

function specOf(measure: (laboratory: Laboratory) => Promise<readonly StepRecord[]>, seed = 0): MeasurementSpec {
  return { arm: 'batch', device, measurement: { name: 'paper/claim', seed, settings: { n: 3 }, seconds: 2, measure } };
}

/** y = factor · x, and an update of the state `s` to y. */
function scaling(factor: number, float: FloatType): ReturnType<GraphBuilder['finish']> {
  const g = new GraphBuilder(ops, float);
  const x = g.input('x', [3], { kind: 'data' });
  const s = g.input('s', [3], { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'norm' });
  const y = mul(g, x, factor);
  return g.finish('same name', { y }, [{ state: s, next: mul(g, y, s) }]);
}

describe('a measurement', () => {
  it('runs graphs in either precision, two of one name included, with what would be state fed and returned', async () => {
    const results: unknown[] = [];
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      for (const [factor, float] of [
        [2, 'float64'],
        [3, 'float64'],
        [0.1, 'float32'],
      ] as const) {
        const data = (...values: number[]) => (float === 'float64' ? Float64Array : Float32Array).from(values);
        const graph = scaling(factor, float);
        results.push(await laboratory.run(graph, { x: data(1, 2, 4), s: data(1, 1, 2) }));
        await laboratory.run(graph, { x: data(0, 0, 0), s: data(0, 0, 0) });
      }
      return [record(1)];
    };
    await runMeasurement(specOf(measure), root, () => undefined);
    const rounded = (...values: number[]) => Float64Array.from(Float32Array.from(values));
    expect(results).toEqual([
      { y: Float64Array.of(2, 4, 8), s: Float64Array.of(2, 4, 16) },
      { y: Float64Array.of(3, 6, 12), s: Float64Array.of(3, 6, 24) },
      { y: rounded(0.1, 0.2, 0.4), s: rounded(0.1, 0.2, 0.8) },
    ]);
  });

  it('is found again, and not repeated, by seed and settings', async () => {
    let count = 0;
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      await laboratory.progress(1, 1);
      return [record(++count)];
    };
    const specs = [specOf(measure, 0), specOf(measure, 1), specOf(measure, 0)];
    const first = await runCells({ specs, root, parallel: 1 });
    const second = await runCells({ specs, root, parallel: 2 });
    expect(count).toBe(2);
    expect(first.map((cell) => cell.records()[0]?.value)).toEqual([1, 2, 1]);
    expect(second.map(({ hash }) => hash)).toEqual(first.map(({ hash }) => hash));
    const other = specOf(measure);
    const changed = { ...other, measurement: { ...other.measurement, settings: { n: 4 } } };
    expect(measurementHash(changed)).not.toBe(measurementHash(other));
  });

  it('that is stopped leaves no finished cell, and begins anew', async () => {
    const stop = new AbortController();
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      stop.abort(new InterruptedError('stopped'));
      await laboratory.progress(1, 2);
      return [record(1)];
    };
    const spec = specOf(measure);
    await expect(runMeasurement(spec, root, () => undefined, stop.signal)).rejects.toThrow(InterruptedError);
    expect(readdirSync(root)).toEqual([`${measurementHash(spec)}.partial`]);
    const again = await runMeasurement(
      specOf(async () => [record(7)]),
      root,
      () => undefined,
    );
    expect(again.records().map(({ value }) => value)).toEqual([7]);
    expect(readdirSync(root)).toEqual([again.hash]);
  });

  it('reports how far it is', async () => {
    const reported: unknown[] = [];
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      await laboratory.progress(1, 4);
      await laboratory.progress(3, 4);
      return [];
    };
    await runMeasurement(specOf(measure), root, (progress) => reported.push(progress));
    expect(reported).toEqual([
      { step: 1, steps: 4 },
      { step: 3, steps: 4 },
    ]);
  });
});
