import { describe, expect, it } from 'vitest';
import { measureSeeds } from './seeds.ts';
import { seedsTable } from './seeds-table.ts';

describe('ten seeds beside one', () => {
  it('times all three in every round, and says what ten cost over one', async () => {
    const reported: number[] = [];
    const result = await measureSeeds(
      ['none'],
      { lowering: 'portable', convolution: 'direct', rounds: 2, threads: 1 },
      ({ done }) => reported.push(done),
    );
    expect(reported).toEqual([0, 1]);
    const [none] = result.norms;
    expect([none?.single.count, none?.group.count, none?.ten.count]).toEqual([80, 80, 80]);
    expect([none?.overSingle.count, none?.overGroup.count]).toEqual([2, 2]);
    const spread = { median: 0.002, lower: 0.001, upper: 0.003, count: 2 };
    const ratio = { median: 2.5, lower: 2.25, upper: 3, count: 2 };
    const made = {
      norm: 'batch',
      single: spread,
      group: spread,
      ten: spread,
      overSingle: ratio,
      overGroup: ratio,
    } as const;
    const text = seedsTable({ ...result, norms: [made] });
    expect(text).toContain('Lowering portable, direct, 2 rounds by turns');
    expect(text).toMatch(/^batch {2,}2\.00 {2,}2\.00 {2,}2\.00 {2,}2\.50 \(2\.25–3\.00\) {2,}2\.50 \(2\.25–3\.00\)$/m);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('ends between two turns', async () => {
    const settings = { lowering: 'portable', convolution: 'direct', rounds: 1, threads: 1 } as const;
    const reason = new Error('stopped');
    await expect(measureSeeds(['none'], settings, () => undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
