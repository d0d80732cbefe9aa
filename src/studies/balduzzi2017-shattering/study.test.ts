import { describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import { createStream } from '../../math/random.ts';
import type { StepRecord } from '../../records/record.ts';
import { arms, autocorrelation, type ShatteringArm } from './measure.ts';
import { balduzzi2017Shattering } from './study.ts';

describe('autocorrelation()', () => {
  it('is minus one for alternating signs and one for a slow course, but for the ends', () => {
    const n = 100;
    expect(autocorrelation(Array.from({ length: n }, (_, i) => (-1) ** i))).toBeCloseTo(-(n - 1) / n, 12);
    expect(autocorrelation(Array.from({ length: n }, (_, i) => 5 + Math.cos((Math.PI * i) / n)))).toBeGreaterThan(0.95);
  });

  it('is within four standard errors of zero for white noise', () => {
    const values = new Float64Array(10_000);
    createStream({ seed: 1, purpose: 'probe' }).fillNormal(values, 3, 2);
    expect(Math.abs(autocorrelation(values))).toBeLessThan(0.04);
  });
});

// Even: batch norm takes the biases away, and an input in the middle of the grid would lie on the kinks.
const [points, units, depth] = [16, 5, 3] as const;

/** df/dx by carrying derivatives forward through plain loops, with the parameters as their streams give them. */
function slopes(arm: ShatteringArm): readonly number[] {
  const draw = (name: string, inputs: number, count: number): Float32Array => {
    const values = new Float32Array(count);
    createStream({ seed: 0, purpose: 'init', layer: name }).fillNormal(values, 0, Math.sqrt(2 / inputs));
    return values;
  };
  const { skip, norm } = arms[arm];
  let h = Array.from({ length: points }, (_, i) => [2 * ((2 * i) / (points - 1) - 1)]);
  let slope = h.map(() => [1]);
  for (let layer = 1; layer <= depth + 1; layer++) {
    const [name, outputs] = layer > depth ? ['head', 1] : [`layer${layer}`, units];
    const inputs = layer === 1 ? 1 : units;
    const weight = draw(`${name}/weight`, inputs, inputs * outputs);
    const bias = draw(`${name}/bias`, inputs, outputs);
    const active = h.map((row) => [...row]);
    const activeSlope = slope.map((row) => [...row]);
    for (let unit = 0; layer > 1 && unit < units; unit++) {
      const column = h.map((row) => row[unit] ?? 0);
      const centre = column.reduce((a, b) => a + b, 0) / points;
      const variance = column.reduce((sum, value) => sum + (value - centre) ** 2, 0) / points;
      const [shift, scale] = norm === 'batch' ? [centre, 1 / Math.sqrt(variance + 1e-5)] : [0, 1];
      for (let i = 0; i < points; i++) {
        const value = ((column[i] ?? 0) - shift) * scale;
        (active[i] ?? [])[unit] = Math.max(0, value);
        (activeSlope[i] ?? [])[unit] = value > 0 ? scale * (slope[i]?.[unit] ?? 0) : 0;
      }
    }
    const times = (row: readonly number[], output: number): number =>
      row.reduce((sum, value, input) => sum + value * (weight[input * outputs + output] ?? 0), 0);
    const added = (before: number | undefined): number => (skip && layer > 1 && layer <= depth ? (before ?? 0) : 0);
    const next = <T>(make: (output: number) => T): readonly T[] =>
      Array.from({ length: outputs }, (_, output) => make(output));
    const [before, slopeBefore] = [h, slope];
    h = active.map((row, i) => [...next((o) => times(row, o) + (bias[o] ?? 0) + added(before[i]?.[o]))]);
    slope = activeSlope.map((row, i) => [...next((o) => times(row, o) + added(slopeBefore[i]?.[o]))]);
  }
  return slope.map(([value = Number.NaN]) => value);
}

describe('balduzzi2017/shattering measures', () => {
  const set = {
    seeds: '1',
    depths: String(depth),
    units: String(units),
    points: String(points),
    traced: String(depth),
  };

  it('df/dx as derivatives carried forward give it, for every arm', async () => {
    const plan = balduzzi2017Shattering.plan({ budget: 'quick', set });
    const cells = await measuredCells(plan);
    expect(cells).toHaveLength(4);
    for (const [i, cell] of cells.entries()) {
      const arm = plan.jobs[i]?.cells[0]?.arm as ShatteringArm;
      const expected = slopes(arm);
      const centre = expected.reduce((a, b) => a + b, 0) / points;
      const spread = Math.sqrt(expected.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (points - 1));
      const trace = cell.records().filter(({ quantity }) => quantity === 'gradient');
      expect(trace).toHaveLength(points);
      // Float32 through a few layers: some 1e-6 of the largest, which normalising may double.
      trace.forEach(({ value }, k) => {
        expect(value, arm).toBeCloseTo(((expected[k] ?? Number.NaN) - centre) / spread, 4);
      });
      const measured = cell.records().find(({ quantity }) => quantity === 'autocorrelation')?.value;
      expect(measured, arm).toBeCloseTo(autocorrelation(expected), 4);
    }
  });
});

describe('balduzzi2017/shattering decides', () => {
  const plan = balduzzi2017Shattering.plan({ budget: 'quick' });
  const courses: Readonly<Record<ShatteringArm, (depth: number) => number>> = {
    plain: (layers) => 2 ** -layers,
    skip: (layers) => layers ** -0.5,
    'plain, batch norm': (layers) => 2 ** -layers,
    'skip, batch norm': (layers) => layers ** -0.25,
  };
  const verdicts = (change: Partial<typeof courses> = {}): Readonly<Record<string, string>> => {
    const cells = Object.values({ ...courses, ...change }).map((course) =>
      cellOf(
        [0, 1, 2, 3, 4].flatMap((seed) =>
          [1, 2, 4, 10, 24, 50].map(
            (depth): StepRecord => ({
              step: 0,
              quantity: 'autocorrelation',
              // White noise has either sign.
              value: course(depth) + 0.01 * (seed - 2),
              place: { depth, seed },
              definition: '',
              mode: 'frozen',
            }),
          ),
        ),
      ),
    );
    return Object.fromEntries(plan.decide(cells).parts.map(({ name, verdict }) => [name, verdict]));
  };
  const all = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, 'reproduced']));

  it('reproduced for the published laws', () => {
    expect(verdicts()).toEqual(all);
  });

  it('not reproduced for plain networks that do not shatter', () => {
    const change = { plain: () => 0.9 };
    expect(verdicts(change)).toEqual({ ...all, a: 'inconclusive', b: 'not-reproduced', c: 'not-reproduced' });
  });

  it('not reproduced for skip connections that shatter as well', () => {
    const change = { 'skip, batch norm': (layers: number) => 2 ** -layers };
    expect(verdicts(change)).toEqual({ ...all, f: 'not-reproduced' });
  });
});
