/** @file The slope of a network's loss along one random direction of all its parameters: by its gradient, and by differences. */

import { grad } from '../../src/autodiff/reverse.ts';
import { need } from '../../src/errors.ts';
import { parametersOf } from '../../src/graph/graph.ts';
import type { ImportedNetwork } from '../../src/importer/import-network.ts';
import { createStream } from '../../src/math/random.ts';
import type { Tensors } from '../../src/runtime/device.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { initialState } from '../../src/train/initial-state.ts';

export interface Slopes {
  readonly analytic: number;
  /** Central differences in float64. */
  readonly numeric: number;
  /** Of each parameter, its share of `analytic`. */
  readonly shares: ReadonlyMap<string, number>;
}

/**
 * Central differences at a step h: truncation of h² times a third derivative, rounding of 1e-16 / h; a ReLU whose decision lies
 * within the step would show as 1e-4 and more of the slope, so that what has kinks takes a small one.
 * @param from - how far along the direction: a gamma and a beta of 0 leave a ReLU at exactly 0, where there is no slope
 */
export async function slopes(network: ImportedNetwork, step = 1e-6, from = 0): Promise<Slopes> {
  const batchSize = 3;
  const { g, loss } = network.problem({ float: 'float64' }).build({ mode: 'frozen', batchSize });
  const parameters = parametersOf(g);
  const gradients = grad(g, loss, parameters);
  const outputs = Object.fromEntries(
    parameters.map(({ name }, i) => [name, need(gradients[i], `a gradient of ${name}`)]),
  );
  const graph = g.finish('slopes', { ...outputs, loss });
  const device = threadlessDevice({ threads: 1, lowering: 'reference' });
  const program = await device.load(graph);
  const start = initialState(graph, 0);
  const directions = new Map(parameters.map(({ name, shape }) => [name, directionOf(name, shape)]));
  const at = async (by: number): Promise<Tensors> => {
    const moved = [...directions].map(([name, direction]) => {
      const from = start.get(name) as Float64Array;
      return [name, from.map((w, i) => w + by * (direction[i] ?? 0))] as const;
    });
    await device.write(new Map([...start, ...moved]));
    const labels = Int32Array.from({ length: batchSize }, (_, i) => (i * 7) % network.classes);
    return program.run({ x: Float64Array.from(network.plan.measurement.answer.x), labels });
  };
  const [here, above, below] = [await at(from), await at(from + step), await at(from - step)];
  await device.close();
  const shares = new Map(
    [...directions].map(([name, direction]) => {
      const gradient = here[name] as Float64Array;
      return [name, gradient.reduce((sum, slope, i) => sum + slope * (direction[i] ?? 0), 0)];
    }),
  );
  const analytic = [...shares.values()].reduce((sum, share) => sum + share, 0);
  return { analytic, numeric: (Number(above.loss?.[0]) - Number(below.loss?.[0])) / (2 * step), shares };
}

/** Of the size of a weight: normal, a hundredth for each. */
function directionOf(name: string, shape: readonly number[]): Float64Array {
  const direction = new Float64Array(shape.reduce((product, size) => product * size, 1));
  createStream({ seed: 3, purpose: 'probe', layer: name }).fillNormal(direction, 0, 0.01);
  return direction;
}
