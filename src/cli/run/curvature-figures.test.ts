import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../../studies/figure.ts';
import { rmsProp } from '../../train/optimisers/rms-prop.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import type { TrainingSettings } from '../../train/training-settings.ts';
import { curvatureFigures } from './curvature-figures.ts';

const training: TrainingSettings = {
  dataset: 'mnist',
  batchSize: 8,
  steps: 5,
  seed: 3,
  augment: false,
  optimiser: sgd(),
  learningRate: 0.5,
  schedule: { kind: 'constant' },
  evaluateEvery: 0,
};
const about = { definition: 'made up', mode: 'train' } as const;

const overSteps = (quantity: string, values: readonly number[], place: Partial<StepRecord> = {}): StepRecord[] =>
  values.map((value, step) => ({ ...about, quantity, step, value, ...place }));
const loss = overSteps('loss', [5, 4, 4, 4, 1]);

const figure = (records: readonly StepRecord[], changes: Partial<TrainingSettings> = {}): PlotFigure | undefined =>
  curvatureFigures([...loss, ...records], { ...training, ...changes }, 'batch').find(({ id }) => id === 'curvature');
const edgeIn = (drawn: PlotFigure | undefined) =>
  drawn?.marks.flatMap((mark) => (mark.mark === 'line' && mark.arm === 'theory' ? [mark] : []));

describe('curvature over training', () => {
  it('is drawn by the names of its definitions, the largest eigenvalue of several alone', () => {
    const drawn = figure([
      ...overSteps('batch-sharpness', [1, -2, 3]),
      ...overSteps('eigenvalue', [8, 9], { at: 1 }),
      ...overSteps('eigenvalue', [4, 5], { at: 2 }),
      ...overSteps('sharpness', [7]),
    ]);
    expect(drawn?.marks.flatMap((mark) => (mark.mark === 'line' && mark.arm !== 'theory' ? [mark] : []))).toEqual([
      { mark: 'line', arm: 'eigenvalue 1', seed: 3, x: [0, 1], y: [8, 9] },
      { mark: 'line', arm: 'batch sharpness', seed: 3, x: [0, 2], y: [1, 3] },
    ]);
  });

  it('has no more points than a figure can show', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => 1 + i);
    const lines = figure(overSteps('batch-sharpness', many))?.marks.flatMap((mark) =>
      mark.mark === 'line' ? [mark] : [],
    );
    expect(lines?.find(({ arm }) => arm === 'batch sharpness')?.x).toHaveLength(400);
  });

  it('has none where nothing was measured twice', () => {
    expect(figure(overSteps('sharpness', [7]))).toBeUndefined();
  });

  it('has the edge of the rate of each step, as far as curvature could come to it', () => {
    const sharp = overSteps('sharpness', [3, 3, 3]);
    const schedule = { kind: 'step', at: [0.4, 0.8], factor: 0.1 } as const;
    const [edge] = edgeIn(figure(sharp, { schedule })) ?? [];
    // 4 and 40 at the first two rates; 40 and more are beyond ten times the largest curvature.
    expect(edge).toMatchObject({ x: [0, 1], y: [4, 4] });
    const slowing = { kind: 'plateau', patience: 1, factor: 0.5, improvement: 0.1 } as const;
    expect(edgeIn(figure(sharp, { schedule: slowing }))?.[0]?.y).toEqual([4, 4, 4, 8, 16]);
  });

  it('says which edge, and has none of other optimisers', () => {
    const sharp = overSteps('sharpness', [3, 3]);
    expect(figure(sharp)?.caption).toContain(' 2/rate:');
    expect(figure(sharp, { optimiser: sgd({ momentum: 0.9 }) })?.caption).toContain(' 2 (1 + 0.9)/rate:');
    const other = figure(sharp, { optimiser: rmsProp() });
    expect(other?.caption).toContain('No line says');
    expect(edgeIn(other)).toEqual([]);
  });
});

describe('a spectrum', () => {
  const density = (step: number, place: Partial<StepRecord>, quantity: string): StepRecord[] =>
    [1e-9, 2, 0.5].map((value, at) => ({ ...about, quantity, step, at, value, ...place }));
  const layered = [0, 10, 20, 30].flatMap((step) => density(step, { layer: 'dense2' }, 'layer-spectral-density'));
  const evaluated = density(0, { mode: 'eval' }, 'eval-spectral-density');
  const [whole, block] = curvatureFigures([...evaluated, ...layered], training, 'batch');

  it('is of the whole network in a mode, or of a layer', () => {
    expect(whole?.title).toBe('Spectrum of the Hessian, with running statistics');
    expect(block?.title).toBe('Spectrum of the Hessian, block of dense2');
    expect([whole?.id, block?.id]).toEqual(['eval-spectral-density', 'layer-spectral-density-dense2']);
  });

  it('leaves out measurements that came to no number', () => {
    const broken = density(5, {}, 'spectral-density').map((record) => ({ ...record, value: Number.NaN }));
    const [drawn] = curvatureFigures([...density(0, {}, 'spectral-density'), ...broken], training, 'batch');
    expect(drawn?.marks).toHaveLength(1);
    expect(curvatureFigures(broken, training, 'batch')).toEqual([]);
  });

  it('is drawn at the first, the middle and the last measurement, down to a millionth', () => {
    expect(block?.marks.map((mark) => (mark.mark === 'line' ? mark.panel : mark.mark))).toEqual([
      'step 0',
      'step 10',
      'step 30',
    ]);
    expect(whole?.marks).toEqual([
      { mark: 'line', arm: 'batch', seed: 3, panel: 'step 0', x: [0, 1, 2], y: [2e-6, 2, 0.5] },
    ]);
  });
});
