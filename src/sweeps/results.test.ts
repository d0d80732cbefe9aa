import { describe, expect, it } from 'vitest';
import { sweptCell, sweptCells } from '../../test/made-up-sweep.ts';
import { SettingError } from '../errors.ts';
import { settingResults } from './results.ts';
import { outcomeText, settingTable } from './table.ts';

const lr = { name: 'lr', values: ['0.1', '1', '10'] };
const norm = { name: 'norm', values: ['none', 'batch'] };
const axes = [lr, norm];

/** Seeds of lr 0.1 differ; one seed of lr 1 diverges, and all of lr 10 without a norm; with it one of three is there. */
const cells = sweptCells(axes, 3, (setting, seed) => {
  if (setting['lr'] === '0.1') return { loss: [0.5, 0.7, 1.2][seed] ?? 0, accuracy: [0.9, 0.8, 0.7][seed] ?? 0 };
  if (setting['lr'] === '1') return { loss: 2, accuracy: 0.5, ...(seed === 1 && { divergedAt: 22 }) };
  if (setting['norm'] === 'none') return { loss: Number.NaN, accuracy: 0, divergedAt: 4 };
  return seed === 2 ? { loss: 3, accuracy: 0.25 } : undefined;
});

describe('settingResults()', () => {
  const results = settingResults(axes, cells);

  it('has every setting once, in the order of the plan', () => {
    expect(results.map(({ setting }) => `${setting['lr']} ${setting['norm']}`)).toEqual([
      '0.1 none',
      '0.1 batch',
      '1 none',
      '1 batch',
      '10 none',
      '10 batch',
    ]);
  });

  it("gives means over seeds with Student's interval", () => {
    const { loss, accuracy } = results[0] ?? {};
    // Sums of rounded decimals: a few units in the last place.
    expect(loss?.mean).toBeCloseTo(0.8, 14);
    expect(accuracy?.mean).toBeCloseTo(0.8, 14);
    // t of 2 degrees of freedom is 4.30265 in tables; s = 0.1, of three seeds.
    expect(accuracy?.interval?.upper).toBeCloseTo(0.8 + (4.30265 * 0.1) / Math.sqrt(3), 6);
    expect(accuracy?.interval?.lower).toBeCloseTo(0.8 - (4.30265 * 0.1) / Math.sqrt(3), 6);
  });

  it('leaves out seeds that diverged, and counts them', () => {
    expect(results[2]).toMatchObject({ asked: 3, finished: 3, diverged: 1 });
    expect(results[2]?.loss?.mean).toBeCloseTo(2, 14);
    // Two seeds make no interval.
    expect(results[2]?.loss?.interval).toBeUndefined();
    expect(results[4]).toMatchObject({ finished: 3, diverged: 3, loss: undefined, accuracy: undefined });
  });

  it('has what is there where seeds are missing', () => {
    expect(results[5]).toMatchObject({ asked: 3, finished: 1, diverged: 0, accuracy: { mean: 0.25 } });
  });

  it('takes the last 20 mini-batches, as the map of a study does', () => {
    const losses = [4, 2].map((loss, seed) => sweptCell({}, seed, { loss, accuracy: 1 }));
    expect(settingResults([], losses)[0]?.loss?.mean).toBeCloseTo(3, 14);
  });

  it.each([
    ['a cell without a value of an axis', [sweptCell({ lr: '1' }, 0, undefined)], 'got norm missing'],
    ['a value that no axis has', [sweptCell({ lr: '2', norm: 'none' }, 0, undefined)], 'got lr 2; the axis has 0.1, 1'],
    [
      'two of one setting and seed',
      [0, 1].map(() => sweptCell({ lr: '1', norm: 'none' }, 7, undefined)),
      'got lr 1, norm none twice with seed 7',
    ],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => settingResults(axes, wrong)).toThrow(SettingError);
    expect(() => settingResults(axes, wrong)).toThrow(message);
  });
});

describe('the table and the sentence', () => {
  it('tell what is missing from what diverged', () => {
    const { rows, columns } = settingTable(axes, settingResults(axes, cells));
    expect(columns).toHaveLength(8);
    expect(rows[4]?.slice(2)).toEqual([Number.NaN, '–', Number.NaN, '–', '3 of 3', 3]);
    expect(rows[5]?.slice(3)).toEqual(['–', 0.25, '–', '1 of 3', 0]);
  });

  it('have no columns of intervals where there is none', () => {
    const few = cells.filter(({ seed }) => seed === 0);
    const { rows, columns } = settingTable(axes, settingResults(axes, few));
    expect(columns).toEqual(['lr', 'norm', 'final training loss', 'test accuracy', 'finished', 'diverged']);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
  });

  it('say how many finished and diverged, and which setting is best', () => {
    expect(outcomeText(axes, settingResults(axes, cells))).toBe(
      '16 of 18 trainings finished, 5 of them diverged. The highest test accuracy is that of lr 0.1, norm none: 80 % [55.2, 105].',
    );
    expect(outcomeText([], settingResults([], [sweptCell({}, 0, undefined)]))).toBe(
      '0 of 1 training finished, none of them diverged.',
    );
  });

  it('do not call a setting best that lost half of its seeds', () => {
    const half = sweptCells([norm], 2, ({ norm: name }, seed) =>
      name === 'none' ? { loss: 1, accuracy: 0.99, ...(seed === 1 && { divergedAt: 3 }) } : { loss: 1, accuracy: 0.6 },
    );
    expect(outcomeText([norm], settingResults([norm], half))).toContain('norm batch: 60 %');
  });
});
