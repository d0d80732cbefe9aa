/** @file Holds a lowering to float64 on this machine before it is trusted with a run. */

import type { Graph } from '../graph/graph.ts';
import { elementCount, type FloatType } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import { relativeError } from '../math/relative-error.ts';
import type { OpenDevice } from './device.ts';
import { samples } from './self-check-samples.ts';
import {
  type LoweringSettings,
  loweringText,
  referenceLowering,
  type ResolvedLowering,
  resolveLowering,
} from './lowering-choice.ts';
import type { TensorData } from './tensor-data.ts';

/** Far above rounding (1e-6), far below any wrong kernel. */
const TOLERANCE = 1e-3;

export interface SelfCheck extends ResolvedLowering {
  /** Largest difference from plain ONNX in float64, relative to the largest value of its tensor. */
  readonly error: number;
  readonly passed: boolean;
}

/** `blocked, winograd4 does not run`, or by how much it is off: of a check that was not passed. */
export function faultText(check: SelfCheck): string {
  return `${loweringText(check)} ${check.error === Number.POSITIVE_INFINITY ? 'does not run' : `is off by ${check.error}`}`;
}

/** What plain ONNX in float64 gives for the samples, computed when it is first asked for. */
export type Yardstick = () => Promise<readonly Outputs[]>;

/** Shared by all lowerings that are checked on one machine. */
export function yardstick(open: OpenDevice): Yardstick {
  let found: Promise<readonly Outputs[]> | undefined;
  return () => (found ??= outputsOf('float64', referenceLowering, open));
}

/** Small networks and all their gradients, by the lowering in float32 and by plain ONNX in float64. */
export async function checkLowering(
  settings: LoweringSettings,
  open: OpenDevice,
  plain: Yardstick = yardstick(open),
): Promise<SelfCheck> {
  const { lowering, convolution } = resolveLowering(settings);
  const error = await largestError({ lowering, convolution }, open, plain);
  return { lowering, convolution, error, passed: error < TOLERANCE };
}

/** Does checks on devices that share a thread: to start one takes longer than to check a lowering. */
export async function inOneThread<T>(open: OpenDevice, check: (open: OpenDevice) => Promise<T>): Promise<T> {
  const first = open({ ...referenceLowering, threads: 1 });
  try {
    return await check((settings) => first.sibling(settings));
  } finally {
    await first.close();
  }
}

type Outputs = Readonly<Record<string, TensorData>>;

/** Infinite where the lowering asks for what this machine does not have, which is found before the yardstick is computed. */
async function largestError(settings: LoweringSettings, open: OpenDevice, plain: Yardstick): Promise<number> {
  let tested: readonly Outputs[];
  try {
    tested = await outputsOf('float32', settings, open);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  const errors = (await plain()).flatMap((outputs, sample) =>
    Object.entries(outputs).map(([name, expected]) =>
      relativeError(numbers(tested[sample]?.[name]), numbers(expected)),
    ),
  );
  return Math.max(...errors);
}

/** Of every sample, on one device. */
async function outputsOf(float: FloatType, settings: LoweringSettings, open: OpenDevice): Promise<readonly Outputs[]> {
  const device = open({ ...settings, threads: 1 });
  try {
    const found: Outputs[] = [];
    for (const sample of samples) {
      const graph = sample(float);
      const program = await device.load(graph);
      found.push(await program.run(sampleFeeds(graph)));
    }
    return found;
  } finally {
    await device.close();
  }
}

/** Numbers that float32 holds, so that both precisions compute with the same. */
function sampleFeeds({ inputs, float }: Graph): Record<string, TensorData> {
  return Object.fromEntries(
    inputs.map(({ value: { name, shape } }) => {
      const data = new Float32Array(elementCount(shape));
      createStream({ seed: 0, purpose: 'probe', layer: name }).fillUniform(data, -1, 1);
      return [name, float === 'float32' ? data : Float64Array.from(data)];
    }),
  );
}

/** Integers would need none; of a missing output there are none. */
function numbers(data: TensorData | undefined): ArrayLike<number> | undefined {
  return data instanceof Float32Array || data instanceof Float64Array ? data : undefined;
}
