/** @file Rules on gradients by depth. They look at weights alone: a bias before a norm has none, but for rounding. */

import type { Finding } from '../finding.ts';
import { overGroups } from '../groups.ts';
import { gradientOn, type Measured, type MeasuredWeight } from '../measure.ts';
import { beyond, percent, short } from './rule.ts';

/** ‖g‖/‖w‖, largest ÷ smallest. */
export function gradientSpread({ weights, looks }: Measured): readonly Finding[] {
  const sized = weights.filter(({ length }) => length > 0);
  const sorted = sized.toSorted((a, b) => ratioOf(a) - ratioOf(b));
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined || sorted.length < 2) return [];
  const middle = Math.log(ratioOf(sorted[Math.floor(sorted.length / 2)] as MeasuredWeight));
  const far = (weight: MeasuredWeight): number => Math.abs(Math.log(ratioOf(weight)) - middle);
  const odd = far(least) > far(most) ? least : most;
  const number = ratioOf(most) / ratioOf(least);
  return beyond('gradient-spread', number, {
    layer: odd.about.layer,
    interval: overGroups(looks, (part) => {
      const onPart = (weight: MeasuredWeight): number => gradientOn(part, weights.indexOf(weight)) / weight.length;
      return onPart(most) / onPart(least);
    }).interval,
    text: spreadText(most, least),
    repair: `rescale the weights of ${odd.about.layer}, whose gradient is the odd one (‖gradient‖/‖weight‖ ${short(ratioOf(odd))}), or use an optimiser with a rate per layer`,
  });
}

/** ‖g‖/‖w‖. */
function ratioOf({ gradient, length }: MeasuredWeight): number {
  return gradient.value / length;
}

function spreadText(most: MeasuredWeight, least: MeasuredWeight): string {
  if (ratioOf(most) === 0) return 'the gradient of every weight is exactly 0: nothing learns';
  if (ratioOf(least) === 0)
    return `the gradient of the weights of ${least.about.layer} is exactly 0: they stand still, whatever the rate`;
  return `one learning rate moves the weights of ${most.about.layer} ${short(ratioOf(most) / ratioOf(least))} times as far, by their own length, as those of ${least.about.layer}: where one learns, the other stands still or diverges`;
}

/** What others' tools ask of gradients: notes, since their thresholds know nothing of norms. */
export function gradientNotes({ weights }: Measured): readonly Finding[] {
  const [first, last] = [weights[0], weights.at(-1)];
  const found = weights.flatMap(({ about, gradient, reached }) => {
    const size = gradient.value / Math.sqrt(about.count);
    const vanished: readonly Finding[] =
      size < 1e-7
        ? [
            {
              rule: 'vanishing-gradient',
              level: 'note',
              layer: about.layer,
              number: size,
              what: 'root mean square of a weight’s gradient',
              threshold: 1e-7,
              text: `the gradient of ${about.name} is ${short(size)} per entry: no usual rate moves it`,
              repair: 'look at the scale of this layer’s weights and at dead units behind it',
            },
          ]
        : [];
    const zeros = beyond('zero-gradients', 1 - reached, {
      layer: about.layer,
      text: `${percent(1 - reached)} of the entries of ${about.name} have a gradient of exactly 0 on a batch`,
      repair:
        'look for dead units in this layer and the next; inputs that are 0 everywhere, as the rim of digits, do the same and do no harm',
    });
    return [...vanished, ...zeros];
  });
  if (first === undefined || last === undefined || first === last) return found;
  const ratio = first.gradient.value / last.gradient.value;
  const explodes = ratio > 70 || ratio < 1e-3;
  return [
    ...found,
    ...beyond('gradient-ratio', explodes ? Math.max(ratio, 70 * (1e-3 / ratio)) : 0, {
      layer: first.about.layer,
      text: `the gradient of the first weight is ${short(ratio)} times that of the last`,
      repair: ratio > 1 ? 'lower the scale of initial weights, or clip gradients' : 'normalise, or add shortcuts',
    }),
  ];
}
