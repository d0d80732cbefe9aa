/** @file Linear layers whose batch norm is given the batch's own σ and mean as gamma and beta. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { power, squareOf } from '../../math/power.ts';
import { relativeError } from '../../math/relative-error.ts';
import { ops } from '../../ops/index.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawUniform } from '../draws.ts';
import { columnOf, standardise } from '../santurkar2018-theorems/statistics.ts';
import { caseRecords, type TheoremProtocol } from '../santurkar2018-theorems/theorem-study.ts';
import { normalise } from '../santurkar2018-theorems/unit.ts';

export interface ActivationsProtocol extends TheoremProtocol {
  /** Length n of the weight. */
  readonly inputs: number;
  /** 0, as in the paper, and values above, as in practice. */
  readonly epsilons: readonly number[];
}

const definitions = {
  'sigma-error': 'max |BN(X W) − X W| / max |X W| with gamma = σ and beta = mean, one unit, float64',
  'root-error': 'the same with gamma = √(σ² + epsilon)',
  deviation: 'max |BN(X W) − X W| / max |X W − mean| with gamma = σ and beta = mean, one unit, float64',
  'epsilon-share': 'epsilon/σ², one unit',
} as const;

function layerGraph(examples: number, units: number, inputs: number, epsilon: number): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', [examples, inputs], { kind: 'data' });
  const w = g.input('w', [inputs, units], { kind: 'data' });
  const y = g.emit('MatMul', [x, w]);
  return g.finish('observation-4-3', { y, out: normalise(g, 'batch', y, epsilon) });
}

export async function measure(
  laboratory: Laboratory,
  protocol: ActivationsProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { units, sizes, inputs, epsilons } = protocol;
  const settings = sizes.flatMap((examples) => epsilons.map((epsilon) => ({ examples, epsilon })));
  const records: StepRecord[] = [];
  for (const [index, { examples, epsilon }] of settings.entries()) {
    const key = (what: string) => ({ seed, step: index, name: `santurkar2018/observation-4-3 ${what}` });
    const scales = drawUniform(units, key('scales'), -1, 1).map((exponent) => power(10, exponent));
    // Inputs with a mean, as those behind a ReLU.
    const x = drawNormal(examples * inputs, key('x')).map((value) => value + 0.5);
    const w = drawNormal(inputs * units, key('w')).map((value, i) => (scales[i % units] as number) * value);
    const graph = layerGraph(examples, units, inputs, epsilon);
    const run = (gamma: Float64Array, beta: Float64Array) =>
      laboratory.run(graph, { x, w, 'norm/gamma': gamma, 'norm/beta': beta });
    const { y } = await run(new Float64Array(units).fill(1), new Float64Array(units));
    const own = Array.from({ length: units }, (_, unit) => standardise(columnOf(y, unit, units)));
    const means = Float64Array.from(own, (unit) => unit.mean);
    const bySigma = await run(
      Float64Array.from(own, ({ sigma }) => sigma),
      means,
    );
    const byRoot = await run(
      Float64Array.from(own, ({ sigma }) => Math.sqrt(squareOf(sigma) + epsilon)),
      means,
    );
    own.forEach(({ mean, sigma }, unit) => {
      const of = (matrix: Float64Array | undefined): Float64Array => columnOf(matrix, unit, units);
      const centred = (matrix: Float64Array | undefined): Float64Array => of(matrix).map((value) => value - mean);
      const errors = {
        'sigma-error': relativeError(of(bySigma['out']), of(y)),
        'root-error': relativeError(of(byRoot['out']), of(y)),
        deviation: relativeError(centred(bySigma['out']), centred(y)),
        'epsilon-share': epsilon / squareOf(sigma),
      };
      records.push(...caseRecords(errors, definitions, { step: unit, layer: `m = ${examples}`, at: epsilon }));
    });
    await laboratory.progress(index + 1, settings.length);
  }
  return records;
}
