import { describe, expect, it } from 'vitest';
import { dullProbe, type MadeUpProbe, steadySeries } from '../../../test/made-up-cells.ts';
import { type RateGroup, groupByRate } from './groups.ts';
import { horizonFigure } from './horizon.ts';
import { labFigure, labTable } from './lab.ts';

const falling = { loss: (step: number) => 2.2 - step / 400 };

/** Three seeds whose probes all measure the same, but for a little more from seed to seed. */
function group(standard: Partial<MadeUpProbe>, batch: Partial<MadeUpProbe>): RateGroup {
  const cells = [0, 1, 2].flatMap((seed) =>
    Object.entries({ standard, batch }).map(([arm, probe]) => {
      const full = { ...dullProbe, ...probe };
      const by = 1 + (arm === 'standard' ? seed / 100 : 0);
      const scaled = { ...full, logRange: full.logRange * by, change: full.change * by, beta: full.beta * by };
      return { arm, rate: 0.1, seed, series: steadySeries(scaled, falling) };
    }),
  );
  const [made] = groupByRate(cells, [0.1], 10);
  if (made === undefined) throw new RangeError('There must be a group');
  return made;
}

const row = ({ rows }: ReturnType<typeof labTable>, name: string): readonly (string | number)[] =>
  rows.find(([first]) => first === name) ?? [];

describe('the definition lab', () => {
  const rough = group({ logRange: 2, change: 20, beta: 40 }, { logRange: 0.5, change: 40, beta: 40 });

  it('reads one set of cells by 90 definitions, and says of each what it finds', () => {
    const table = labTable(rough);
    expect(table.rows.length * (table.columns.length - 1)).toBe(90);
    expect(row(table, 'loss: ln(max L / min L)').slice(1)).toEqual([
      expect.stringMatching(/^\[1\.5\d? smoother\]$/),
      ...Array.from({ length: 5 }, () => expect.stringMatching(/ smoother$/)),
    ]);
    expect(row(table, 'gradient: max ‖Δg‖').slice(1, 4)).toEqual([
      expect.stringMatching(/ rougher$/),
      expect.stringMatching(/ rougher$/),
      expect.stringMatching(/^\[-0\.68\d? rougher\]$/),
    ]);
    // The curvature is the same in both arms, and has no width.
    expect(row(table, 'curvature: kappa at eta')[1]).toBe('0 undecided');
  });

  it('marks what the study judges, and nothing else', () => {
    const marked = labTable(rough).rows.flatMap((cells) => cells.filter((cell) => String(cell).startsWith('[')));
    expect(marked).toHaveLength(4);
  });

  it('draws what could be computed', () => {
    const [figure] = labFigure(rough);
    expect(figure?.marks).toHaveLength(1);
    const [horizon] = horizonFigure(rough);
    expect(horizon?.marks.map((mark) => (mark.mark === 'line' ? mark.arm : mark.mark))).toEqual([
      'rule',
      'mean',
      'median',
      '95th',
      'mean without the largest probe',
    ]);
  });

  it('has nothing to draw where no window was found', () => {
    const dead: RateGroup = { ...rough, failure: 'seed 0: …', seeds: [] };
    expect([labFigure(dead), horizonFigure(dead)]).toEqual([[], []]);
    expect(labTable(dead).rows.flat()).toContain('–');
  });
});
