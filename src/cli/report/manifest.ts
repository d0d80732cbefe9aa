/** @file What a run was made with: for `manifest.json`, and as lines of the report. */

import { counted } from '../../counted.ts';
import { cellText } from '../../cells/job.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { Place } from '../../records/record.ts';
import { describeMachine, type Machine } from '../../report/node/machine.ts';
import { formatBytes } from '../../report/plain-text.ts';
import { loweringText } from '../../runtime/lowering-choice.ts';
import type { DatasetAbout } from '../run-datasets.ts';
import type { RunCell, StudyRun } from '../reproduce/study-section.ts';
import { errorText, type TrustedDevice } from '../trusted-device.ts';

export interface Manifest {
  readonly json: JsonObject;
  readonly lines: readonly (readonly [string, string])[];
}

/** What all cells of a run share. */
export interface RunMade extends TrustedDevice {
  /** All that its cells were made from, whether they were loaded now or not. */
  readonly datasets: readonly DatasetAbout[];
  readonly parallel: number;
  /** Where it was made; default: here. */
  readonly machine?: Machine;
}

/** @param runs - the studies that the cells are of, where they are of studies */
export function describeRun(made: RunMade, cells: readonly RunCell[], runs: readonly StudyRun[] = []): Manifest {
  const { datasets, device, check, parallel, machine = describeMachine() } = made;
  const data = datasets.map(({ name, source, checksum }) => ({ name, source, checksum }));
  const { threads } = device;
  return {
    json: {
      machine: { ...machine },
      device: { ...device },
      selfCheck: { ...check },
      parallel,
      data,
      cells: namedCells(cells).map(({ arm, seed, setting, cell }) => ({ arm, setting, seed, hash: cell.hash })),
      ...(runs.length > 0 && { studies: runs.map(studyJson) }),
    },
    lines: [
      ...machineLines(machine),
      [
        'computation',
        `lowering ${loweringText(device)}, float32; ${counted(threads, 'thread')} per cell, ${parallel} at once`,
      ],
      ['self-check', `${errorText(check)} on a small network with all its gradients`],
      ...data.flatMap(({ name, source, checksum }) => [
        ['data', `${name}: ${source}`] as const,
        ['data checksum', checksum] as const,
      ]),
    ],
  };
}

/** A machine and its versions, for people. */
export function machineLines(machine: Machine): Manifest['lines'] {
  return [
    ['normscope', machine.normscope],
    ['machine', `${machine.processor}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}`],
    ['system', `${machine.system}, Node ${machine.node}, ONNX Runtime ${machine.onnxruntime} (CPU)`],
  ];
}

/** What a report of these cells is written again from: those of a study in its own order, and as the study names them. */
function studyJson({ study, command, outcome }: StudyRun): JsonObject {
  const cells = typeof outcome === 'string' ? [] : outcome.cells;
  return {
    name: study.name,
    command,
    cells: cells.map(({ asked: { arm, seed, place }, cell }) => ({ arm, setting: place, seed, hash: cell.hash })),
  };
}

/** A cell with a name of its own in its run. */
export interface NamedCell extends RunCell {
  readonly arm: string;
  readonly seed: number;
  readonly setting: Place;
}

/** Every cell once. Where arm, seed and setting do not tell two of them apart, as in other studies, a part of the hash does. */
export function namedCells(cells: readonly RunCell[]): readonly NamedCell[] {
  const byHash = new Map(cells.map((run) => [run.cell.hash, run]));
  const hashesOf = new Map<string, string[]>();
  for (const { asked, cell } of byHash.values()) {
    const text = cellText(asked);
    hashesOf.set(text, [...(hashesOf.get(text) ?? []), cell.hash]);
  }
  return [...byHash.values()].map(({ asked, cell }) => {
    const { arm, seed, place } = asked;
    const isAlone = hashesOf.get(cellText(asked))?.length === 1;
    return { asked, cell, arm, seed, setting: isAlone ? place : { ...place, cell: cell.hash.slice(0, 8) } };
  });
}
