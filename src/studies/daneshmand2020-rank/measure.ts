/** @file The rank of what a deep random linear network makes of its batch, layer by layer, with and without batch norm. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { div, mul, reduceMean } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { symmetricEigenvalues } from '../../math/symmetric-eigenvalues.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { Place, StepRecord } from '../../records/record.ts';
import { drawStream } from '../draws.ts';

export interface RankProtocol extends JsonObject {
  readonly seeds: number;
  /** d: units per layer, and examples. */
  readonly widths: readonly number[];
  /** Layers are I + gamma W. */
  readonly gamma: number;
  readonly layers: number;
  /** Layers left out of averages: the network starts at full rank. */
  readonly burnIn: number;
  /** Layers between two measurements; a multiple of `layersPerRun`. */
  readonly every: number;
  /** How many layers one graph holds. */
  readonly layersPerRun: number;
  /** Depth of the networks whose layers are W alone. */
  readonly plainLayers: number;
}

/** Eigenvalues of M below this count as zero, as in the authors' code; M has ones on its diagonal. */
const rankThreshold = 1e-9;

type Arm = 'standard' | 'batch';
/** What a layer multiplies by: I + gamma W, or W. */
type Layers = 'residual' | 'plain';

const network = 'linear network of d units, W uniform of variance 1, batch of d one-hot examples, M = H Hᵀ/d, float64';
const definitions = {
  rank: `how many eigenvalues of M exceed ${rankThreshold}, ${network}`,
  'soft-rank': `(trace M)² / ‖M‖², ${network}`,
} as const;

/**
 * `n` layers of K networks side by side, H [K, d, d]: each multiplies by a fed matrix and then normalises. Batch norm
 * without its mean, as the recursion has it, divides a unit (a row of H) by its root mean square over the batch;
 * without batch norm a network is divided by one number, which changes no rank and keeps it from overflowing.
 */
function layersGraph({ seeds, layersPerRun }: RankProtocol, width: number, arm: Arm): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const shape = [seeds, width, width];
  let h = g.input('h', shape, { kind: 'data' });
  for (let i = 0; i < layersPerRun; i++) {
    const product = g.emit('MatMul', [g.input(`layer${i}`, shape, { kind: 'data' }), h]);
    const square = reduceMean(g, mul(g, product, product), arm === 'batch' ? [2] : [1, 2], true);
    h = div(g, product, g.emit('Sqrt', [square]));
  }
  const transposed = g.emit('Transpose', [h], { perm: [0, 2, 1] });
  return g.finish('layers', { h, m: div(g, g.emit('MatMul', [h, transposed]), width) });
}

/** The matrices of the `run`-th piece of the networks, `layer0`, `layer1`, …: each network has a stream of its own. */
function drawLayers(protocol: RankProtocol, width: number, layers: Layers, run: number): Record<string, Float64Array> {
  const { seeds, layersPerRun, gamma } = protocol;
  const size = width * width;
  const streams = Array.from({ length: seeds }, (_, seed) =>
    drawStream({ seed, step: run, name: `daneshmand2020/rank ${layers} ${width}` }),
  );
  const all = new Float64Array(layersPerRun * seeds * size);
  const scale = layers === 'residual' ? gamma : 1;
  const limit = Math.sqrt(3) * scale;
  const drawn = Array.from({ length: layersPerRun }, (_, i) => {
    const matrices = all.subarray(i * seeds * size, (i + 1) * seeds * size);
    streams.forEach((stream, seed) => {
      const matrix = matrices.subarray(seed * size, (seed + 1) * size);
      stream.fillUniform(matrix, -limit, limit);
      if (layers === 'plain') return;
      for (let k = 0; k < size; k += width + 1) matrix[k] = need(matrix[k], 'an entry on the diagonal') + 1;
    });
    return [`layer${i}`, matrices] as const;
  });
  return Object.fromEntries(drawn);
}

interface Chain {
  readonly arm: Arm;
  readonly layers: Layers;
  readonly depth: number;
  readonly every: number;
}

/** All networks of one width; a record's place says which of them it is about. */
export async function measure(
  laboratory: Laboratory,
  protocol: RankProtocol,
  width: number,
): Promise<readonly StepRecord[]> {
  const { seeds, layersPerRun, every, plainLayers } = protocol;
  const chains: readonly Chain[] = [
    { arm: 'standard', layers: 'plain', depth: plainLayers, every: layersPerRun },
    { arm: 'batch', layers: 'plain', depth: plainLayers, every: layersPerRun },
    { arm: 'batch', layers: 'residual', depth: protocol.layers, every },
  ];
  const all = chains.reduce((sum, { depth }) => sum + depth, 0);
  const records: StepRecord[] = [];
  let done = 0;
  for (const { arm, layers, depth, every: distance } of chains) {
    const graph = layersGraph(protocol, width, arm);
    let h = units(seeds, width);
    let next = drawLayers(protocol, width, layers, 0);
    for (let layer = layersPerRun; layer <= depth; layer += layersPerRun) {
      const running = laboratory.run(graph, { ...next, h });
      // While the device works, the host draws what comes after.
      next = drawLayers(protocol, width, layers, layer / layersPerRun);
      const { h: reached = h, m = h } = await running;
      h = reached;
      done += layersPerRun;
      await laboratory.progress(done, all);
      if (layer % distance !== 0) continue;
      for (let seed = 0; seed < seeds; seed++) {
        const matrix = m.slice(seed * width * width, (seed + 1) * width * width);
        for (const [quantity, value] of Object.entries(await ranks(matrix, width))) {
          const definition = definitions[quantity as keyof typeof definitions];
          records.push({
            step: layer,
            quantity,
            value,
            at: width,
            place: networkPlace(arm, layers, seed),
            definition,
            mode: 'frozen',
          });
        }
      }
    }
  }
  return records;
}

/** Which network a record is about; those of all seeds run side by side. */
export function networkPlace(arm: Arm, layers: Layers, seed: number): Place {
  return { arm, layers, seed };
}

async function ranks(m: Float64Array, width: number): Promise<Readonly<Record<keyof typeof definitions, number>>> {
  const trace = m.reduce((sum, value, at) => (at % (width + 1) === 0 ? sum + value : sum), 0);
  const squares = m.reduce((sum, value) => sum + value * value, 0);
  const eigenvalues = await symmetricEigenvalues(m, width);
  return {
    rank: eigenvalues.filter((value) => value > rankThreshold).length,
    'soft-rank': (trace * trace) / squares,
  };
}

/** √d I for each network: M = I, as the authors' code begins. */
function units(seeds: number, width: number): Float64Array {
  const size = width * width;
  return Float64Array.from({ length: seeds * size }, (_, at) =>
    (at % size) % (width + 1) === 0 ? Math.sqrt(width) : 0,
  );
}
