import { describe, expect, it } from 'vitest';
import {
  dullProbe,
  type MadeUpCell,
  type MadeUpProbe,
  madeUpSeries,
  steadySeries,
} from '../../../test/made-up-cells.ts';
import type { PartResult } from '../result.ts';
import { controlNotes, controlTable, windowMedian } from './control.ts';
import { groupByRate, type RateGroup } from './groups.ts';
import type { CellSeries } from './series.ts';
import { variantsTable } from './variants.ts';

type Arms = readonly [standard: CellSeries, batch: CellSeries];

function groups(rates: Readonly<Record<number, readonly Arms[]>>): readonly RateGroup[] {
  const cells = Object.entries(rates).flatMap(([rate, seeds]) =>
    seeds.flatMap(([standard, batch], seed) => [
      { arm: 'standard', rate: Number(rate), seed, series: standard },
      { arm: 'batch', rate: Number(rate), seed, series: batch },
    ]),
  );
  return groupByRate(cells, Object.keys(rates).map(Number), 10);
}
const three = (standard: Partial<MadeUpProbe>, batch: Partial<MadeUpProbe>, changes?: Partial<MadeUpCell>): Arms[] =>
  [1, 1.01, 1.02].map((factor) => [
    steadySeries({ ...standard, beta: (standard.beta ?? 1) * factor }, changes),
    steadySeries(batch, changes),
  ]);
/** Part (c) with an interval at equal steps from this value up. */
const partC = (lower: number): PartResult => ({
  name: 'c',
  claim: '',
  effect: '',
  margin: Math.log(1.5),
  pairings: [
    {
      name: 'at equal steps',
      verdict: 'inconclusive',
      effects: [],
      interval: { mean: lower + 1, lower, upper: lower + 2, count: 3 },
    },
  ],
  verdict: 'inconclusive',
  remarks: [],
});
const curvatures = (rate: number, standard: number, batch: number): Arms[] =>
  three({ curvature: (standard * 2) / rate }, { curvature: (batch * 2) / rate });
const edge = (notes: readonly string[]): string | undefined => notes.find((note) => note.includes('edge of stability'));

describe('the edge-of-stability note', () => {
  it('needs kappa·eta/2 in [0.8, 1.2] in both arms at two rates', () => {
    const atEdge = groups({ 0.1: curvatures(0.1, 0.81, 1.19), 0.2: curvatures(0.2, 1, 1) });
    expect(edge(controlNotes(atEdge, [partC(0)]))).toBe(
      'beta is set by the step size (edge of stability): kappa·eta/2 at s = eta/100 lies in [0.8, 1.2] in both arms ' +
        'at learning rates 0.1, 0.2.',
    );
    const others: Readonly<Record<number, readonly Arms[]>>[] = [
      { 0.1: curvatures(0.1, 1, 1) },
      { 0.1: curvatures(0.1, 1, 1), 0.2: curvatures(0.2, 0.79, 1) },
      { 0.1: curvatures(0.1, 1, 1.21), 0.2: curvatures(0.2, 1, 1) },
      { 0.1: curvatures(0.1, 1, 1), 0.2: curvatures(0.2, -1, 1) },
    ];
    for (const rates of others) expect(edge(controlNotes(groups(rates), [partC(0)]))).toBeUndefined();
  });

  it('leaves out rates without a window', () => {
    const dead = three({ curvature: 10 }, { curvature: 10 }, { accuracy: () => 0.1 });
    const note = edge(
      controlNotes(groups({ 0.05: curvatures(0.05, 1, 1), 0.1: curvatures(0.1, 1, 1), 0.2: dead }), []),
    );
    expect(note).toMatch(/at learning rates 0\.05, 0\.1\.$/);
    expect(edge(controlNotes(groups({ 0.1: curvatures(0.1, 1, 1), 0.2: dead }), []))).toBeUndefined();
  });

  it('adds “in spikes only” where the whole interval of (c) lies above its margin', () => {
    const atEdge = groups({ 0.1: curvatures(0.1, 1, 1), 0.2: curvatures(0.2, 1, 1) });
    expect(edge(controlNotes(atEdge, [partC(0.41)]))).toMatch(/; in spikes only\.$/);
    expect(edge(controlNotes(atEdge, [partC(0.4)]))).not.toMatch(/spikes/);
    expect(edge(controlNotes(atEdge, []))).not.toMatch(/spikes/);
  });
});

describe('the small-rate control', () => {
  const rates = (at1: readonly [number, number], at002: readonly [number, number]): readonly RateGroup[] =>
    groups({ 0.02: three({ beta: at002[0] }, { beta: at002[1] }), 0.1: three({ beta: at1[0] }, { beta: at1[1] }) });

  it('says that the claim does not hold at small step sizes where the intervals lie on opposite sides of 0', () => {
    expect(controlNotes(rates([4, 1], [1, 4]), [])).toEqual([
      expect.stringMatching(
        /^The claim does not hold at small step sizes: ln of the ratio \(standard \/ batch norm\) of beta at s = eta: 1\.4 \[1\.37, 1\.42\] at learning rate 0\.1, -1\.38 \[-1\.4, -1\.35\] at 0\.02\.$/,
      ),
    ]);
  });

  it('reports the numbers where they lie on one side, or on none', () => {
    expect(controlNotes(rates([4, 1], [2, 1]), [])[0]).toMatch(/^Small-rate control: ln of the ratio/);
    const undecided = groups({
      0.02: [1, 3, 0.2].map((beta) => [steadySeries({ beta }), steadySeries({})]),
      0.1: three({ beta: 4 }, { beta: 1 }),
    });
    expect(controlNotes(undecided, [])[0]).toMatch(/^Small-rate control: /);
  });

  it('does not look at the largest beta', () => {
    const arms = three({ beta: 4 }, { beta: 1 }).map(([standard, batch]): Arms => {
      const points = standard.points.map((point) => ({ ...point, beta: 1e6 }));
      return [{ ...standard, points }, batch];
    });
    expect(controlNotes(groups({ 0.02: arms, 0.1: arms }), [])[0]).toMatch(
      /: 1\.4 \[1\.37, 1\.42\] at learning rate 0\.1/,
    );
  });

  it('takes the window median of beta at s = eta, each rate in its own window', () => {
    // Learnt from step 210 on at the small rate; before it, beta would tell another story. At eta it is half the largest.
    const late: Partial<MadeUpCell> = {
      accuracy: (step) => (step < 200 ? 0 : 1),
      probe: (step) => ({ ...dullProbe, beta: step < 210 ? 100 : step % 50 === 0 ? 50 : 2 }),
    };
    const notes = controlNotes(
      groups({
        0.02: [0, 1, 2].map((): Arms => [madeUpSeries(late), steadySeries({ beta: 2 })]),
        0.1: [0, 1, 2].map((): Arms => [steadySeries({ beta: 2 * Math.E }), steadySeries({ beta: 2 })]),
      }),
      [],
    );
    expect(notes[0]).toMatch(/1 \[1, 1\] at learning rate 0\.1, 0 \[0, 0\] at 0\.02\.$/);
  });

  it('is silent where a rate was not run, or has no window', () => {
    expect(controlNotes(groups({ 0.1: three({}, {}), 0.2: three({}, {}) }), [])).toEqual([]);
    const dead = three({}, {}, { accuracy: () => 0 });
    expect(controlNotes(groups({ 0.02: dead, 0.1: three({}, {}) }), [])).toEqual([]);
  });
});

describe('the tables', () => {
  it('hold, per rate and arm, beta and kappa at eta and eta/100, each times eta/2', () => {
    const { columns, rows } = controlTable(
      groups({ 0.1: three({ beta: 40, curvature: 12 }, { beta: 8, curvature: 6 }) }),
    );
    expect(columns).toHaveLength(6);
    const [standard, batch] = rows;
    // Beta at eta is half of its largest; the seeds' median is the middle one. At eta/100 the made-up beta is 1e9.
    expect(standard?.slice(0, 2)).toEqual([0.1, 'standard']);
    expect(standard?.slice(2)).toEqual([20 * 1.01 * 0.05, 12 * 0.05, 1e9 * 0.05, 12 * 0.05].map(close));
    expect(batch?.slice(0, 2)).toEqual([0.1, 'batch norm']);
    expect(batch?.slice(2)).toEqual([4 * 0.05, 6 * 0.05, 1e9 * 0.05, 6 * 0.05].map(close));
  });

  it('are dashes at a rate without a window', () => {
    const dead = groups({ 0.2: three({}, {}, { accuracy: () => 0 }) });
    expect(controlTable(dead).rows[0]?.slice(2)).toEqual(Array(4).fill(Number.NaN));
    expect(variantsTable(dead).rows[0]?.slice(2)).toEqual(Array(4).fill(Number.NaN));
  });

  it('hold the other measures of the same rays', () => {
    const { columns, rows } = variantsTable(groups({ 0.1: three({}, {}) }));
    expect(columns).toHaveLength(6);
    expect(rows[0]).toEqual([0.1, 'standard', 12, 0.5, 0.25, 0.75]);
  });
});

describe('windowMedian()', () => {
  it('is the median over seeds of the median over the window', () => {
    const seeds = [1, 5, 30].map(
      (beta): Arms => [
        madeUpSeries({ probe: (step) => ({ ...dullProbe, beta: step < 60 ? 1e6 : beta }) }),
        steadySeries({}),
      ],
    );
    const [group] = groups({ 0.1: seeds });
    if (group === undefined) throw new RangeError('One group');
    expect(windowMedian(group, 'standard', ({ beta }) => beta)).toBe(5);
  });

  it('leaves out what is not a number', () => {
    const [group] = groups({ 0.1: three({ curvature: 3 }, {}) });
    if (group === undefined) throw new RangeError('One group');
    expect(windowMedian(group, 'standard', ({ step }) => (step < 300 ? Number.NaN : step))).toBe(350);
    expect(windowMedian(group, 'standard', () => Number.NaN)).toBe(Number.NaN);
  });
});

function close(value: number): unknown {
  return expect.closeTo(value, 9);
}
