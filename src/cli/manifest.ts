/** @file What a run was made with: for `manifest.json`, and as lines of the report. */

import { counted } from '../counted.ts';
import { seedOf } from '../cells/cell-spec.ts';
import type { Dataset } from '../data/dataset.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import { describeMachine } from '../report/node/machine.ts';
import { formatBytes } from '../report/plain-text.ts';
import { loweringText } from '../runtime/lowering-choice.ts';
import type { RunCell } from './study-section.ts';
import { errorText, type TrustedDevice } from './trusted-device.ts';

export interface Manifest {
  readonly json: JsonObject;
  readonly lines: readonly (readonly [string, string])[];
}

/** What all cells of a run share. */
export interface RunMade extends TrustedDevice {
  readonly dataset: Dataset | undefined;
  readonly parallel: number;
}

export function describeRun(made: RunMade, cells: readonly RunCell[]): Manifest {
  const { dataset, device, check, parallel } = made;
  const machine = describeMachine();
  const data =
    dataset === undefined ? null : { name: dataset.name, source: dataset.source, checksum: dataset.checksum };
  const { threads } = device;
  return {
    json: {
      machine: { ...machine },
      device: { ...device },
      selfCheck: { ...check },
      parallel,
      data,
      cells: cells.map(({ spec, cell }) => ({ arm: spec.arm, seed: seedOf(spec), hash: cell.hash })),
    },
    lines: [
      ['normscope', machine.normscope],
      ['machine', `${machine.processor}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}`],
      ['system', `${machine.system}, Node ${machine.node}, ONNX Runtime ${machine.onnxruntime} (CPU)`],
      [
        'computation',
        `lowering ${loweringText(device)}, float32; ${counted(threads, 'thread')} per cell, ${parallel} at once`,
      ],
      ['self-check', `${errorText(check)} on a small network with all its gradients`],
      ...(data === null
        ? []
        : ([
            ['data', `${data.name}: ${data.source}`],
            ['data checksum', data.checksum],
          ] as const)),
    ],
  };
}
