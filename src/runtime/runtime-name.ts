/** @file Which builds of ONNX Runtime there are: known without loading one. */

/** `webgpu` is a GPU by ONNX Runtime's WebGPU provider, under Node or in a browser. */
export type RuntimeName = 'native' | 'wasm' | 'webgpu';

/** Those that compute to the same bits each time, and may be asked for by name. */
export const runtimeNames: readonly RuntimeName[] = ['native', 'wasm'];
