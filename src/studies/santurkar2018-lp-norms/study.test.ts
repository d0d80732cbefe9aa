import { describe, expect, it } from 'vitest';
import { cellOf } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { santurkar2018LpNorms as study } from './study.ts';

/** When each arm jumps from chance to an accuracy of 0.6, at the seed 0; later by a step for each seed on. */
type Jumps = Readonly<Record<string, number>>;

function resultOf(jumps: Jumps, set: Readonly<Record<string, string>> = {}) {
  const plan = study.plan({
    budget: 'standard',
    seeds: 3,
    firstSeed: 0,
    set: { steps: '400', normedSteps: '400', ...set },
  });
  const cells = plan.jobs.map(({ cells: [cell], settings }) => {
    const jump = Number(jumps[cell?.arm ?? '']) + (cell?.seed ?? 0);
    const records = Array.from({ length: Number(settings['steps']) }, (_, step): readonly StepRecord[] => {
      const about = { step, definition: 'made up', mode: 'train' } as const;
      return [
        { quantity: 'loss', value: 1, ...about },
        { quantity: 'accuracy', value: step < jump ? 0.1 : 0.6, ...about },
      ];
    });
    return cellOf(records.flat());
  });
  return plan.decide(cells);
}

const verdicts = (result: ReturnType<typeof resultOf>) =>
  Object.fromEntries(result.parts.map(({ name, verdict }) => [name, verdict]));

describe('santurkar2018/lp-norms', () => {
  it('judges against batch norm, too, where all arms take as many steps', () => {
    const result = resultOf({ standard: 300, batch: 50, l1: 55, l2: 45, linf: 200 });
    // l∞ is sooner than no norm by more than a quarter, and later than batch norm by more than a factor of 1.5.
    expect(verdicts(result)).toEqual({
      a: 'reproduced',
      b: 'reproduced',
      c: 'reproduced',
      d: 'reproduced',
      e: 'reproduced',
      f: 'not-reproduced',
    });
    expect(result.verdict).toBe('not-reproduced');
    expect(result.parts.flatMap(({ remarks }) => remarks).join(' ')).not.toContain('Not judged');
  });

  it('only tells of batch norm where the others stop sooner', () => {
    const result = resultOf({ standard: 300, batch: 50, l1: 55, l2: 45, linf: 100 }, { normedSteps: '150' });
    expect(verdicts(result)).toEqual({ a: 'reproduced', b: 'reproduced', c: 'reproduced' });
    expect(
      result.parts.every(({ remarks }) => remarks.some((remark) => remark.endsWith('Not judged at this budget.'))),
    ).toBe(true);
  });
});
