import { describe, expect, it } from 'vitest';
import type { Following } from './following.ts';
import { followingTable } from './following-table.ts';

const subject = { model: 'resnet20', width: 1, norm: 'batch', batchSize: 128, threads: 2 } as const;
const following = (one: number, four: number): Following => ({
  ...subject,
  batches: 'one batch',
  steps: [
    { step: 30, followed: [19.9, 19.9], converged: 20, residual: 0.02 },
    { step: 31, followed: [one, four], converged: 20, residual: 0.02 },
  ],
});

describe('followingTable()', () => {
  it('says how far each step is off, and whether the worst is within 5 %', () => {
    const text = followingTable([following(15, 19.2)]);
    expect(text).toMatch(/resnet20 +128 +one batch +30 +20\.0 +0\.100 % +-0\.500 % +-0\.500 %/);
    expect(text).toContain('one batch, by 1 product: at most 25.0 % off, beyond 5.00 %');
    expect(text).toContain('one batch, by 4 products: at most 4.00 % off, within 5.00 %');
  });

  it('has no line of more than 90 columns', () => {
    expect(
      Math.max(
        ...followingTable([following(15, 19)])
          .split('\n')
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(90);
  });
});
