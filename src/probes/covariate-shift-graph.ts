/** @file The graphs of internal covariate shift: a layer's gradient where the layers before it have taken their step. */

import { grad } from '../autodiff/reverse.ts';
import { need, SettingError } from '../errors.ts';
import { sub } from '../graph/arithmetic.ts';
import type { GraphBuilder, StoredView } from '../graph/builder.ts';
import { type Graph, parametersOf, type Value } from '../graph/graph.ts';
import type { LayerTrace, Network } from '../nn/network.ts';
import type { BuildRequest, Problem } from '../problems/problem.ts';
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

/** How G and G′ are read where not as the step reads its loss: G is then computed before G′. */
export interface ShiftReading {
  /** Tells its graphs from those of another. */
  readonly name: string;
  readonly statistics: 'batch' | 'running';
}

/** Loads one graph per layer, and returns what measures them after a step. @throws {SettingError} for a layer that is not there. */
export async function openShift(
  session: Watched,
  layers: readonly number[],
  reading?: ShiftReading,
): Promise<(feeds: Tensors, key: DrawKey) => Promise<readonly Shift[]>> {
  const programs: (Omit<LayerGraph, 'graph'> & { readonly program: Program })[] = [];
  for (const index of layers) {
    const { graph, ...about } = shiftGraph(session.problem, session.batchSize, index, reading);
    programs.push({ ...about, program: await session.load(graph) });
  }
  const here = reading && (await session.load(hereGraph(session.problem, session.batchSize, layers, reading)));
  return async (feeds, key) => {
    await here?.run(feeds, key);
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
function shiftGraph(problem: Problem, batchSize: number, index: number, reading?: ShiftReading): LayerGraph {
  const request = requestOf(batchSize, reading);
  const plain = problem.build(request);
  const names = parametersOf(plain.g).map(({ name }) => name);
  const traced = layerAt(plain.network, index);
  const own = weightOf(traced);
  // Layers are declared in the order in which they are computed.
  const before = new Set(names.slice(0, names.indexOf(own)));
  const view: StoredView = (g, stored, role) => (before.has(stored.name) ? stored : atOrigin(g, stored, role));
  const { g, loss, networks } = problem.build({ ...request, view });
  const weight = need(
    parametersOf(g).find(({ name }) => name === own),
    `the weight '${own}'`,
  );
  const [moved] = grad(g, loss, [kept(g, 'origin', weight)]);
  const slope = reading === undefined ? kept(g, 'gradient', weight) : readGradient(g, weight);
  const after = need(moved, `a gradient of '${own}'`);
  const change = sub(g, slope, after);
  const product = (a: Value, b: Value): Value => totalProduct(g, [a], [b], networks);
  return {
    layer: traced.name,
    networks,
    graph: g.finish(`${reading?.name ?? ''}covariate-shift/${traced.name}`, {
      changeSquared: product(change, change),
      squaredNorm: product(slope, slope),
      movedSquaredNorm: product(after, after),
      dot: product(slope, after),
    }),
  };
}

/** Keeps G of each of the layers, as it is read at the weights before the step. */
function hereGraph(problem: Problem, batchSize: number, layers: readonly number[], reading: ShiftReading): Graph {
  const { g, loss, network } = problem.build({ ...requestOf(batchSize, reading), view: atOrigin });
  const names = layers.map((index) => weightOf(layerAt(network, index)));
  const weights = parametersOf(g).filter(({ name }) => names.includes(name));
  const slopes = grad(
    g,
    loss,
    weights.map((weight) => kept(g, 'origin', weight)),
  );
  const updates = weights.map((weight, i) => ({
    state: readGradient(g, weight),
    next: need(slopes[i], `a gradient of '${weight.name}'`),
  }));
  return g.finish(`${reading.name}covariate-shift/here`, {}, updates);
}

function requestOf(batchSize: number, reading: ShiftReading | undefined): BuildRequest {
  return { mode: reading?.statistics === 'running' ? 'eval' : 'frozen', batchSize };
}

function layerAt({ layers }: Network, index: number): LayerTrace {
  const traced = layers[index - 1];
  if (traced !== undefined) return traced;
  throw new SettingError(
    `Setting 'layers' of probe 'covariate-shift' must name hidden layers from 2 to ${layers.length}, got ${index}`,
  );
}

/** The name of a layer's weight, as it is stored. */
function weightOf(traced: LayerTrace): string {
  return need(traced.parameters[0], `a weight of layer '${traced.name}'`).name;
}

/** Where G is kept as it is read. */
function readGradient(g: GraphBuilder, weight: Value): Value {
  return g.input(`covariate-shift/read/${weight.name}`, weight.shape, { kind: 'scratch' });
}
