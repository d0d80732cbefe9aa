/** @file Rules on what layers hold and give: dead units, constant channels, gammas, sizes by depth. */

import { median } from '../../math/statistics.ts';
import type { Finding } from '../finding.ts';
import { overGroups } from '../groups.ts';
import { constantChannelsOf, deadGammasOf, deadUnits, idleUnits } from '../layer-counts.ts';
import { type Measured, spreadOn } from '../measure.ts';
import { beyond, percent, short } from './rule.ts';

/** Units of a ReLU layer that are 0 on every example. */
export function deadRelus({ layers }: Measured): readonly Finding[] {
  return layers.flatMap(({ about: { name, units }, active }) => {
    if (active === undefined) return [];
    const [dead, idle] = [deadUnits(active), idleUnits(active)];
    const found = beyond('dead-relu', dead / units, {
      layer: name,
      text: `${dead} of ${units} units of ${name} are 0 on every example: they compute nothing, and no gradient will bring them back`,
      repair:
        'lower the learning rate, warm it up, or initialise by He’s rule with biases (betas) of 0; reinitialise the dead units, or remove them',
    });
    if (found.length > 0) return found;
    return beyond('idle-relu', idle / units, {
      layer: name,
      text: `${idle} of ${units} units of ${name} are above 0 on less than 1 % of what they see`,
      repair:
        'nothing at once: look whether they become dead as training goes on; a lower learning rate keeps them alive',
    });
  });
}

/** Channels that are the same on every example before their norm. */
export function constantChannels({ norms }: Measured): readonly Finding[] {
  return norms.flatMap((norm) => {
    const { place } = norm;
    const constant = constantChannelsOf(norm);
    return beyond('constant-channel', constant / place.channels, {
      layer: place.layer,
      text: `${constant} of ${place.channels} channels before the norm of ${place.layer} are constant: the norm divides by epsilon alone, and blows up whatever noise is left`,
      repair: 'look for weights of 0 and dead units before the layer; prune these channels, or reinitialise them',
    });
  });
}

/** Gammas that switch their channel off. */
export function deadGammas(measured: Measured): readonly Finding[] {
  const counts = deadGammasOf(measured);
  return measured.norms.flatMap(({ place: { layer, channels } }) => {
    const dead = counts.get(layer);
    if (dead === undefined) return [];
    return beyond('dead-gamma', dead / channels, {
      layer,
      text: `${dead} of ${channels} gammas of ${layer} are below 1 % of the median: these channels give their beta, whatever the image`,
      repair:
        'take gammas out of weight decay, or lower it; if they were pruned on purpose, remove the channels. At the end of a residual branch, gammas that start at 0 need a few hundred steps',
    });
  });
}

/** Layers among which growth is looked for. */
const REACH = 5;

/** How the size of what layers compute grows or falls with depth. */
export function activationGrowth({ layers, looks }: Measured): readonly Finding[] {
  const sizes = layers.map(({ spread }) => spread.value);
  const broken = layers.find(({ spread }) => !Number.isFinite(spread.value));
  if (broken !== undefined) {
    return beyond('activation-growth', Number.POSITIVE_INFINITY, {
      layer: broken.about.name,
      text: `what ${broken.about.name} computes is not finite: nothing behind it is a number`,
      repair: 'scale the weights of this layer and of those before it down, or normalise before it',
    });
  }
  let worst = { ratio: 1, layer: 0, against: 0 };
  for (let layer = 1; layer < sizes.length; layer++) {
    for (let against = Math.max(0, layer - REACH); against < layer; against++) {
      const ratio = (sizes[layer] as number) / (sizes[against] as number);
      // A layer of zeros is for the rules on constant channels and dead units.
      const size = Number.isFinite(ratio) && ratio > 0 ? Math.max(ratio, 1 / ratio) : 1;
      if (size > worst.ratio) worst = { ratio: size, layer, against };
    }
  }
  const [odd, from] = [layers[oddOne(sizes, worst)], layers[worst.against]];
  if (odd === undefined || from === undefined) return [];
  return beyond('activation-growth', worst.ratio, {
    layer: odd.about.name,
    interval: overGroups(looks, (part) => {
      const ratio = spreadOn(part, worst.layer) / spreadOn(part, worst.against);
      return Math.max(ratio, 1 / ratio);
    }).interval,
    text: `what layers compute before their norms changes by a factor of ${short(worst.ratio)} within ${REACH} layers, and ${odd.about.name} is the odd one (standard deviation ${short(odd.spread.value)})`,
    repair:
      'rescale the weights of this layer: behind a batch norm that changes no output (statistics follow), but its steps are too small or too large by the square of the factor',
  });
}

/** Of the two layers between which the factor is largest, the one that is further from the median of all. */
function oddOne(
  sizes: readonly number[],
  { layer, against }: { readonly layer: number; readonly against: number },
): number {
  const middle = Math.log(median(sizes.map((size) => Math.max(size, Number.MIN_VALUE))));
  const distance = (i: number): number => Math.abs(Math.log(Math.max(sizes[i] as number, Number.MIN_VALUE)) - middle);
  return distance(layer) >= distance(against) ? layer : against;
}

/** ReLU layers in a row that nothing keeps at their size. */
export function bareDepth({ layers }: Measured): readonly Finding[] {
  let [run, longest, end] = [0, 0, ''];
  for (const { about } of layers) {
    run = about.activation === 'relu' && !about.hasNorm && !about.hasShortcut ? run + 1 : 0;
    if (run > longest) [longest, end] = [run, about.name];
  }
  return beyond('bare-depth', longest, {
    layer: end,
    text: `${longest} ReLU layers in a row have neither norm nor shortcut, up to ${end}: their size over depth hangs on the initial weights alone, and the largest stable learning rate falls with depth`,
    repair:
      'put norms back, add shortcuts, or initialise by He’s rule and train at a small rate; export with norms kept',
  });
}

/** Tanh layers that give ±1. */
export function saturatedTanhs({ layers }: Measured): readonly Finding[] {
  return layers.flatMap(({ about: { name }, saturated }) =>
    saturated === undefined
      ? []
      : beyond('saturated-tanh', saturated, {
          layer: name,
          text: `${percent(saturated)} of what the tanh of ${name} is given lies beyond ±9.5, where its derivative is 0`,
          repair: 'scale the weights before it down, or normalise before it',
        }),
  );
}
