/** @file The graphs of internal covariate shift: a layer's gradient where the layers before it have taken their step. */

import { grad } from '../autodiff/reverse.ts';
import { need, SettingError } from '../errors.ts';
import { dot, sub } from '../graph/arithmetic.ts';
import type { StoredView } from '../graph/builder.ts';
import { type Graph, parametersOf } from '../graph/graph.ts';
import type { Problem } from '../problems/problem.ts';
import { type Program, scalarOf, type Tensors } from '../runtime/device.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import { atOrigin, kept } from '../train/kept.ts';
import type { Watched } from '../train/readout.ts';

/** What one layer's shift is made of: of G and G′, ‖G − G′‖², ‖G‖², ‖G′‖² and ⟨G, G′⟩. */
export interface Shift {
  readonly layer: string;
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
  const programs: { readonly layer: string; readonly program: Program }[] = [];
  for (const index of layers) {
    const { layer, graph } = shiftGraph(session.problem, session.batchSize, index);
    programs.push({ layer, program: await session.load(graph) });
  }
  return async (feeds, key) => {
    const shifts: Shift[] = [];
    for (const { layer, program } of programs) {
      const found = await program.run(feeds, key);
      shifts.push({
        layer,
        changeSquared: scalarOf(found, 'changeSquared'),
        squaredNorm: scalarOf(found, 'squaredNorm'),
        movedSquaredNorm: scalarOf(found, 'movedSquaredNorm'),
        dot: scalarOf(found, 'dot'),
      });
    }
    return shifts;
  };
}

/** Hidden layer `index`, counted from 1: what is before it as it is stored after the step, the rest as it was before. */
function shiftGraph(
  problem: Problem,
  batchSize: number,
  index: number,
): { readonly layer: string; readonly graph: Graph } {
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
  const { g, loss } = problem.build({ ...request, view });
  const weight = need(
    parametersOf(g).find(({ name }) => name === own),
    `the weight '${own}'`,
  );
  const [moved] = grad(g, loss, [kept(g, 'origin', weight)]);
  const slope = kept(g, 'gradient', weight);
  const after = need(moved, `a gradient of '${own}'`);
  const change = sub(g, slope, after);
  return {
    layer: traced.name,
    graph: g.finish(`covariate-shift/${traced.name}`, {
      changeSquared: dot(g, change, change),
      squaredNorm: dot(g, slope, slope),
      movedSquaredNorm: dot(g, after, after),
      dot: dot(g, slope, after),
    }),
  };
}
