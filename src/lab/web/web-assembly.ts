/** @file Whether a page may compile WebAssembly, said in words where it may not. */

import { SettingError } from '../../errors.ts';

/** @throws {SettingError} where nothing may be compiled: ONNX Runtime's own words would name neither the policy nor the repair. */
export function assertWebAssembly(doing: string): void {
  try {
    // The smallest module that there is.
    void new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  } catch (error) {
    throw new SettingError(
      `Cannot ${doing} here: the page must be allowed to compile WebAssembly, got '${(error as Error).message}'; serve it with 'wasm-unsafe-eval' in the script-src of its Content-Security-Policy, or use a browser that has WebAssembly`,
      { cause: error },
    );
  }
}
