/**
 * @file A GPU under Node, by the WebGPU provider of ONNX Runtime's native library. What is stored goes there and back at every
 * run: the library hands out no memory of the GPU that could be read or written.
 */

import './telemetry.ts';
import * as native from 'onnxruntime-node';
import { SettingError } from '../../errors.ts';
import { type Ort, sessionOptions, tensorsOf } from '../ort.ts';

/** Providers that the installed library has, as it says itself. */
const offered: readonly string[] = native.listSupportedBackends().map(({ name }) => name);

/** @throws {SettingError} where this build of ONNX Runtime cannot compute by WebGPU */
export function webgpuOrt(providers: readonly string[] = offered): Ort {
  if (!providers.includes('webgpu')) {
    throw new SettingError(
      `Device webgpu must be among what ONNX Runtime offers here, got ${providers.join(', ')}; compute on the processor instead`,
    );
  }
  return {
    ...tensorsOf(native.Tensor),
    async open(model, threads) {
      const options = { ...sessionOptions(threads), executionProviders: ['webgpu'] };
      const session = await native.InferenceSession.create(model, options).catch((error: unknown) => {
        throw withoutAdapter(error);
      });
      return {
        run: async (inputs, results) => void (await session.run(inputs, results)),
        release: () => session.release(),
      };
    },
  };
}

/** ONNX Runtime's own words name neither what is missing nor the repair. */
function withoutAdapter(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const [, reason] = /WebGPU adapter: (.*)/.exec(text) ?? [];
  if (reason === undefined) return error;
  return new SettingError(
    `Device webgpu needs a GPU that ONNX Runtime reaches by Vulkan, Metal or Direct3D 12, got '${reason.trim()}'; install its driver, or compute on the processor instead`,
    { cause: error },
  );
}
