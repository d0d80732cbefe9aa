/**
 * @file What a problem is: that which is trained, as a value. It says what is fed, how the network is built in each mode,
 * what is minimised, and what may be looked at; it knows no data set, device or optimiser.
 */

import type { GraphBuilder, StoredView } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import type { Mode, Network } from '../nn/network.ts';
import type { JsonObject } from '../records/canonical-json.ts';

/**
 * Plain data that names a problem, for configurations and for people. Two problems may share it: their graphs tell them
 * apart.
 */
export interface About extends JsonObject {
  /** A model of the registry, or a name of one's own. */
  readonly network: string;
  /** By which norm it is normalised: `none` where by none. */
  readonly norm: string;
}

export interface Problem {
  readonly about: About;
  /** The numbers that its steps and evaluations give, `loss` first, as records define them. */
  readonly quantities: Readonly<Record<string, QuantityText>>;
  /** What everything is computed in. */
  readonly float: FloatType;
  /**
   * Builds the network with its loss, anew at each call; always the same for the same request.
   * @throws {ShapeError} where a layer does not fit what it is given.
   * @throws {SettingError} where a norm lacks what it needs, such as a batch of two.
   */
  readonly build: (request: BuildRequest) => BuiltProblem;
}

export interface QuantityText {
  /** Of the mini-batch before the update, as a step gives it. */
  readonly batch: string;
  /** Averaged over a whole data set, as an evaluation gives it. */
  readonly whole: string;
}

export interface BuildRequest {
  readonly mode: Mode;
  /** N, examples per batch: shapes are static. */
  readonly batchSize: number;
  /** What the network computes with in place of each parameter and state; default that itself. */
  readonly view?: StoredView | undefined;
}

export interface BuiltProblem {
  readonly g: GraphBuilder;
  readonly network: Network;
  /** What the network makes of its input: logits, or ŷ. */
  readonly prediction: Value;
  /** What is minimised: a scalar, without weight decay. */
  readonly loss: Value;
  /**
   * S, where that many networks stand side by side: the outermost axis of all that is stored is theirs, `loss` is the sum of
   * their losses, and these are among the outputs as `losses` [S].
   */
  readonly networks?: number;
  /** What each step gives beside the loss, such as the accuracy. */
  readonly outputs: Readonly<Record<string, Value>>;
  /**
   * What an evaluation averages over a whole data set: values [N], one per example, the loss among them. Called at most
   * once, by those who evaluate; undefined where a problem is not evaluated.
   */
  readonly examples?: (() => Readonly<Record<string, Value>>) | undefined;
}

/**
 * The same problem trained on the batch's statistics without running ones: for what is never used at inference, since
 * nothing is computed that nothing reads.
 */
export function withoutRunningStatistics(problem: Problem): Problem {
  return {
    ...problem,
    about: { ...problem.about, runningStatistics: false },
    build: (request) => problem.build({ ...request, mode: request.mode === 'train' ? 'frozen' : request.mode }),
  };
}
