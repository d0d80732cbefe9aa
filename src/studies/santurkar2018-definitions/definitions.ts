/** @file Every definition: of what, read how, from which numbers of a probe. Larger is rougher, or shifts more. */

import { mean } from '../../math/statistics.ts';
import type { RayBatch, Statistics } from '../../probes/ray.ts';
import type { Measured } from './measured.ts';
import { rule } from './protocol.ts';

export type Family = 'landscape' | 'predictiveness' | 'smoothness' | 'covariate shift';

/** Which alternatives a definition is of. */
export interface Kind {
  readonly statistics: Statistics;
  readonly batch: RayBatch;
  readonly scale: 'absolute' | 'relative';
  readonly of: 'parameters' | 'one layer' | 'activations';
}

export interface Definition extends Kind {
  readonly family: Family;
  readonly name: string;
  readonly value: (run: Measured, step: number) => number;
  /** Whether arms are compared by a difference: of what is a logarithm already, or can be 0 or less. */
  readonly isDifference?: boolean;
  /** The margin of the study that judges it, in that study's column. */
  readonly judged?: { readonly column: string; readonly margin: number };
  /** Who measures it so, beside the paper. */
  readonly publiclyBy?: string;
}

const usual: Kind = { statistics: 'batch', batch: 'same', scale: 'absolute', of: 'parameters' };

interface Reading extends Pick<Kind, 'statistics' | 'batch'> {
  /** What its name ends in. */
  readonly words: string;
  readonly publiclyBy?: string;
}

const plain: Reading = { statistics: 'batch', batch: 'same', words: '' };
const fresh: Reading = { statistics: 'batch', batch: 'fresh', words: ', fresh batch' };
const running: Reading = {
  ...{ statistics: 'running', batch: 'same', words: ', running statistics' },
  publiclyBy: 'novastar53',
};
const frozen: Reading = { statistics: 'frozen', batch: 'same', words: ', frozen statistics' };
const recomputed: Reading = { statistics: 'recomputed', batch: 'same', words: ', recomputed statistics' };
const readings = [plain, fresh, running, frozen, recomputed];

const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
const logSpread = (values: readonly number[]): number => Math.log(Math.max(...values) / Math.min(...values));

/** Without what is judged, which stands in one definition alone. */
function read(
  among: readonly Reading[],
  definition: Omit<Definition, 'value' | keyof Kind> & Partial<Pick<Kind, 'scale'>>,
  value: (ray: string, run: Measured, step: number) => number,
): readonly Definition[] {
  const { judged, ...rest } = definition;
  return among.map(({ words, ...reading }) => ({
    ...usual,
    ...rest,
    ...reading,
    name: `${definition.name}${words}`,
    ...(reading.statistics === 'batch' && reading.batch === 'same' && judged !== undefined && { judged }),
    value: (run, step) => value(run.ray(reading.statistics, reading.batch), run, step),
  }));
}

/** L + λ/2·‖w − s·g‖² at each step size, λ such that the term has the share that it has at the paper's width. */
function decayed(run: Measured, step: number, width: number): readonly number[] {
  const [square, slope, gradientSquare] = ['weight-square', 'weight-slope', 'weight-gradient-square'].map((quantity) =>
    run.value(quantity, step),
  ) as [number, number, number];
  return run.range.map((multiple) => {
    const s = run.stepSize(multiple);
    const term = square - 2 * s * slope + s * s * gradientSquare;
    return run.value('ray-loss', step, { at: multiple }) + (rule.weightDecay / width / 2) * term;
  });
}

/** Of networks of this width, and of one hidden layer by its name. */
export function definitionsOf(width: number, layer: string): readonly Definition[] {
  const first = { layer };
  return [
    ...landscapes(width),
    ...read(
      readings,
      {
        family: 'predictiveness',
        name: 'max ‖Δg‖',
        judged: { column: 'SGD, equal steps, 95th', margin: rule.gradientMargin },
      },
      (ray, run, step) => Math.max(...run.over(`${ray}-gradient-change`, step, run.range)),
    ),
    ...read([plain], { family: 'predictiveness', name: 'max ‖Δg‖ − min ‖Δg‖' }, (ray, run, step) =>
      spread(run.over(`${ray}-gradient-change`, step, run.range)),
    ),
    ...read(
      [plain],
      { family: 'predictiveness', name: 'max ‖Δg‖, 7 steps from eta/2 to 5/2 eta', publiclyBy: 'Kevin-LD' },
      (ray, run, step) => Math.max(...run.over(`${ray}-gradient-change`, step, run.denseRange)),
    ),
    ...read(readings, { family: 'predictiveness', name: '‖Δg‖/‖g‖ at eta', scale: 'relative' }, (ray, run, step) =>
      run.value(`${ray}-relative-change`, step, { at: 1 }),
    ),
    ...read(
      readings,
      { family: 'predictiveness', name: '1 − cos(g, g′) at eta', scale: 'relative' },
      (ray, run, step) => 1 - run.value(`${ray}-cosine`, step, { at: 1 }),
    ),
    {
      ...usual,
      family: 'predictiveness',
      name: 'random direction: max ‖Δg‖',
      value: (run, step) => Math.max(...run.over('random-ray-gradient-change', step, run.range)),
    },
    ...(
      [
        ['‖g_t − g_t+1‖', 'absolute', 'change'],
        ['‖g_t − g_t+1‖/‖g_t‖', 'relative', 'relative-change'],
      ] as const
    ).map(
      ([name, scale, quantity]): Definition => ({
        ...usual,
        family: 'predictiveness',
        name: `${name} of one layer, step to step`,
        of: 'one layer',
        batch: 'fresh',
        scale,
        publiclyBy: 'AlexeyGB',
        value: (run, step) => run.value(`successive-gradient-${quantity}`, step, first),
      }),
    ),
    ...activations(layer),
    ...smoothness(),
    ...shifts(layer),
  ];
}

function landscapes(width: number): readonly Definition[] {
  const family = 'landscape';
  const column = 'SGD, equal steps, mean';
  const over = (ray: string, run: Measured, step: number): readonly number[] =>
    run.over(`${ray}-loss`, step, run.range);
  const isDifference = true;
  return [
    ...read(readings, { family, name: 'max L − min L', judged: { column, margin: rule.lossMargin } }, (...from) =>
      spread(over(...from)),
    ),
    ...read(
      readings,
      {
        family,
        name: 'ln(max L / min L)',
        isDifference,
        scale: 'relative',
        judged: { column, margin: rule.lossMargin },
      },
      (...from) => logSpread(over(...from)),
    ),
    ...read(
      [plain],
      { family, name: '(max L − min L) / L(x)', scale: 'relative' },
      (ray, run, step) => spread(over(ray, run, step)) / run.value(`${ray}-loss`, step, { at: 0 }),
    ),
    ...read([plain], { family, name: 'largest L' }, (...from) => Math.max(...over(...from))),
    ...read([plain], { family, name: 'max L − min L, with weight decay' }, (_, run, step) =>
      spread(decayed(run, step, width)),
    ),
    ...read(
      [plain],
      { family, name: 'ln(max L / min L), with weight decay', isDifference, scale: 'relative' },
      (_, run, step) => logSpread(decayed(run, step, width)),
    ),
    ...read(
      [plain],
      { family, name: 'max L − min L, 7 steps from eta/2 to 5/2 eta', publiclyBy: 'Kevin-LD' },
      (ray, run, step) => spread(run.over(`${ray}-loss`, step, run.denseRange)),
    ),
    ...read(
      [plain],
      {
        family,
        name: 'ln(max L / min L), 7 steps from eta/2 to 5/2 eta',
        isDifference,
        scale: 'relative',
        publiclyBy: 'Kevin-LD',
      },
      (ray, run, step) => logSpread(run.over(`${ray}-loss`, step, run.denseRange)),
    ),
    ...read([plain, fresh, running], { family, name: 'largest slope |ΔL|/(s‖g‖)' }, (ray, run, step) =>
      Math.max(...run.over(`${ray}-lipschitz`, step, run.range)),
    ),
    ...read([plain], { family, name: '|1 − actual/predicted decrease| at eta', scale: 'relative' }, (ray, run, step) =>
      Math.abs(1 - run.value(`${ray}-decrease-ratio`, step, { at: 1 })),
    ),
    {
      ...usual,
      family,
      name: 'random direction: max L − min L',
      value: (run, step) => spread(run.over('random-ray-loss', step, run.range)),
    },
  ];
}

/** With respect to what the linear map of a layer computes, in place of the parameters. */
function activations(layer: string): readonly Definition[] {
  const of = { ...usual, of: 'activations' } as const;
  return [
    {
      ...of,
      family: 'predictiveness',
      name: 'max ‖Δ∂L/∂a‖ of one layer’s output',
      value: (run, step) => Math.max(...run.over('activation-gradient-change', step, run.range, layer)),
    },
    {
      ...of,
      family: 'predictiveness',
      name: '‖Δ∂L/∂a‖/‖∂L/∂a‖ at eta',
      scale: 'relative',
      value: (run, step) => run.value('activation-relative-change', step, { at: 1, layer }),
    },
    {
      ...of,
      family: 'smoothness',
      name: 'max ‖Δ∂L/∂a‖/‖Δa‖ of one layer’s output',
      publiclyBy: 'abaybektursun',
      value: (run, step) => Math.max(...run.over('activation-beta', step, run.range, layer)),
    },
  ];
}

function smoothness(): readonly Definition[] {
  const family = 'smoothness';
  const at = (multiple: number, quantity: string) => (ray: string, run: Measured, step: number) =>
    run.value(`${ray}-${quantity}`, step, { at: multiple });
  return [
    ...read(
      readings,
      { family, name: 'beta: max over s', judged: { column: 'SGD, equal steps, 95th', margin: rule.betaMargin } },
      (ray, run, step) => Math.max(...run.over(`${ray}-beta`, step, run.range)),
    ),
    ...read(
      [plain],
      { family, name: 'beta: max over 7 steps from eta/2 to 5/2 eta', publiclyBy: 'Kevin-LD' },
      (ray, run, step) => Math.max(...run.over(`${ray}-beta`, step, run.denseRange)),
    ),
    ...read(readings, { family, name: 'beta: at eta' }, at(1, 'beta')),
    ...read([plain], { family, name: 'beta: at eta/100' }, at(0.01, 'beta')),
    ...read(
      [plain, fresh, running],
      { family, name: 'curvature: kappa at eta', isDifference: true },
      at(1, 'curvature'),
    ),
    ...read([plain], { family, name: 'curvature: kappa at eta/100', isDifference: true }, at(0.01, 'curvature')),
    {
      ...usual,
      family,
      name: 'random direction: beta, max over s',
      value: (run, step) => Math.max(...run.over('random-ray-beta', step, run.range)),
    },
  ];
}

/** ‖G − G′‖ and its like of Definition 2.1. */
function shifts(layer: string): readonly Definition[] {
  const family = 'covariate shift';
  const average =
    (quantity: string, reading: Reading, turned = (value: number): number => value) =>
    (run: Measured, step: number): number => {
      const prefix = run.shift(reading.statistics === 'running' ? 'running' : 'batch', reading.batch);
      return mean(run.layers.map((name) => turned(run.value(`${prefix}${quantity}`, step, { layer: name }))));
    };
  const away = (cosine: number): number => 1 - cosine;
  const known = [plain, fresh, running];
  return [
    ...known.map(
      ({ words, ...reading }): Definition => ({
        ...usual,
        ...reading,
        family,
        name: `‖G − G′‖, mean over layers${words}`,
        value: average('covariate-shift', { words, ...reading }),
      }),
    ),
    ...known.map(
      ({ words, ...reading }): Definition => ({
        ...usual,
        ...reading,
        family,
        name: `‖G − G′‖/‖G‖, mean over layers${words}`,
        scale: 'relative',
        value: average('covariate-shift-relative', { words, ...reading }),
      }),
    ),
    ...known.map(
      ({ words, ...reading }): Definition => ({
        ...usual,
        ...reading,
        family,
        name: `1 − cos(G, G′), mean over layers${words}`,
        scale: 'relative',
        value: average('covariate-shift-cosine', { words, ...reading }, away),
      }),
    ),
    {
      ...usual,
      family,
      name: '‖G − G′‖ of one layer',
      of: 'one layer',
      publiclyBy: 'AlexeyGB',
      value: (run, step) => run.value('covariate-shift', step, { layer }),
    },
    {
      ...usual,
      family,
      name: '‖G − G′‖/‖G‖ of one layer',
      of: 'one layer',
      scale: 'relative',
      value: (run, step) => run.value('covariate-shift-relative', step, { layer }),
    },
    {
      ...usual,
      family,
      name: '1 − cos(G, G′) of one layer',
      of: 'one layer',
      scale: 'relative',
      publiclyBy: 'AlexeyGB',
      value: (run, step) => 1 - run.value('covariate-shift-cosine', step, { layer }),
    },
  ];
}
