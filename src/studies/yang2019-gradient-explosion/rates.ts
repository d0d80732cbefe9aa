/** @file From records to growth rates: a line through the logarithm of the squared gradient over depth. */

import { leastSquaresSlope } from '../../math/statistics.ts';
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
  const layers = Array.from({ length: until + 1 - from }, (_, i) => from + i);
  const rate: Gradients['rate'] = (name, batch) => {
    const logarithms = squares(name, batch)
      .map(Math.log)
      .slice(from, until + 1);
    return Math.exp(-leastSquaresSlope(layers, logarithms));
  };
  return { squares, rate };
}
