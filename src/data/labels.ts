/** @file The check that labels name classes. */
import { DataError } from '../errors.ts';

/** @throws {DataError} on the first label that is not below `classes` */
export function assertLabels(labels: Uint8Array, classes: number): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new DataError(
      `Cannot decode the labels: each must be below ${classes}, got ${labels[wrong]} for example ${wrong}; ` +
        'the file is damaged, fetch it again',
    );
  }
}
