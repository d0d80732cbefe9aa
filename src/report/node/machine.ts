/** @file What this machine is, for manifests, reports and the doctor. */

import os from 'node:os';
import { ortVersion } from '../../cells/node/versions.ts';
import { version } from './version.ts';

export interface Machine {
  readonly normscope: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

export function describeMachine(): Machine {
  return {
    normscope: version,
    node: process.versions.node,
    onnxruntime: ortVersion(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
  };
}
