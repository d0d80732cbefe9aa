import { describe, expect, it } from 'vitest';
import {
  dullProbe,
  type MadeUpCell,
  type MadeUpProbe,
  madeUpSeries,
  steadySeries,
} from '../../../test/made-up-cells.ts';
import type { StudyResult } from '../result.ts';
import { decide } from './decide.ts';
import { groupByRate } from './groups.ts';
import { protocols } from './protocol.ts';
import type { CellSeries, ProbePoint } from './series.ts';

interface Arms {
  readonly standard: CellSeries;
  readonly batch: CellSeries;
}
/** The cells of each seed, by learning rate. */
type Cells = Readonly<Record<number, readonly Arms[]>>;

function judge(cells: Cells): StudyResult {
  const rates = Object.keys(cells).map(Number);
  const all = Object.entries(cells).flatMap(([rate, seeds]) =>
    seeds.flatMap((arms, seed) =>
      Object.entries(arms).map(([arm, series]: [string, CellSeries]) => ({ arm, rate: Number(rate), seed, series })),
    ),
  );
  return decide(groupByRate(all, rates, 10), protocols.standard);
}

/** Losses that fall alike in both arms, so that both pairings compare the same probes. */
const falling: Partial<MadeUpCell> = { loss: (step) => 2.2 - step / 400 };
const seeds = (arms: (seed: number) => Arms, count = 3): Arms[] => Array.from({ length: count }, (_, i) => arms(i));
/** Both arms steady; a little jitter by seed, so that intervals have a width. */
const steady = (standard: Partial<MadeUpProbe>, batch: Partial<MadeUpProbe>, jitter = 0.01): Arms[] =>
  seeds((seed) => ({
    standard: steadySeries(scaled({ ...dullProbe, ...standard }, 1 + jitter * seed), falling),
    batch: steadySeries(batch, falling),
  }));
const scaled = ({ logRange, change, beta, curvature }: MadeUpProbe, by: number): MadeUpProbe => ({
  logRange: logRange * by,
  change: change * by,
  beta: beta * by,
  curvature,
});

const rough: MadeUpProbe = { logRange: 2, change: 20, beta: 40, curvature: 5 };
const smooth: MadeUpProbe = { logRange: 0.5, change: 4, beta: 8, curvature: 5 };
const words = ({ parts }: StudyResult): string[] => parts.map(({ verdict }) => verdict);

describe('decide(): the word', () => {
  it('is reproduced where all parts are, by both readings of the first', () => {
    const result = judge({ 0.1: steady(rough, smooth) });
    expect(result.verdict).toBe('reproduced');
    expect(words(result)).toEqual(['reproduced', 'reproduced', 'reproduced']);
    expect(result.parts.map(({ pairings }) => pairings.map(({ name, verdict }) => [name, verdict]))).toEqual([
      [
        ['range of values (section 3.2)', 'reproduced'],
        ['drawn width (Fig. 4a)', 'reproduced'],
      ],
      [['at equal steps', 'reproduced']],
      [['at equal steps', 'reproduced']],
    ]);
    for (const { effects } of result.parts.flatMap(({ pairings }) => pairings)) {
      expect(effects.map(({ seed }) => seed)).toEqual([0, 1, 2]);
    }
    expect(result.parts[1]?.pairings[0]?.effects[0]?.value).toBeCloseTo(Math.log(5), 12);
    expect(result.sentence).toMatch(
      /^Reproduced: with batch norm against without, loss variation reproduced \(2\.3\d [^)]* and 1\.5/,
    );
  });

  it('is not reproduced where one part is not, whatever the others are', () => {
    const result = judge({ 0.1: steady(rough, { ...smooth, change: 40 }) });
    expect(words(result)).toEqual(['reproduced', 'not-reproduced', 'reproduced']);
    expect(result.verdict).toBe('not-reproduced');
    expect(result.sentence).toMatch(/^Not reproduced: .*gradient change not reproduced/);
  });

  it('is not reproduced by an effect that is positive and below its margin', () => {
    const result = judge({ 0.1: steady({ ...rough, beta: 8 * 1.3 }, smooth) });
    expect(words(result)).toEqual(['reproduced', 'reproduced', 'not-reproduced']);
  });

  it('is inconclusive where the seeds disagree', () => {
    const factors = [1, 5, 0.3];
    const arms = seeds((seed) => ({
      standard: steadySeries(scaled(rough, factors[seed] ?? 1), falling),
      batch: steadySeries(rough, falling),
    }));
    const result = judge({ 0.1: arms });
    expect(result.verdict).toBe('inconclusive');
    const interval = result.parts[1]?.pairings[0]?.interval;
    expect(interval?.lower).toBeLessThan(Math.log(1.5));
    expect(interval?.upper).toBeGreaterThan(Math.log(1.5));
  });

  it('uses a Student interval over seeds', () => {
    const [a, b, c] = [2, 3, 4.5];
    const arms = seeds((seed) => ({
      standard: steadySeries({ change: [a, b, c][seed] ?? 0 }, falling),
      batch: steadySeries({ change: 1 }, falling),
    }));
    const interval = judge({ 0.1: arms }).parts[1]?.pairings[0]?.interval;
    // ln 2, ln 3, ln 4.5 are ln 1.5 apart: mean ln 3, deviation ln 1.5; t(0.975, 2) = 4.302653.
    expect(interval?.mean).toBeCloseTo(Math.log(3), 12);
    expect((interval?.upper ?? 0) - Math.log(3)).toBeCloseTo((4.302653 * Math.log(1.5)) / Math.sqrt(3), 5);
  });
});

describe('decide(): the two readings of the loss', () => {
  it('make the part inconclusive where they disagree, and the text says that it hangs on the definition', () => {
    // Losses that are large in the standard arm: a wider range of values, in the same proportion to the lowest.
    const arms = steady(rough, { ...smooth, logRange: 1.99 }).map(({ standard, batch }) => ({
      standard: { ...standard, points: standard.points.map(larger) },
      batch,
    }));
    const result = judge({ 0.1: arms });
    const [part] = result.parts;
    expect(part?.pairings.map(({ verdict }) => verdict)).toEqual(['reproduced', 'not-reproduced']);
    expect(part?.verdict).toBe('inconclusive');
    expect(part?.remarks.at(-1)).toBe(
      'The part hangs on the definition: reproduced by the range of values (section 3.2), not reproduced by the drawn width (Fig. 4a); so it is inconclusive.',
    );
    expect(result.sentence).toMatch(/loss variation hangs on the definition \(/);
  });
});

/** The same point with ten times the losses. */
const larger = (point: ProbePoint): ProbePoint => ({
  ...point,
  lossLow: 10 * point.lossLow,
  lossHigh: 10 * point.lossHigh,
});

describe('decide(): what is reported beside', () => {
  it('is the statistic of each arm, the published one, and the median where spikes decide', () => {
    const spiky: Partial<MadeUpCell> = {
      ...falling,
      probe: (step) => (step % 100 === 0 ? { ...rough, change: 200 } : { ...rough, change: 3 }),
    };
    const arms = seeds(() => ({ standard: madeUpSeries(spiky), batch: steadySeries(smooth, falling) }));
    const remarks = judge({ 0.1: arms }).parts[1]?.remarks;
    expect(remarks).toEqual([
      '95th percentile of D per seed: standard 200, 200, 200; batch norm 4, 4, 4. ' +
        'Paper: standard spikes to 250, batch norm 10 to 40 (Fig. 4b).',
      'median of D per seed: standard 3, 3, 3; batch norm 4, 4, 4. Not judged.',
    ]);
  });
});

describe('decide(): preconditions', () => {
  const good = (seed: number): Arms => ({
    standard: steadySeries(scaled(rough, 1 + seed / 100), falling),
    batch: steadySeries(smooth, falling),
  });

  it.each<[string, Partial<MadeUpCell>, string]>([
    ['never learns', { accuracy: () => 0.1 }, 'seed 1: the standard arm never exceeded 20 % running training accuracy'],
    [
      'learns too late',
      { accuracy: (step) => (step < 330 ? 0.1 : 0.9) },
      'seed 1: the window holds 7 probes, fewer than 10',
    ],
    ['diverges early', { divergedAt: 90 }, 'seed 1: the window holds 8 probes, fewer than 10'],
  ])('fail where the standard arm of one seed %s', (_, changes, reason) => {
    const arms = seeds((seed) =>
      seed === 1 ? { ...good(seed), standard: steadySeries(rough, { ...falling, ...changes }) } : good(seed),
    );
    const result = judge({ 0.1: arms });
    expect(result.verdict).toBe('precondition-failed');
    expect(words(result)).toEqual(['precondition-failed', 'precondition-failed', 'precondition-failed']);
    for (const { pairings, remarks } of result.parts) {
      expect(pairings).toEqual([]);
      expect(remarks).toEqual([`Not judged: ${reason}.`]);
    }
    expect(result.sentence).toBe(`Precondition failed: ${reason}.`);
    expect(result.notes).toEqual([`Learning rate 0.1 is left out of the comparison: ${reason}.`]);
  });

  it('fail where the batch-norm arm leaves no window', () => {
    const arms = seeds((seed) => ({ ...good(seed), batch: steadySeries(smooth, { ...falling, divergedAt: 50 }) }));
    expect(judge({ 0.1: arms }).verdict).toBe('precondition-failed');
  });

  it('hold at a diverged standard arm that had its ten probes', () => {
    const arms = seeds((seed) => ({ ...good(seed), standard: steadySeries(rough, { ...falling, divergedAt: 110 }) }));
    expect(judge({ 0.1: arms }).verdict).toBe('reproduced');
  });

  it('fail where no cell was run at the judged rate', () => {
    const result = judge({ 0.2: seeds(good) });
    expect(result.verdict).toBe('precondition-failed');
    expect(result.sentence).toBe('Precondition failed: no run at learning rate 0.1, where the claim is judged.');
  });

  it('of another rate leave the verdict alone, and are noted', () => {
    const dead = seeds((seed) => ({ ...good(seed), standard: steadySeries(rough, { accuracy: () => 0.1 }) }));
    const result = judge({ 0.1: seeds(good), 0.2: dead });
    expect(result.verdict).toBe('reproduced');
    expect(result.notes).toEqual([
      'Learning rate 0.2 is left out of the comparison: seed 0: the standard arm never exceeded 20 % running training accuracy.',
    ]);
  });
});

describe('decide(): its figures', () => {
  it('show every seed and arm at every rate, the judged one first, and no x that is not a number', () => {
    const result = judge({ 0.05: steady(rough, smooth), 0.1: steady(rough, smooth) });
    const ids = result.figures.map(({ id }) => id);
    expect(ids).toEqual([
      'landscape-loss-lr0.1',
      'landscape-gradient-lr0.1',
      'landscape-beta-lr0.1',
      'landscape-effects',
      'landscape-loss-lr0.05',
      'landscape-gradient-lr0.05',
      'landscape-beta-lr0.05',
      'training-lr0.1',
      'training-lr0.05',
      'landscape-horizon-lr0.1',
      'landscape-lab-lr0.1',
    ]);
    type Lines = readonly { readonly arm: string; readonly seed?: number; readonly x: readonly number[] }[];
    const lines = result.figures.flatMap((figure): Lines[] =>
      figure.view === undefined && !/-(horizon|lab)-/.test(figure.id)
        ? [figure.marks.flatMap((mark) => (mark.mark === 'line' || mark.mark === 'band' ? [mark] : []))]
        : [],
    );
    expect(lines).toHaveLength(8);
    for (const group of lines) {
      expect(group.map(({ arm, seed }) => `${arm} ${seed}`).toSorted()).toEqual(
        ['batch', 'standard'].flatMap((arm) => [0, 1, 2].map((seed) => `${arm} ${seed}`)),
      );
      expect(group.filter(({ x }) => x.length === 0 || !x.every(Number.isFinite))).toEqual([]);
    }
    expect(result.figures.flatMap((figure) => (figure.view === 'effects' ? figure.rows : []))).toHaveLength(4);
  });

  it('show what there is where nothing could be judged', () => {
    const dead = seeds(() => ({ standard: steadySeries(rough, { accuracy: () => 0.1 }), batch: steadySeries(smooth) }));
    const result = judge({ 0.1: dead });
    expect(result.figures.map(({ id }) => id)).toContain('landscape-loss-lr0.1');
    expect(result.tables).toHaveLength(3);
  });
});
