/** @file Whether a network of a file answers as ONNX Runtime answers on the file: nothing is said of one that does not. */

import { NumericError } from '../errors.ts';
import type { Device } from '../runtime/device.ts';
import { initialState } from '../train/initial-state.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import { largest } from './measure.ts';
import { standIn } from './stand-ins.ts';
import type { ImportedNetwork, ImportedProblem } from './import-network.ts';

type State = ReadonlyMap<string, TensorData>;

/** Of the largest logit: float32, and sums in another order. */
const SELF_CHECK_TOLERANCE = 1e-5;

export interface SelfCheck {
  /** Largest difference of a logit, over the largest logit. */
  readonly error: number;
}

/** Of running statistics that are no numbers, as the file was measured with. */
function standIns(state: State, { norms }: ImportedProblem): State {
  const found = norms.flatMap(({ name }) =>
    (
      [
        [`${name}/runningMean`, 'mean'],
        [`${name}/runningVariance`, 'variance'],
      ] as const
    ).flatMap(([key, statistic]) => {
      const sound = standIn(statistic, Float32Array.from(state.get(key) ?? [], Number));
      return sound === undefined ? [] : [[key, sound] as const];
    }),
  );
  return new Map(found);
}

/**
 * Compares evaluation mode with what ONNX Runtime made of the same three random examples when the file was measured.
 * @param device - whose stored tensors it takes for its own
 * @throws {NumericError} where they differ by more than 1e-5 of the largest logit
 */
export async function requireSameAnswers(
  device: Device,
  { plan }: ImportedNetwork,
  problem: ImportedProblem,
): Promise<SelfCheck> {
  const { x, y, batch } = plan.measurement.answer;
  const { g, prediction } = problem.build({ mode: 'eval', batchSize: batch });
  const graph = g.finish('self-check', { logits: prediction });
  const program = await device.load(graph);
  const state = initialState(graph, 0);
  await device.write(new Map([...state, ...standIns(state, problem)]));
  const { logits } = await program.run({ x });
  await program.release();
  const classes = (logits?.length ?? 0) / batch;
  const isBinary = y.length === batch && classes === 2;
  const differences = y.map((value, i) => value - Number(logits?.[isBinary ? 2 * i + 1 : i]));
  const error = largest(differences) / largest(y);
  if (error <= SELF_CHECK_TOLERANCE) return { error };
  throw new NumericError(
    `The network built from '${plan.name}' must answer as ONNX Runtime does, to ${SELF_CHECK_TOLERANCE} of the largest ` +
      `logit, and differs by ${error.toExponential(1)}: nothing can be said of this file`,
  );
}
