/** @file What decides the numbers of cells here, beside what a plan has fixed. */

import { codeHash, ortVersion } from '../../cells/node/versions.ts';
import { datasetChecksum } from '../../data/node/load-dataset.ts';
import { SettingError } from '../../errors.ts';
import { version } from '../../report/node/version.ts';
import { differences, type FixedCircumstances } from '../../sweeps/plan.ts';

/** @param datasets - the names of those that the cells need */
export function circumstancesHere(
  device: FixedCircumstances['device'],
  datasets: readonly string[],
): FixedCircumstances {
  return {
    normscope: version,
    code: codeHash(),
    onnxruntime: ortVersion(),
    device,
    data: Object.fromEntries(datasets.map((name) => [name, datasetChecksum(name)])),
  };
}

/** @throws {SettingError} saying what differs, where this machine would make other cells than the plan's. */
export function requireSameCircumstances(file: string, fixed: FixedCircumstances): void {
  const found = differences(fixed, circumstancesHere(fixed.device, Object.keys(fixed.data)));
  if (found.length === 0) return;
  throw new SettingError(
    `The cells of ${file} cannot be made or found here: ${found.join('; ')}; ` +
      `install normscope ${fixed.normscope} with ONNX Runtime ${fixed.onnxruntime} as it was planned, or plan the sweep anew`,
  );
}
