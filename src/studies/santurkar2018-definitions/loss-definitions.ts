/** @file Definitions of the loss landscape: how far the loss varies along a step (santurkar2018, Figure 4a). */

import { type Definition, fresh, logSpread, plain, read, readings, running, spread, usual } from './definition.ts';
import type { Measured } from './measured.ts';
import { rule } from './protocol.ts';

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

/** Of networks of this width. */
export function lossDefinitions(width: number): readonly Definition[] {
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
