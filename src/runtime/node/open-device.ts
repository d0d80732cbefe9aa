/** @file Opens a device of Node that is right on this machine. */

import { type AskedDevice, type CheckedDevice, openChecked } from '../choose-lowering.ts';
import { nodeDevice } from './node-device.ts';

/**
 * A device in a thread of its own, with the fastest lowering that computes right here unless one is named; `chosen` says
 * how far it was from float64. Close it, or the process stays.
 * @throws {NumericError} where no lowering is right.
 */
export function openDevice(asked: AskedDevice = {}): Promise<CheckedDevice> {
  return openChecked(asked, nodeDevice);
}
