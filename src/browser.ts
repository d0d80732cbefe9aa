/** @file The public API in a browser: everything that can be imported from 'normscope/browser'. */

// What runs on every platform: problems, training, probes, graphs.
export * from './everywhere.ts';

// A device in a web worker. It needs the package onnxruntime-web.
export { openDevice, webDevice } from './runtime/web/open-device.ts';
