/** @file The loss of a problem at its weights moved by any vector, with its gradient, as a mean over a fixed set of batches. */

import { grad } from '../autodiff/reverse.ts';
import { need, SettingError } from '../errors.ts';
import { add } from '../graph/arithmetic.ts';
import { type Graph, parametersOf, type Value } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { Problem } from '../problems/problem.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import { outputOf, type Program, scalarOf, type Tensors } from '../runtime/device.ts';
import { floatsOf, joinedInFloat64 } from '../runtime/tensor-data.ts';
import type { ValueAndGradient } from './box-maximum.ts';
import type { HessianSettings, ParameterRange } from './hessian.ts';

/** f(x + y) over a set of batches, x the weights as they are stored, y over all parameters one after the other. */
export interface DisplacedLoss {
  readonly parameters: readonly ParameterRange[];
  /** n, the number of all parameters. */
  readonly size: number;
  /** x, as it is at the moment; any batch will do. */
  readonly weights: (feeds: Tensors, key?: DrawKey) => Promise<Float64Array>;
  /** The mean over the batches of f and its gradient, each batch with its own statistics in mode `frozen`; noise is drawn by the key. */
  readonly over: (batches: readonly Tensors[], key?: DrawKey) => ValueAndGradient;
}

const movedBy = (parameter: string): string => `moved/${parameter}`;
const weightOf = (parameter: string): string => `weight/${parameter}`;
const LOSS = 'displaced loss';

/**
 * Compiles it once; the stored weights stay as they are. Feeds must hold all that the problem is fed.
 * @param load - compiles a graph where the weights are: a session's or a device's own
 *
 * @example
 * const device = await openDevice({ lowering: 'reference' });
 * const problem = regression(deepLinear({ depth: 2, width: 3 }), { input: [3], outputs: 3, float: 'float64' });
 * const session = await openSession(device, problem, { batchSize: 4, optimiser: sgd(), learningRate: 0.01 });
 * const f = await openDisplacedLoss((graph) => session.load(graph), problem, { batchSize: 4, mode: 'frozen' });
 * const x = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i));
 * const batches = [{ x, y: x }];
 * const { phi } = await keskarSharpness(f.over(batches), await f.weights({ x, y: x }), { epsilon: 1e-3 });
 * console.log(phi);
 * await device.close();
 */
export async function openDisplacedLoss(
  load: (graph: Graph) => Promise<Program>,
  problem: Problem,
  { batchSize, mode, view }: HessianSettings,
): Promise<DisplacedLoss> {
  const origins = new Map<Value, Value>();
  const { g, loss } = problem.build({
    mode,
    batchSize,
    view: (builder, stored, role) => {
      const origin = view?.(builder, stored, role) ?? stored;
      if (role.kind !== 'parameter') return origin;
      origins.set(stored, origin);
      return add(builder, origin, builder.input(movedBy(stored.name), stored.shape, { kind: 'data' }));
    },
  });
  const known = parametersOf(g);
  const points = known.map((parameter) => need(origins.get(parameter), `a point of '${parameter.name}'`));
  // A shift has the derivative 1: the gradient with respect to x is that at x + y.
  const slopes = grad(g, loss, points);
  const named = known.flatMap(({ name }, i) => [
    [name, need(slopes[i], `a gradient of '${name}'`)] as const,
    [weightOf(name), need(points[i], `weights of '${name}'`)] as const,
  ]);
  const graph = g.finish('displaced-loss', { ...Object.fromEntries(named), [LOSS]: loss });
  const program = await load(graph);
  let size = 0;
  const parameters = known.map(({ name, shape }): ParameterRange => {
    const start = size;
    size += elementCount(shape);
    return { name, start, end: size };
  });
  const displacement = (y: Float64Array): Tensors =>
    Object.fromEntries(
      parameters.map(({ name, start, end }) => [movedBy(name), floatsOf(problem.float, y.subarray(start, end))]),
    );
  const joined = (outputs: Tensors, of: (name: string) => string): Float64Array =>
    joinedInFloat64(parameters.map(({ name }) => outputOf(outputs, of(name))));
  return {
    parameters,
    size,
    weights: async (feeds, key) =>
      joined(await program.run({ ...feeds, ...displacement(new Float64Array(size)) }, key), weightOf),
    over: (batches, key) => {
      if (batches.length === 0) throw new SettingError('A mean loss must be over 1 batch or more, got none');
      return async (y) => {
        const moved = displacement(y);
        const gradient = new Float64Array(size);
        let value = 0;
        for (const feeds of batches) {
          const outputs = await program.run({ ...feeds, ...moved }, key);
          value += scalarOf(outputs, LOSS) / batches.length;
          for (const [i, slope] of joined(outputs, (name) => name).entries()) {
            gradient[i] = (gradient[i] as number) + slope / batches.length;
          }
        }
        return { value, gradient };
      };
    },
  };
}
