/** @file Where and how a bench was measured: the lines above its tables, and the warning below them. */

import { formatBytes } from '../report/plain-text.ts';
import type { Circumstances } from './measure.ts';

/** Runnable threads, averaged over a minute, from which on times say little. */
const BUSY_LOAD = 0.5;

/** Machine, versions and load, then what else there is to say. */
export function aboutText({ machine, load }: Circumstances, torch: string | undefined, ...more: string[]): string {
  const { processor, cores, memoryBytes, node, onnxruntime } = machine;
  const versions = [
    `Node ${node}`,
    `ONNX Runtime ${onnxruntime}`,
    ...(torch === undefined ? [] : [`PyTorch ${torch}`]),
  ];
  return [
    `${processor}, ${cores} cores, ${formatBytes(memoryBytes)}`,
    versions.join(', '),
    `Load of the machine ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after`,
    ...more,
  ].join('\n');
}

/** What a reader must know before believing the times; usually nothing. */
export function busyNotes({ load }: Circumstances): readonly string[] {
  return load.before > BUSY_LOAD ? ['The machine was busy before the bench began: repeat it when it is idle'] : [];
}

/** `1 thread`, `2 threads`. */
export function threadsText(threads: number): string {
  return `${threads} thread${threads === 1 ? '' : 's'}`;
}
