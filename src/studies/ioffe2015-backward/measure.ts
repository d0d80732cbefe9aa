/** @file One normalised layer in random cases: its gradients from the graph beside those from the printed equations. */

import { vjp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { elementCount, type Shape, sizeAt } from '../../graph/tensor-type.ts';
import { relativeError } from '../../math/relative-error.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { type ExampleSpec, exampleSpec, forms as exampleForms, measureExample } from '../batch-norm-by-hand/example.ts';
import { exampleRecords } from '../batch-norm-by-hand/records.ts';
import { drawNormal, drawUniform } from '../draws.ts';
import { outputOf } from '../../runtime/device.ts';
import { type Gradients, gradientSums, type LayerCase, misprintedGradients, publishedGradients } from './theory.ts';

export interface BackwardProtocol extends JsonObject {
  /** Random cases per shape and epsilon. */
  readonly cases: number;
  /** Shapes of x: "7x3" for [N, C], "5x4x3x2" for [N, C, H, W]; at least 3 values per channel. */
  readonly shapes: readonly string[];
  readonly epsilons: readonly number[];
}

export type Form = 'batch-composed' | 'batch';

/** Two forms of one layer; only the composed one has the gradients of its statistics as values of their own. */
const forms: Readonly<Record<Form, readonly (keyof Gradients)[]>> = {
  'batch-composed': ['dxhat', 'dvariance', 'dmean', 'dx', 'dgamma', 'dbeta'],
  batch: ['dx', 'dgamma', 'dbeta'],
};

/**
 * y, and gradients of l = Σ dy · y for a fed dy. In the composed form each statistic is a value of the graph, and its gradient
 * the sum over all paths from it to the loss.
 */
export function backwardGraph(form: Form, shape: Shape, epsilon: number): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', shape, { kind: 'data' });
  const dy = g.input('dy', shape, { kind: 'data' });
  const network = newNetwork(g, 'frozen');
  const y = norms[form].build(network, 'norm', x, { ...defaultNormSettings, epsilon });
  const made = (name: string): Value => need(network.quantities.get(`norm/${name}`), `a quantity ${name}`);
  const declared = (name: string): Value =>
    need(g.inputs.find(({ value }) => value.name === `norm/${name}`)?.value, `an input ${name}`);
  // A form has only some of them: each is looked up where it is asked for.
  const valueOf: Readonly<Record<keyof Gradients, () => Value>> = {
    dxhat: () => made('normalised'),
    dvariance: () => made('variance'),
    dmean: () => made('mean'),
    dx: () => x,
    dgamma: () => declared('gamma'),
    dbeta: () => declared('beta'),
  };
  const names = forms[form];
  const gradients = vjp(
    g,
    [y],
    [dy],
    names.map((name) => valueOf[name]()),
  );
  return g.finish(form, {
    y,
    ...Object.fromEntries(names.map((name, i) => [name, need(gradients[i], `a gradient ${name}`)])),
  });
}

const definitions = {
  equation:
    'max |printed equation − gradient of the graph| / max |gradient of the graph|, batch statistics, float64, random dl/dy',
  misprint: 'the same for a write-up’s equation, which has dl/dxᵢ for dl/dx̂ᵢ',
  shift: 'max over channels of |Σ dl/dxᵢ| / Σ |dl/dxᵢ|, gradient of the graph, float64',
  scale:
    'max over channels of |Σ x̂ᵢ dl/dxᵢ − γ/√(σ² + ε) · dl/dγ · ε/(σ² + ε)| / Σ |x̂ᵢ dl/dxᵢ|, gradient of the graph, float64',
  share: 'Σ x̂ᵢ dl/dxᵢ / (γ/√(σ² + ε) · dl/dγ) of the first channel, against ε/σ², gradient of the graph, float64',
} as const;

/** The three examples of the picture, in both ways of writing the variance. */
export const drawnExamples: readonly ExampleSpec[] = exampleForms.map((form) => exampleSpec(form, [1, 2, 4]));

export async function measure(
  laboratory: Laboratory,
  { cases, shapes, epsilons }: BackwardProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const records: StepRecord[] = [];
  const settings = shapes.flatMap((text) => epsilons.map((epsilon) => ({ text, epsilon })));
  for (const [place, { text, epsilon }] of settings.entries()) {
    const shape = text.split('x').map(Number);
    const graphs = (Object.keys(forms) as Form[]).map((form) => ({ form, graph: backwardGraph(form, shape, epsilon) }));
    for (let step = 0; step < cases; step++) {
      const layer = drawCase(shape, epsilon, { seed, step, name: text });
      const printed = publishedGradients(layer);
      const misprinted = misprintedGradients(layer, printed.dx);
      for (const { form, graph } of graphs) {
        const add = (quantity: string, value: number, definition: string, at = epsilon): void => {
          records.push({ step, quantity, value, layer: `${form} ${text}`, at, definition, mode: 'frozen' });
        };
        const measured = await laboratory.run(graph, feedsOf(layer));
        for (const name of forms[form]) {
          add(`${name}-error`, relativeError(printed[name], measured[name]), definitions.equation);
        }
        const sums = gradientSums(layer, outputOf(measured, 'dx'), printed.dgamma);
        add('shift-sum', Math.max(...sums.map(({ shift }) => shift)), definitions.shift);
        add('scale-sum', Math.max(...sums.map(({ scale }) => scale)), definitions.scale);
        const [first] = sums;
        if (form === 'batch' && epsilon > 0 && first !== undefined) {
          add('scale-share', first.share, definitions.share, first.epsilonOverVariance);
        }
        if (form === 'batch-composed') {
          for (const name of ['dmean', 'dvariance'] as const) {
            add(`${name}-misprint`, relativeError(misprinted[name], measured[name]), definitions.misprint);
          }
        }
      }
    }
    await laboratory.progress(place + 1, settings.length);
  }
  for (const spec of drawnExamples) records.push(...exampleRecords(await measureExample(laboratory, spec)));
  return records;
}

function drawCase(
  shape: Shape,
  epsilon: number,
  { seed, step, name }: { readonly seed: number; readonly step: number; readonly name: string },
): LayerCase {
  const channels = sizeAt(shape, 1);
  const key = (what: string) => ({ seed, step, name: `ioffe2015/backward ${what} ${name} ${epsilon}` });
  return {
    examples: sizeAt(shape, 0),
    channels,
    pixels: elementCount(shape.slice(2)),
    x: drawNormal(elementCount(shape), key('x'), 2).map((value) => value + 1),
    dy: drawUniform(elementCount(shape), key('dy')),
    gamma: drawUniform(channels, key('gamma'), 0.5, 2),
    epsilon,
  };
}

/** No gradient depends on beta. */
function feedsOf({ x, dy, gamma }: LayerCase): Readonly<Record<string, Float64Array>> {
  return { x, dy, 'norm/gamma': gamma, 'norm/beta': new Float64Array(gamma.length) };
}
