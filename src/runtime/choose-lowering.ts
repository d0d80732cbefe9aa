/** @file Which lowering a run takes: the one asked for, or the fastest that is right on this machine. */

import { NumericError } from '../errors.ts';
import type { Device, DeviceSettings, OpenDevice } from './device.ts';
import { type AskedLowering, loweringNames, referenceLowering, resolveLowering } from './lowering-choice.ts';
import { checkLowering, faultText, inOneThread, type SelfCheck, yardstick } from './self-check.ts';

/** What may be left open: which lowering `auto` means is seen on the machine. */
export interface AskedDevice extends Omit<DeviceSettings, 'lowering' | 'threads'> {
  /** Default: `auto`. */
  readonly lowering?: AskedLowering | undefined;
  /** Default: 1. */
  readonly threads?: number | undefined;
}

/** A lowering that was held to float64 on this machine. */
export interface ChosenLowering {
  /** Of the lowering that is taken. */
  readonly check: SelfCheck;
  /** Of those that were asked for, or come first, and are wrong here. */
  readonly failed: readonly SelfCheck[];
}

/** A device whose lowering was held to float64 on this machine. */
export interface CheckedDevice extends Device {
  readonly chosen: ChosenLowering;
}

/**
 * The lowering asked for, or for `auto` the fastest that computes right here; where neither does, plain ONNX.
 * @param open - starts the devices to check on
 * @throws {NumericError} where plain ONNX is wrong as well.
 */
export function chooseLowering(
  asked: Pick<AskedDevice, 'lowering' | 'convolution'>,
  open: OpenDevice,
): Promise<ChosenLowering> {
  return inOneThread(open, (beside) => firstThatIsRight(asked, beside));
}

async function firstThatIsRight(
  { lowering: asked = 'auto', convolution }: Pick<AskedDevice, 'lowering' | 'convolution'>,
  open: OpenDevice,
): Promise<ChosenLowering> {
  const form = convolution !== undefined && { convolution };
  const names = asked === 'auto' ? loweringNames.filter((name) => name !== referenceLowering.lowering) : [asked];
  const failed: SelfCheck[] = [];
  const plain = yardstick(open);
  for (const name of names) {
    const check = await checkLowering(resolveLowering({ lowering: name, ...form }), open, plain);
    if (check.passed) return { check, failed };
    failed.push(check);
  }
  const reference = await checkLowering(referenceLowering, open, plain);
  if (reference.passed) return { check: reference, failed };
  const errors = [...failed, reference].map(faultText);
  throw new NumericError(
    `Plain ONNX must compute what float64 does on this machine, got ${errors.join(', ')}; see normscope doctor`,
  );
}

/** Opens a device with the lowering that {@link chooseLowering} comes to. @throws {NumericError} as that does. */
export async function openChecked(asked: AskedDevice, open: OpenDevice): Promise<CheckedDevice> {
  const chosen = await chooseLowering(asked, open);
  const { lowering, convolution } = chosen.check;
  const device = open({ ...asked, lowering, convolution, threads: asked.threads ?? 1 });
  return Object.assign(device, { chosen });
}
