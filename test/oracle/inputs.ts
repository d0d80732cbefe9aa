/** @file The inputs of the golden cases, drawn from the same streams as tools/golden draws them. */

import type { Graph } from '../../src/graph/graph.ts';
import { elementCount, type FloatType } from '../../src/graph/tensor-type.ts';
import { createStream, type RandomStream } from '../../src/math/random.ts';
import type { ModelName } from '../../src/models/index.ts';
import type { ModelSettings } from '../../src/models/model.ts';
import { classifier } from '../../src/problems/classifier.ts';
import type { Problem } from '../../src/problems/problem.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { initialState } from '../../src/train/initial-state.ts';

/** What a golden file of a network says about how it was made. */
export interface Protocol {
  readonly settings: { readonly model: ModelName } & Pick<
    ModelSettings,
    'norm' | 'placement' | 'normalised' | 'activation' | 'initialiser' | 'width' | 'classes'
  >;
  /** [N, C, H, W]. */
  readonly images: readonly [number, number, number, number];
  readonly seed: number;
}

export function problemOf({ settings, images }: Pick<Protocol, 'settings' | 'images'>, float: FloatType): Problem {
  const { model, ...network } = settings;
  return classifier(model, { ...network, input: images.slice(1), float });
}

/** Numbers that float32 holds, in the array type of the graph: both precisions compute with the same inputs. */
export function draw(
  float: FloatType,
  count: number,
  fill: (target: Float32Array) => void,
): Float32Array | Float64Array {
  const values = new Float32Array(count);
  fill(values);
  return float === 'float32' ? values : Float64Array.from(values);
}

export function noise(seed: number, layer: string, step = 0): RandomStream {
  return createStream({ seed, purpose: 'noise', layer, step });
}

/** A batch that can be learnt: each class has a pattern, and each image is its class's with half as much noise. */
export function batch(
  { seed, images, settings }: Protocol,
  step: number,
  float: FloatType,
): { x: Float32Array | Float64Array; labels: Int32Array } {
  const [count, ...shape] = images;
  const pixels = elementCount(shape);
  const patterns = new Float32Array(settings.classes * pixels);
  noise(seed, 'patterns').fillNormal(patterns, 0, 1);
  const drawn = noise(seed, 'labels', step);
  const labels = Int32Array.from({ length: count }, () => drawn.integer(settings.classes));
  const x = draw(float, count * pixels, (target) => {
    noise(seed, 'images', step).fillNormal(target, 0, 0.5);
    labels.forEach((label, n) => {
      for (let i = 0; i < pixels; i++) {
        const at = n * pixels + i;
        target[at] = (target[at] as number) + (patterns[label * pixels + i] as number);
      }
    });
  });
  return { x, labels };
}

/** How far biases, gammas and betas are moved off their initial constant where no gradient is to be special. */
export const JITTER = 0.25;

/** The initial state of a seed, with numbers that float32 holds, and parameters that start constant moved by jitter. */
export function startingState(graph: Graph, seed: number, jitter: number): Map<string, TensorData> {
  const state = initialState(graph, seed);
  for (const { value, role } of graph.inputs) {
    const data = state.get(value.name);
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    if (role.kind === 'parameter' && role.initial.kind === 'constant') {
      const centre = role.initial.value;
      createStream({ seed, purpose: 'init', layer: value.name }).fillUniform(data, centre - jitter, centre + jitter);
    }
    data.forEach((number, i) => {
      data[i] = Math.fround(number);
    });
  }
  return state;
}
