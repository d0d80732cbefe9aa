import { describe, expect, it } from 'vitest';
import { cellOf } from '../../../test/studies.ts';
import { need } from '../../errors.ts';
import { binCentre, HISTOGRAM_BINS } from '../../records/histogram.ts';
import type { StepRecord } from '../../records/record.ts';
import { santurkar2018Histograms } from './study.ts';

const plan = santurkar2018Histograms.plan({ budget: 'standard', set: { seeds: '3' } });
const about = { definition: 'made up', mode: 'train' } as const;

interface Shape {
  /** Share of a spike at 0 in a Gaussian of 10 bins' deviation. */
  readonly spike: number;
  /** The factor of the largest magnitude from one measurement to the next. */
  readonly growth: number;
}

/** Eight layers of one shape. */
function records({ spike, growth }: Shape, jitter: number): StepRecord[] {
  const shape = Array.from({ length: HISTOGRAM_BINS }, (_, bin) => {
    const away = (bin - 32) / 10;
    return Math.round(1e4 * (Math.exp((-away * away) / 2) + (bin === 32 ? 25 * (spike + jitter) : 0)));
  });
  return [0, 50, 100].flatMap((step, t) =>
    Array.from({ length: 8 }, (_layer, i) => `conv${i + 1}`).flatMap((layer): StepRecord[] => [
      { ...about, step, layer, quantity: 'activation-largest', value: (growth + jitter) ** t },
      ...shape.map((value, bin) => ({
        ...about,
        step,
        layer,
        quantity: 'activation-count',
        at: binCentre(bin),
        value,
      })),
    ]),
  );
}

function decide(shapes: Readonly<Record<string, Shape>>, more: readonly StepRecord[] = []) {
  const asked = plan.jobs.flatMap(({ cells }) => cells);
  const cells = asked.map(({ arm, seed }) =>
    cellOf([...records(need(shapes[arm], arm), (seed % 3) / 1000), ...(arm === 'l2' ? more : [])]),
  );
  return plan.decide(cells);
}

const normed = { spike: 0.5, growth: 1.5 };
const plain = { standard: { spike: 0.2, growth: 1.1 }, batch: { spike: 0, growth: 1 } };

describe('santurkar2018/histograms', () => {
  it('is reproduced where every norm is less Gaussian than batch norm and moves further than none', () => {
    const { verdict, parts } = decide({ ...plain, l1: normed, l2: normed, linf: normed });
    expect(verdict).toBe('reproduced');
    expect(parts.map(({ pairings }) => pairings.map(({ name }) => name))).toEqual([
      ['l1', 'l2', 'l∞'],
      ['l1', 'l2', 'l∞'],
    ]);
    const drift = parts[1]?.pairings[0]?.interval?.mean ?? Number.NaN;
    expect(drift).toBeGreaterThan(1);
  });

  it('is not where all are more Gaussian, or move less', () => {
    const gaussian = { spike: 0, growth: 1.5 };
    const spiky = { ...plain, batch: { spike: 0.9, growth: 1 } };
    expect(
      decide({ ...spiky, l1: gaussian, l2: gaussian, linf: gaussian }).parts.map(({ verdict }) => verdict),
    ).toEqual(['not-reproduced', 'reproduced']);
    const still = { spike: 0.5, growth: 1.01 };
    expect(decide({ ...plain, l1: still, l2: still, linf: still }).parts.map(({ verdict }) => verdict)).toEqual([
      'reproduced',
      'not-reproduced',
    ]);
  });

  it('is inconclusive where the norms differ', () => {
    const mixed = decide({ ...plain, l1: normed, l2: { spike: 0.5, growth: 1.01 }, linf: normed });
    expect(mixed.parts.map(({ verdict }) => verdict)).toEqual(['reproduced', 'inconclusive']);
  });

  it('judges nothing where a training diverged', () => {
    const diverged = { ...about, step: 100, quantity: 'diverged', value: 100 };
    const { parts } = decide({ ...plain, l1: normed, l2: normed, linf: normed }, [diverged]);
    expect(parts.map(({ verdict }) => verdict)).toEqual(['precondition-failed', 'precondition-failed']);
  });

  it('looks at the layers of the protocol, in their order', () => {
    const { figures } = decide({ ...plain, l1: normed, l2: normed, linf: normed });
    expect(figures.map(({ id }) => id)).toEqual([
      'histograms-layer2',
      'histograms-layer6',
      'histograms-moves-layer2',
      'histograms-moves-layer6',
      'histograms-effects',
    ]);
  });
});
