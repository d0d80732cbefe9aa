/** @file Which builds of ONNX Runtime there are: known without loading one. */

export type RuntimeName = 'native' | 'wasm';

export const runtimeNames: readonly RuntimeName[] = ['native', 'wasm'];
