/** @file From a network with norms to the numbers of the same network without: what it computes in evaluation mode stays. */

import type { Problem } from '../problems/problem.ts';
import { allocate, type TensorData } from '../runtime/tensor-data.ts';
import { initialState } from '../train/initial-state.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { trainingGraphs } from '../train/training-graphs.ts';
import type { Instruments } from './instruments.ts';
import { numbersOf } from './measure.ts';
import type { State } from './subject.ts';

/**
 * Each norm folded into the linear map before it: w′ = w · gamma/√(variance + epsilon) per output channel, and
 * b′ = beta + (b − mean) · gamma/√(variance + epsilon). Of a variant whose numbers are given (a file's), they stay.
 * @param state - of the network with norms; its running variances must be numbers of 0 or more
 */
export function bareState({ norms, look, batchSize, seed }: Instruments, state: State, variant: Problem): State {
  const graph = trainingGraphs(variant, batchSize, sgd()).step;
  const initial = initialState(graph, seed);
  const isGiven = graph.inputs.some(({ role }) => role.kind === 'parameter' && role.initial.kind === 'given');
  if (isGiven) return initial;
  const made = new Map<string, TensorData>(
    [...initial].map(([name, data]) => {
      const known = state.get(name);
      return [name, known?.length === data.length ? known : data];
    }),
  );
  for (const place of norms) {
    const weight = look.weights.find(({ layer }) => layer === place.layer)?.name;
    const values = weight === undefined ? undefined : state.get(weight);
    const bias = made.get(`${place.layer}/bias`);
    if (weight === undefined || values === undefined || bias === undefined) continue;
    const of = (name: string | undefined, otherwise: number): ((c: number) => number) => {
      const numbers = name === undefined ? undefined : numbersOf(state, name);
      return (c) => numbers?.[c] ?? otherwise;
    };
    const [gamma, beta, shift] = [
      of(place.gamma, 1),
      of(place.beta, 0),
      of(state.has(`${place.layer}/bias`) ? `${place.layer}/bias` : undefined, 0),
    ];
    const [mean, variance] = [of(place.runningMean, 0), of(place.runningVariance, 1)];
    const scale = (c: number): number => gamma(c) / Math.sqrt(variance(c) + place.epsilon);
    const isDense = graph.inputs.some(({ value }) => value.name === weight && value.shape.length === 2);
    const perChannel = values.length / place.channels;
    made.set(
      weight,
      filled(values, (i) => (values[i] as number) * scale(isDense ? i % place.channels : Math.floor(i / perChannel))),
    );
    made.set(
      `${place.layer}/bias`,
      filled(bias, (c) => beta(c) + (shift(c) - mean(c)) * scale(c)),
    );
  }
  return made;
}

function filled(like: TensorData, value: (i: number) => number): TensorData {
  const data = allocate(like instanceof Float64Array ? 'float64' : 'float32', like.length) as Float32Array;
  for (let i = 0; i < data.length; i++) data[i] = value(i);
  return data;
}
