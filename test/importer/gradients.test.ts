/** Gradients of other people's networks, in float64, along one random direction of all parameters. */

import { describe, expect, it } from 'vitest';
import { parametersOf } from '../../src/graph/graph.ts';
import { createStream } from '../../src/math/random.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { computed, imported } from './files.ts';

const STEP = 1e-6;
/**
 * Central differences at a step of 1e-6: truncation of 1e-12 times a third derivative, rounding of 1e-16 / 1e-6; a ReLU whose
 * decision lies within the step would show as 1e-4 and more, and none does at these inputs.
 */
const TOLERANCE = 1e-7;

describe.each(['mnist_cntk.onnx', 'onnx2c_mnist_pytorch.onnx', 'tract_keras_example.onnx', 'winml_pytorch_image.onnx'])(
  '%s',
  (file) => {
    it('has the gradients of central differences', async () => {
      const network = await imported(file);
      const problem = network.problem({ float: 'float64' });
      const batchSize = 3;
      const x = Float64Array.from(network.plan.measurement.answer.x);
      const labels = Int32Array.from({ length: batchSize }, (_, i) => (i * 7) % network.classes);
      const parameters = parametersOf(problem.build({ mode: 'frozen', batchSize }).g);
      const directions = new Map(parameters.map(({ name, shape }) => [name, directionOf(name, shape)]));
      const moved = (by: number) => (start: Map<string, TensorData>) =>
        new Map(
          [...start].map(([name, data]) => {
            const direction = directions.get(name);
            return [
              name,
              direction === undefined
                ? data
                : Float64Array.from(data as Float64Array, (w, i) => w + by * (direction[i] ?? 0)),
            ];
          }),
        );
      const at = (by: number) => computed(problem, { mode: 'frozen', batchSize, x, labels, state: moved(by) });
      const [here, above, below] = [await at(0), await at(STEP), await at(-STEP)];
      const numeric = (Number(above.loss?.[0]) - Number(below.loss?.[0])) / (2 * STEP);
      let analytic = 0;
      for (const [name, direction] of directions) {
        for (const [i, slope] of (here[`gradient:${name}`] as Float64Array).entries())
          analytic += slope * (direction[i] ?? 0);
      }
      expect(Math.abs(analytic)).toBeGreaterThan(0);
      expect(Math.abs(numeric - analytic)).toBeLessThan(TOLERANCE * Math.abs(analytic));
    });
  },
);

/** Of the size of a weight: normal, a hundredth for each. */
function directionOf(name: string, shape: readonly number[]): Float64Array {
  const direction = new Float64Array(shape.reduce((product, size) => product * size, 1));
  createStream({ seed: 3, purpose: 'probe', layer: name }).fillNormal(direction, 0, 0.01);
  return direction;
}
