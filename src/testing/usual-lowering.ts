/** @file What a run takes on this machine where nothing is asked for: tests must pass on processors of every kind. */

import { allLowerings, type ResolvedLowering, resolveLowering } from '../runtime/lowering-choice.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { checkLowering } from '../runtime/self-check.ts';

/** Whether ONNX Runtime has blocks of 16 channels here. */
export const hasBlocks: boolean = (await checkLowering({ lowering: 'blocked' }, threadlessDevice)).passed;

/** Every lowering that this machine can run, with every form of convolution that it has. */
export const runnableLowerings: readonly ResolvedLowering[] = allLowerings.filter(
  ({ lowering }) => hasBlocks || lowering !== 'blocked',
);

export const usualLowering: ResolvedLowering = resolveLowering({ lowering: hasBlocks ? 'blocked' : 'portable' });
