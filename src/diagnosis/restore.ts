/**
 * @file The counterfactual of running statistics: those of the population are put into the norms of some layers, and the
 * network is evaluated again. What restores the loss alone is the cause; what is merely off is an echo.
 */

import { allocate, type TensorData } from '../runtime/tensor-data.ts';
import { average } from './groups.ts';
import type { Instruments, Losses } from './instruments.ts';
import type { Measured, MeasuredNorm } from './measure.ts';
import type { State } from './subject.ts';

export interface Restoration {
  /** Mean loss by batch statistics, and by running ones as they were: NaN where they are no numbers. */
  readonly frozen: number;
  readonly before: number;
  /** What counts as restored is near this: the lesser of `frozen`, which small batches make worse, and `all`. */
  readonly target: number;
  /** Loss with population statistics in all norms. */
  readonly all: number;
  /** By layer, loss with population statistics in that layer alone. */
  readonly alone: ReadonlyMap<string, number>;
  /** The fewest layers found that restore the loss together, most helpful first; empty where none of up to four do. */
  readonly cause: readonly string[];
  /** Loss with population statistics in those. */
  readonly after: number;
}

/** Restored: at most so many nats above the loss of batch statistics, or such a part of the gap. */
const [NEAR, PART] = [0.05, 0.1] as const;
/** Layers that are tried together at most. */
const MOST_LAYERS = 4;

/** Whether a loss is as good as it can be. @param before - the loss that was to be mended; may be NaN */
export function isRestored(loss: number, { target, before }: Pick<Restoration, 'target' | 'before'>): boolean {
  const gap = Number.isFinite(before) ? before - target : 0;
  return loss - target <= Math.max(NEAR, PART * gap);
}

/** Tries layers one at a time, then the most helpful together. @param suspects - layers that are tried; default all */
export async function restore(
  instruments: Instruments,
  measured: Measured,
  suspects: readonly string[] = measured.norms.map(({ place }) => place.layer),
): Promise<Restoration> {
  const { norms, state } = measured;
  const mended = async (layers: readonly string[]): Promise<number> =>
    lossOf(await evaluateWith(instruments, state, populationState(norms, layers)));
  const all = await mended(norms.map(({ place }) => place.layer));
  const frozen = lossOf(measured.frozen);
  const compared = { frozen, before: lossOf(measured.evaluation), target: all < frozen ? all : frozen };
  const alone = new Map<string, number>();
  for (const layer of suspects) alone.set(layer, await mended([layer]));
  const ranked = [...alone].toSorted(([, a], [, b]) => orInfinity(a) - orInfinity(b)).map(([layer]) => layer);
  let [cause, after]: [readonly string[], number] = [[], all];
  // Where evaluation is no worse than training mode there is nothing to restore, and anything would seem to.
  const isWell =
    Number.isFinite(compared.before) && isRestored(compared.before, { ...compared, before: compared.target });
  for (
    let count = isWell ? ranked.length + 1 : 1;
    count <= Math.min(MOST_LAYERS, ranked.length) && cause.length === 0;
    count++
  ) {
    const together = ranked.slice(0, count);
    const loss = count === 1 ? (alone.get(together[0] as string) as number) : await mended(together);
    if (isRestored(loss, compared)) [cause, after] = [together, loss];
  }
  return { ...compared, all, alone, cause, after };
}

/** Losses with some of the state replaced, which is put back afterwards. */
async function evaluateWith(instruments: Instruments, state: State, changed: State): Promise<Losses> {
  const before = new Map([...changed.keys()].map((name) => [name, state.get(name) as TensorData]));
  await instruments.device.write(changed);
  try {
    return await instruments.evaluate();
  } finally {
    await instruments.device.write(before);
  }
}

/** Running statistics of some layers as the population has them. */
function populationState(norms: readonly MeasuredNorm[], layers: readonly string[]): State {
  return new Map(
    norms.flatMap(({ place, population, running }) => {
      if (!layers.includes(place.layer)) return [];
      const dtype = running.mean instanceof Float64Array ? 'float64' : 'float32';
      const asStored = (values: Float64Array): TensorData => {
        const data = allocate(dtype, values.length) as Float32Array;
        data.set(values);
        return data;
      };
      return [
        [place.runningMean, asStored(population.mean)] as const,
        [place.runningVariance, asStored(population.variance)] as const,
      ];
    }),
  );
}

/** The mean over batches; NaN where one is none. */
export function lossOf({ loss }: Losses): number {
  return average(loss);
}

function orInfinity(loss: number): number {
  return Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY;
}
