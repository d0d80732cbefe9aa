/** @file A dense layer with batch norm, with its weight as drawn and scaled by a: outputs and gradients of both. */

import { vjp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { relativeError } from '../../math/relative-error.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawUniform } from '../draws.ts';

export interface ScaleProtocol extends JsonObject {
  readonly cases: number;
  /** Factors a of the weight. */
  readonly scales: readonly number[];
  /** Sizes of the layer: x [examples, inputs], W [inputs, units]. */
  readonly examples: number;
  readonly inputs: number;
  readonly units: number;
  /** 0 is judged; others are reported. */
  readonly epsilons: readonly number[];
}

const definitions = {
  'output-error': 'max |BN(x aW) − BN(x W)| / max |BN(x W)|, batch statistics, float64',
  'input-gradient-error': 'the same of the gradient with respect to x, for one random cotangent per case',
  'weight-gradient-error': 'max |a ∂BN/∂(aW) − ∂BN/∂W| / max |∂BN/∂W|, for one random cotangent per case',
} as const;

/** `y`, `dx` and `dw` of BN(x W), for a fed cotangent of y. */
function layerGraph({ examples, inputs, units }: ScaleProtocol, epsilon: number): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', [examples, inputs], { kind: 'data' });
  const w = g.input('w', [inputs, units], { kind: 'data' });
  const cotangent = g.input('cotangent', [examples, units], { kind: 'data' });
  const settings = { ...defaultNormSettings, epsilon, gamma: false, beta: false };
  const y = norms.batch.build(newNetwork(g, 'frozen'), 'norm', g.emit('MatMul', [x, w]), settings);
  const [dx, dw] = vjp(g, [y], [cotangent], [x, w]);
  return g.finish('scale', { y, dx, dw });
}

export async function measure(
  laboratory: Laboratory,
  protocol: ScaleProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { cases, scales, epsilons, examples, inputs, units } = protocol;
  const records: StepRecord[] = [];
  for (const epsilon of epsilons) {
    const graph = layerGraph(protocol, epsilon);
    for (let step = 0; step < cases; step++) {
      const key = (what: string) => ({ seed, step, name: `ioffe2015/scale ${what}` });
      const x = drawNormal(examples * inputs, key('x'));
      const w = drawNormal(inputs * units, key('w'));
      const cotangent = drawUniform(examples * units, key('cotangent'));
      const plain = await laboratory.run(graph, { x, w, cotangent });
      for (const a of scales) {
        const scaled = await laboratory.run(graph, { x, w: w.map((value) => a * value), cotangent });
        const errors = {
          'output-error': relativeError(scaled['y'], plain['y']),
          'input-gradient-error': relativeError(scaled['dx'], plain['dx']),
          'weight-gradient-error': relativeError(
            scaled['dw']?.map((value) => a * value),
            plain['dw'],
          ),
        };
        for (const [quantity, value] of Object.entries(errors)) {
          const definition = definitions[quantity as keyof typeof definitions];
          records.push({ step, quantity, value, layer: `a = ${a}`, at: epsilon, definition, mode: 'frozen' });
        }
      }
      await laboratory.progress(step + 1, cases);
    }
  }
  return records;
}
