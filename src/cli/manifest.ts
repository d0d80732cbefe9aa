/** @file What a run was made with: for `manifest.json`, and as lines of the report. */

import { seedOf } from '../cells/cell-spec.ts';
import type { Dataset } from '../data/dataset.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { DeviceSettings } from '../runtime/device.ts';
import { describeMachine } from './machine.ts';
import { formatBytes } from './output.ts';
import type { RunCell } from './study-section.ts';

export interface Manifest {
  readonly json: JsonObject;
  readonly lines: readonly (readonly [string, string])[];
}

export function describeRun(
  made: { readonly dataset: Dataset | undefined; readonly device: DeviceSettings; readonly parallel: number },
  cells: readonly RunCell[],
): Manifest {
  const { dataset, device, parallel } = made;
  const machine = describeMachine();
  const data =
    dataset === undefined ? null : { name: dataset.name, source: dataset.source, checksum: dataset.checksum };
  const { threads, lowering } = device;
  return {
    json: {
      machine: { ...machine },
      device: { ...device },
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
        `lowering ${lowering}, float32; ${threads} thread${threads === 1 ? '' : 's'} per cell, ${parallel} at once`,
      ],
      ...(data === null
        ? []
        : ([
            ['data', `${data.name}: ${data.source}`],
            ['data checksum', data.checksum],
          ] as const)),
    ],
  };
}
