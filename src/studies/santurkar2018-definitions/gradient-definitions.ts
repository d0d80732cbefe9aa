/** @file Definitions of gradient predictiveness and of effective smoothness (santurkar2018, Figures 4b and 4c). */

import { type Definition, fresh, plain, read, readings, running, spread, usual } from './definition.ts';
import type { Measured } from './measured.ts';
import { rule } from './protocol.ts';

/** Those of one layer are of the layer of this name. */
export function gradientDefinitions(layer: string): readonly Definition[] {
  const first = { layer };
  return [
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
