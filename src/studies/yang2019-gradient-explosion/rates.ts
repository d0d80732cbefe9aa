/** @file From records to growth rates: a line through the logarithm of the squared gradient over depth. */

import { mean } from '../../math/statistics.ts';
import type { StepRecord } from '../../records/record.ts';
import type { ArchitectureName, ExplosionProtocol } from './measure.ts';

/** What one seed measured. */
export interface Gradients {
  /** ‖∂L/∂h‖² of layers 0 … depth. */
  readonly squares: (name: ArchitectureName, batch: number) => readonly number[];
  /** Growth per layer towards the input, fitted over the protocol's layers. */
  readonly rate: (name: ArchitectureName, batch: number) => number;
}

export function readGradients(
  records: readonly StepRecord[],
  { depth, from, until }: Pick<ExplosionProtocol, 'depth' | 'from' | 'until'>,
): Gradients {
  const found = new Map(records.map(({ quantity, at, layer, value }) => [`${quantity} ${at} ${layer}`, value]));
  const squares: Gradients['squares'] = (name, batch) =>
    Array.from({ length: depth + 1 }, (_, i) => found.get(`${name}-gradient ${batch} h${i}`) ?? Number.NaN);
  const rate: Gradients['rate'] = (name, batch) =>
    Math.exp(
      -slope(
        squares(name, batch)
          .slice(from, until + 1)
          .map(Math.log),
      ),
    );
  return { squares, rate };
}

/** Least squares of values at 0, 1, 2, … */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const level = mean(values);
  let [products, squares] = [0, 0];
  for (const [i, value] of values.entries()) {
    products += (i - middle) * (value - level);
    squares += (i - middle) ** 2;
  }
  return products / squares;
}
