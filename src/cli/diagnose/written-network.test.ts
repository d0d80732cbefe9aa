import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { classifier } from '../../problems/classifier.ts';
import { decodeSafetensors } from '../../records/safetensors.ts';
import { startOf } from '../../train/start-of.ts';
import { networkTensors, writeNetwork } from './written-network.ts';

const problem = classifier('mlp', { input: [1, 3, 2], classes: 3, width: 0.1, norm: 'batch' });
const state = startOf(problem);
const forms = { '.onnx': () => Uint8Array.of(1), '.safetensors': () => networkTensors(problem, state) };

it('writes parameters and running statistics, with their shapes, and no file over another', () => {
  const folder = mkdtempSync(join(tmpdir(), 'normscope-written-'));
  const file = join(folder, 'net.safetensors');
  writeNetwork(file, forms);
  const { tensors } = decodeSafetensors(readFileSync(file));
  expect(tensors.get('dense1/norm/runningVariance')?.shape).toEqual([tensors.get('dense1/weight')?.shape[1]]);
  expect(tensors.get('dense1/weight')?.data).toEqual(state.get('dense1/weight'));
  expect([...tensors.keys()].filter((name) => name.endsWith('/velocity'))).toEqual([]);

  writeFileSync(file, 'mine');
  expect(() => writeNetwork(file, forms)).toThrow(/changes no file that is there/u);
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(() => writeNetwork(join(folder, 'net.txt'), forms)).toThrow(/ends in .onnx or .safetensors, got '.*net.txt'/u);
  expect(readdirSync(folder)).toEqual(['net.safetensors']);
});
