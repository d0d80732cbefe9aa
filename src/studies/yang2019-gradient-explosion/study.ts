/**
 * @file Yang et al. 2019: in a deep network without skip connections batch normalisation makes the gradient explode at
 * the start of training, at a rate that depends on the non-linearity and the batch size alone.
 */

import { squareOf } from '../../math/power.ts';
import { studentInterval } from '../../math/statistics.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { PartResult, StudyResult } from '../result.ts';
import type { Study } from '../study.ts';
import { explosionFigures } from './figures.ts';
import { type ArchitectureName, batchesOf, type ExplosionProtocol, measure } from './measure.ts';
import { readGradients, type Gradients } from './rates.ts';
import { growth } from './theory.ts';

const protocol: ExplosionProtocol = { seeds: 5, width: 1000, depth: 20, batches: [8, 32, 128], from: 4, until: 18 };

/**
 * Fixed beforehand: rates within `near` of theory (relative); the rate with ReLU above `explosion` for batches of
 * `leastBatch` and more; the rate without a norm within `flat` of 1.
 */
const rule = { near: 0.05, explosion: 1.3, leastBatch: 32, flat: 0.03 } as const;

export const yang2019GradientExplosion: Study = measuredStudy({
  name: 'yang2019/gradient-explosion',
  title: 'Exploding gradients of batch-normalised networks',
  paper: 'yang2019',
  where: 'Gradient explosion at initialisation, fully connected networks',
  claim:
    'In a fully connected network with batch normalisation and no skip connections the squared gradient grows exponentially with depth at initialisation, at the mean-field rate of its non-linearity and batch size.',
  tags: ['exact', 'initialisation', 'explosion'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: (budget) => ({ ...protocol, seeds: budget === 'quick' ? protocol.seeds : 10 }),
  seconds: ({ width, depth }) => 4 * squareOf(width / 1000) * (depth / 20),
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ cells }, settings) =>
    decide(
      settings,
      cells.map(({ records }) => readGradients(records.all, settings)),
    ),
});

function decide(settings: ExplosionProtocol, seeds: readonly Gradients[]): StudyResult {
  const { batches, from, until, width } = settings;
  const rates = (name: ArchitectureName, batch: number): readonly number[] => seeds.map((s) => s.rate(name, batch));
  const bySeed = (values: readonly number[]): readonly { seed: number; value: number }[] =>
    values.map((value, seed) => ({ seed, value }));
  const fitted = `fitted to ln ‖∂L/∂h‖² of layers ${from} to ${until}, width ${width}`;

  const nearTheory = (['relu', 'linear'] as const).flatMap((name) =>
    batches.map((batch): Omit<PartResult, 'name'> => {
      const theory = growth(name === 'relu' ? 'relu' : 'identity', batch);
      const measured = rates(name, batch);
      const claim = {
        name: '',
        claim: `With ${name === 'relu' ? 'ReLU' : 'no non-linearity'} and batches of ${batch} the squared gradient grows by ${theory.toFixed(3)} per layer.`,
        effect: `rate / theory − 1, ${fitted}`,
        margin: rule.near,
        rule: 'within' as const,
        remarks: [`Rate ${formatInterval3(studentInterval(measured))}, theory ${theory.toFixed(4)}.`],
      };
      return intervalPart(claim, bySeed(measured.map((rate) => rate / theory - 1)));
    }),
  );

  const large = batches.filter((batch) => batch >= rule.leastBatch);
  const smallest = seeds.map((s) => Math.min(...large.map((batch) => s.rate('relu', batch))));
  const explodes = intervalPart(
    {
      name: '',
      claim: `With ReLU and batches of ${rule.leastBatch} or more it grows by more than ${rule.explosion} per layer.`,
      effect: `the smallest rate of batches ${large.join(', ')}, ${fitted}`,
      margin: rule.explosion,
      rule: 'above',
    },
    bySeed(smallest),
  );

  const [alone = Number.NaN] = batchesOf('relu-without-norm', settings);
  const flat = rates('relu-without-norm', alone);
  const without = intervalPart(
    {
      name: '',
      claim: 'Without a norm, from He’s initialisation, it keeps its size.',
      effect: `rate − 1, the same fit, batches of ${alone}`,
      margin: rule.flat,
      rule: 'within',
      remarks: [`Rate ${formatInterval3(studentInterval(flat))}.`],
    },
    bySeed(flat.map((rate) => rate - 1)),
  );

  const parts = [...nearTheory, explodes, without].map((part, i) => ({
    ...part,
    name: 'abcdefghijklmnopqrstuvwxyz'[i] ?? `${i}`,
  }));
  const told = batches.map((batch) => {
    const { mean } = studentInterval(rates('relu', batch));
    return `${format3(mean)} at batch ${batch} (theory ${format3(growth('relu', batch))})`;
  });
  return resultOf(parts, {
    outcome: `with batch norm and ReLU the squared gradient grows per layer by ${told.join(', ')}; without a norm by ${format3(studentInterval(flat).mean)}`,
    notes: [
      'Write-ups say that batch norm prevents exploding gradients. Without skip connections it causes them at initialisation, whatever the variance of the weights: by theory the squared gradient at the input of a ReLU network of 50 layers is more than 1e8 times that at its output.',
      'The rate holds at initialisation, before the first step; networks with skip connections are another matter.',
      'Theory is for infinite width; at finite width the correlations of a batch scatter about their fixed point, and the rate with them.',
    ],
    figures: explosionFigures(settings, seeds),
  });
}
