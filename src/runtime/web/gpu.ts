/** @file What this folder uses of WebGPU, and a GPU to compute on: declared here, as TypeScript knows it only with all of a browser. */

import { SettingError } from '../../errors.ts';

export interface Gpu {
  /** Ends when it is gone. */
  readonly lost: Promise<{ readonly message: string; readonly reason: string }>;
  readonly queue: {
    writeBuffer(buffer: GpuBuffer, byte: number, data: ArrayBufferView): void;
    submit(commands: readonly object[]): void;
  };
  /** @param asked - bytes, and what it is used for */
  createBuffer(asked: { readonly size: number; readonly usage: number }): GpuBuffer;
  createCommandEncoder(): {
    copyBufferToBuffer(from: GpuBuffer, fromByte: number, to: GpuBuffer, toByte: number, bytes: number): void;
    finish(): object;
  };
}

export interface GpuBuffer {
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  destroy(): void;
}

interface Adapter {
  readonly limits: Readonly<Record<string, number>>;
  readonly info?: { readonly vendor: string; readonly architecture: string; readonly description: string };
  requestDevice(asked: { readonly requiredLimits: Readonly<Record<string, number>> }): Promise<Gpu>;
}

/** Of the scope of a worker: `Suspending` is in the first where it can wait, and the second is without `gpu` where the browser has no WebGPU. */
declare const WebAssembly: object;
declare const navigator: { readonly gpu?: { requestAdapter(asked: object): Promise<Adapter | null> } };

/** A GPU, and what the browser calls it. */
export interface OpenedGpu {
  readonly gpu: Gpu;
  readonly title: string;
}

/** What ONNX Runtime's kernels use as far as there is: WebGPU gives the least of each unless it is asked for more. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

const REPAIR = 'let the arm compute on the processor, or use a browser and a machine that have it';

/** @throws {SettingError} where the browser has not what it takes, or no GPU to offer; its text says which */
export async function openGpu(): Promise<OpenedGpu> {
  if (navigator.gpu === undefined) {
    throw new SettingError(
      `Computing on the GPU needs WebGPU, which this browser does not have, or not in a page that came by plain http; ${REPAIR}`,
    );
  }
  if (!('Suspending' in WebAssembly)) {
    throw new SettingError(
      `Computing on the GPU needs WebAssembly that can wait (JSPI), which this browser does not have; ${REPAIR}`,
    );
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new SettingError(`Computing on the GPU needs one that the browser may use, got none; ${REPAIR}`);
  }
  const limits = LIMITS.flatMap((name) => {
    const most = adapter.limits[name];
    return most === undefined ? [] : [[name, most] as const];
  });
  const gpu = await adapter.requestDevice({ requiredLimits: Object.fromEntries(limits) });
  const { vendor = '', architecture = '', description = '' } = adapter.info ?? {};
  const title = description === '' ? `${vendor} ${architecture}`.trim() : description;
  return { gpu, title: title === '' ? 'unnamed' : title };
}
