/** @file The graphs of internal covariate shift: a layer's gradient where the layers before it have taken their step. */

import { grad } from '../autodiff/reverse.ts';
import { need, SettingError } from '../errors.ts';
import { sub } from '../graph/arithmetic.ts';
import type { StoredView } from '../graph/builder.ts';
import { type Graph, parametersOf, type Value } from '../graph/graph.ts';
import type { Problem } from '../problems/problem.ts';
import { outputOf, type Program, type Tensors } from '../runtime/device.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import { atOrigin, kept } from '../train/kept.ts';
import type { Watched } from '../train/readout.ts';
import { totalProduct } from './total-product.ts';

/** What one layer's shift is made of: of G and G′, ‖G − G′‖², ‖G‖², ‖G′‖² and ⟨G, G′⟩. */
export interface Shift {
  readonly layer: string;
  /** Which of the networks that stand side by side; undefined where there is one. */
  readonly network: number | undefined;
  readonly changeSquared: number;
  readonly squaredNorm: number;
  readonly movedSquaredNorm: number;
  readonly dot: number;
}

/** Loads one graph per layer, and returns what measures them after a step. @throws {SettingError} for a layer that is not there. */
export async function openShift(
  session: Watched,
  layers: readonly number[],
): Promise<(feeds: Tensors, key: DrawKey) => Promise<readonly Shift[]>> {
  const programs: (Omit<LayerGraph, 'graph'> & { readonly program: Program })[] = [];
  for (const index of layers) {
    const { graph, ...about } = shiftGraph(session.problem, session.batchSize, index);
    programs.push({ ...about, program: await session.load(graph) });
  }
  return async (feeds, key) => {
    const shifts: Shift[] = [];
    for (const { layer, networks, program } of programs) {
      const found = await program.run(feeds, key);
      for (let network = 0; network < (networks ?? 1); network++) {
        const at = (name: string): number => Number(outputOf(found, name)[network]);
        shifts.push({
          layer,
          network: networks === undefined ? undefined : network,
          changeSquared: at('changeSquared'),
          squaredNorm: at('squaredNorm'),
          movedSquaredNorm: at('movedSquaredNorm'),
          dot: at('dot'),
        });
      }
    }
    return shifts;
  };
}

interface LayerGraph {
  readonly layer: string;
  readonly networks: number | undefined;
  readonly graph: Graph;
}

/** Hidden layer `index`, counted from 1: what is before it as it is stored after the step, the rest as it was before. */
function shiftGraph(problem: Problem, batchSize: number, index: number): LayerGraph {
  const request = { mode: 'frozen', batchSize } as const;
  const plain = problem.build(request);
  const names = parametersOf(plain.g).map(({ name }) => name);
  const { layers } = plain.network;
  const traced = layers[index - 1];
  if (traced === undefined) {
    throw new SettingError(
      `Setting 'layers' of probe 'covariate-shift' must name hidden layers from 2 to ${layers.length}, got ${index}`,
    );
  }
  const own = need(traced.parameters[0], `a weight of layer '${traced.name}'`).name;
  // Layers are declared in the order in which they are computed.
  const before = new Set(names.slice(0, names.indexOf(own)));
  const view: StoredView = (g, stored, role) => (before.has(stored.name) ? stored : atOrigin(g, stored, role));
  const { g, loss, networks } = problem.build({ ...request, view });
  const weight = need(
    parametersOf(g).find(({ name }) => name === own),
    `the weight '${own}'`,
  );
  const [moved] = grad(g, loss, [kept(g, 'origin', weight)]);
  const slope = kept(g, 'gradient', weight);
  const after = need(moved, `a gradient of '${own}'`);
  const change = sub(g, slope, after);
  const product = (a: Value, b: Value): Value => totalProduct(g, [a], [b], networks);
  return {
    layer: traced.name,
    networks,
    graph: g.finish(`covariate-shift/${traced.name}`, {
      changeSquared: product(change, change),
      squaredNorm: product(slope, slope),
      movedSquaredNorm: product(after, after),
      dot: product(slope, after),
    }),
  };
}
