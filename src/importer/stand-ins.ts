/**
 * @file What stands in for running statistics that are no numbers. With them a file answers NaN whatever it is fed, and could not be
 * held to what is built of it; so both sides of that comparison are given mean 0 and variance 1 in the channels that are broken.
 * And states that recurrent ops begin with, which are zero where they are left out, are left out where they are zero.
 */

import { isBatchNorm } from '../onnx/batch-norm.ts';
import { constantsOf } from '../onnx/constants.ts';
import { isState } from '../onnx/expose.ts';
import type { OnnxGraph } from '../onnx/model.ts';

export type Statistic = 'mean' | 'variance';

/** The vector with a number in place of each that is none, or is a negative variance; undefined where it is sound. */
export function standIn(statistic: Statistic, values: ArrayLike<number>): Float32Array | undefined {
  const isSound = (value: number): boolean => Number.isFinite(value) && (statistic === 'mean' || value >= 0);
  const numbers = Float32Array.from(values);
  if (numbers.every(isSound)) return undefined;
  return numbers.map((value) => (isSound(value) ? value : statistic === 'mean' ? 0 : 1));
}

/** By the name of a constant that a batch norm reads. */
export function standInsOf(graph: OnnxGraph): ReadonlyMap<string, Float32Array> {
  const constants = constantsOf(graph);
  const norms = graph.nodes.filter(isBatchNorm);
  return new Map(
    norms.flatMap(({ inputs }) =>
      (['mean', 'variance'] as const).flatMap((statistic, i): [string, Float32Array][] => {
        const name = inputs[3 + i] ?? '';
        const constant = constants.get(name);
        if (constant?.type !== 'float') return [];
        const sound = standIn(statistic, Float32Array.from(constant.data, Number));
        return sound === undefined ? [] : [[name, sound]];
      }),
    ),
  );
}

/** Names of constants of zeros that recurrent ops begin with. */
export function zeroStatesOf(graph: OnnxGraph): ReadonlySet<string> {
  const constants = constantsOf(graph);
  const states = graph.nodes.flatMap(({ op, inputs }) => inputs.filter((_, i) => isState({ opType: op }, i)));
  return new Set(
    states.filter((name) => Array.from(constants.get(name)?.data ?? [1], Number).every((value) => value === 0)),
  );
}
