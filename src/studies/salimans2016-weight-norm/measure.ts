/** @file The gradients of gain and direction of a layer with weight norm, beside those of the weight itself. */

import { need } from '../../errors.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { euclideanNorm, innerProduct } from '../../math/inner-product.ts';
import { relativeError } from '../../math/relative-error.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawStream, drawUniform } from '../draws.ts';
import { columns, normedLayer } from '../normed-layer.ts';
import type { WeightNormProtocol } from './protocol.ts';
import { outputOf } from '../../runtime/device.ts';
import { weightNormGradients } from './theory.ts';
import { train } from './train.ts';

const definitions = {
  'gain-error': 'max |∂L/∂g − (∂L/∂w · v)/‖v‖| / max |the latter|, over units, L the cross-entropy, float64',
  'direction-error': 'max |∂L/∂v − (g/‖v‖) ∂L/∂w + (g (∂L/∂g)/‖v‖²) v| / max |the latter two|, float64',
  orthogonality: 'max over units of |⟨v, ∂L/∂v⟩| / (‖v‖ ‖∂L/∂v‖), float64',
} as const;

export async function measure(
  laboratory: Laboratory,
  protocol: WeightNormProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { cases, examples, inputs, units } = protocol;
  const [normed, plain] = [normedLayer('weight', protocol), normedLayer('none', protocol)];
  const records: StepRecord[] = [];
  for (let step = 0; step < cases; step++) {
    const key = (what: string) => ({ seed, step, name: `salimans2016/weight-norm ${what}` });
    const x = drawNormal(examples * inputs, key('x'));
    const v = drawNormal(inputs * units, key('v'));
    const gain = drawUniform(units, key('gain'), -2, 2);
    const stream = drawStream(key('labels'));
    const labels = Int32Array.from({ length: examples }, () => stream.integer(units));
    const directions = columns(v, units);
    const lengths = directions.map(euclideanNorm);
    const w = v.map((value, at) => ((gain[at % units] as number) * value) / (lengths[at % units] as number));
    const byNorm = await laboratory.run(normed, { x, w: v, labels, 'norm/gamma': gain });
    const byWeight = await laboratory.run(plain, { x, w, labels });
    const slopes = columns(outputOf(byNorm, 'dw'), units);
    const weightSlopes = columns(outputOf(byWeight, 'dw'), units);
    const expected = directions.map((direction, unit) =>
      weightNormGradients(direction, gain[unit] as number, need(weightSlopes[unit], `a slope of unit ${unit}`)),
    );
    const alignment = directions.map((direction, unit) => {
      const slope = need(slopes[unit], `a slope of unit ${unit}`);
      return Math.abs(innerProduct(direction, slope)) / (euclideanNorm(direction) * euclideanNorm(slope));
    });
    const errors = {
      'gain-error': relativeError(
        byNorm['dgamma'],
        expected.map(({ dg }) => dg),
      ),
      'direction-error': relativeError(
        slopes.flatMap((slope) => [...slope]),
        expected.flatMap(({ dv }) => [...dv]),
      ),
      orthogonality: Math.max(...alignment),
    };
    for (const [quantity, value] of Object.entries(errors)) {
      const definition = definitions[quantity as keyof typeof definitions];
      records.push({ step, quantity, value, definition, mode: 'frozen' });
    }
    await laboratory.progress(step + 1, cases + protocol.steps);
  }
  return [...records, ...(await train(laboratory, protocol, seed))];
}
