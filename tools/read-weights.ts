/**
 * @file What reading 25 million float32 weights takes, in memory as a multiple of their size and in time:
 * `npx tsx tools/read-weights.ts`. From a file, and from bytes that start at each of four places in memory, at one of which a
 * typed array can view the weights; each is a process of its own, and what the bytes themselves take is counted. On Linux,
 * which alone tells the most that a process had since some moment.
 */

import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { OnnxModel } from '../src/onnx/model.ts';
import { readOnnxFile } from '../src/onnx/node/read-onnx-file.ts';
import { readOnnx } from '../src/onnx/read.ts';
import { floats, node, onnxBytes } from '../src/testing/onnx-bytes.ts';

const SHAPE = [5000, 5000];
const [path, start] = process.argv.slice(2);
if (path === undefined) writeAndMeasure();
else measure(path, start);

function writeAndMeasure(): void {
  const folder = mkdtempSync(join(tmpdir(), 'normscope-weights-'));
  const file = join(folder, 'weights.onnx');
  const port = (name: string): { name: string } => ({ name });
  try {
    const weights = floats('w', SHAPE, new Float32Array(SHAPE.reduce((a, b) => a * b)).fill(0.5));
    const graph = { node: [node('MatMul', ['x', 'w'], ['y'])], initializer: [weights] };
    writeFileSync(file, onnxBytes({ ...graph, name: 'weights', input: [port('x')], output: [port('y')] }));
    const own = fileURLToPath(import.meta.url);
    for (const place of ['file', '0', '1', '2', '3'])
      process.stdout.write(execFileSync(process.execPath, [...process.execArgv, own, file, place]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param place - `file`, or where in memory the bytes start */
function measure(file: string, place = 'file'): void {
  const { size } = statSync(file);
  const own = place === 'file' ? undefined : new Uint8Array(size + 4).subarray(Number(place), Number(place) + size);
  if (own !== undefined) {
    // Into their place at once: what held them for a moment would be counted.
    const handle = openSync(file, 'r');
    readSync(handle, own);
    closeSync(handle);
  }
  writeFileSync('/proc/self/clear_refs', '5');
  const before = memory('VmRSS') - (own === undefined ? 0 : size);
  const begun = performance.now();
  const model: OnnxModel = own === undefined ? readOnnxFile(file).model : readOnnx(own);
  const seconds = (performance.now() - begun) / 1000;
  const times = (memory('VmHWM') - before) / size;
  const { data } = model.graph.initialisers.get('w') ?? {};
  const where = own && `from bytes at ${place}, ${data?.buffer === own.buffer ? 'viewed' : 'copied'}`;
  console.log(`${where ?? 'from a file'}: ${times.toFixed(2)} times the weights, ${seconds.toFixed(2)} s`);
}

/** Bytes in use now, or the most since that was last asked to be forgotten. */
function memory(field: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+) kB`, 'u').exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
