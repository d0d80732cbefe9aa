/** @file What a run takes on this machine where nothing is asked for: tests must pass on processors of every kind. */

import {
  allLowerings,
  blockSize,
  type LoweringName,
  loweringNames,
  type ResolvedLowering,
  resolveLowering,
} from '../runtime/lowering-choice.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { checkLowering } from '../runtime/self-check.ts';

const needsBlocks = (lowering: LoweringName): boolean => blockSize(lowering) !== undefined;

/** The lowering in blocks of as many channels as ONNX Runtime has in one here; undefined where it has no blocks. */
export const blockedHere: LoweringName | undefined = await rightOf(loweringNames.filter(needsBlocks));

/** Every lowering that this machine can run, with every form of convolution that it has. */
export const runnableLowerings: readonly ResolvedLowering[] = allLowerings.filter(
  ({ lowering }) => lowering === blockedHere || !needsBlocks(lowering),
);

export const usualLowering: ResolvedLowering = resolveLowering({ lowering: blockedHere ?? 'portable' });

/** The first that agrees with float64. */
async function rightOf(names: readonly LoweringName[]): Promise<LoweringName | undefined> {
  for (const lowering of names) {
    if ((await checkLowering({ lowering }, threadlessDevice)).passed) return lowering;
  }
  return undefined;
}
