/** Gradients of other people's networks, in float64, along one random direction of all parameters. */

import { expect, it } from 'vitest';
import { imported } from './files.ts';
import { slopes } from './slopes.ts';

/** What differences leave, as `slopes` has it: no ReLU decides within the step at these inputs. */
const TOLERANCE = 1e-7;

it.each(['mnist_cntk.onnx', 'onnx2c_mnist_pytorch.onnx', 'tract_keras_example.onnx', 'winml_pytorch_image.onnx'])(
  '%s has the gradients of central differences',
  async (file) => {
    const { analytic, numeric } = await slopes(await imported(file));
    expect(Math.abs(analytic)).toBeGreaterThan(0);
    expect(Math.abs(numeric - analytic)).toBeLessThan(TOLERANCE * Math.abs(analytic));
  },
);
