/** @file Which build of ONNX Runtime a thread of Node loads. */

import { createRequire } from 'node:module';
import { SettingError } from '../../errors.ts';
import type { Ort } from '../ort.ts';
import type { RuntimeName } from '../runtime-name.ts';
import { wasmOrt } from '../wasm-ort.ts';
import { nativeOrt } from './native-ort.ts';
import { webgpuOrt } from './webgpu-ort.ts';

/** @throws {SettingError} where the package of a runtime is not installed, or has no GPU here. */
export async function loadOrt(runtime: RuntimeName): Promise<Ort> {
  if (runtime === 'native') return nativeOrt;
  if (runtime === 'webgpu') return webgpuOrt();
  const web = await import('onnxruntime-web').catch((error: unknown) => {
    const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
    throw new SettingError(
      `Runtime 'wasm' needs the package onnxruntime-web, which could not be loaded; npm install onnxruntime-web@${version}`,
      { cause: error },
    );
  });
  return wasmOrt(web);
}
