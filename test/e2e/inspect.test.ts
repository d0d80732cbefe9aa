import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { float, floats, node, onnxBytes, port } from '../../src/testing/onnx-bytes.ts';
import { Place } from './command-line.ts';

const place = new Place();
const folder = place.newFolder();
const sample = fileURLToPath(new URL('../onnx-files/winml_pytorch_image.onnx', import.meta.url));

/** A norm whose statistics nobody has updated. */
function freshNorm(name: string): Uint8Array {
  const vector = (of: string, value: number) => floats(of, [3], [value, value, value]);
  return onnxBytes({
    input: [port('x', ['N', 3])],
    output: [port('y', ['N', 3])],
    node: [node('BatchNormalization', ['x', 'g', 'b', 'm', 'v'], ['y'], [float('epsilon', 1e-5)], name)],
    initializer: [vector('g', 1), vector('b', 0), vector('m', 0), vector('v', 1)],
  });
}

it('inspect says what is in a file, and ends with 0', async () => {
  copyFileSync(sample, join(folder, 'model.onnx'));
  const { code, stdout, stderr } = await place.run(folder, ['inspect', 'model.onnx', '--strict']);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/Conv_0 +Conv +48 \[12, 3, 5, 5\] +folded in/);
  expect(stdout).toContain('Findings: none');
  expect(code).toBe(0);
});

it('inspect ends with 3 where there is a problem, under --strict alone, and prints it as JSON', async () => {
  writeFileSync(join(folder, 'fresh.onnx'), freshNorm('\u001b[31mnorm'));
  const { code, stdout } = await place.run(folder, ['inspect', 'fresh.onnx']);
  expect(code).toBe(0);
  expect(stdout).toContain('PROBLEM never-updated at [31mnorm\n');
  const { code: strict, stdout: json } = await place.run(folder, ['inspect', 'fresh.onnx', '--strict', '--json']);
  expect(strict).toBe(3);
  const { file, norms, findings } = JSON.parse(json);
  expect(file).toBe('fresh.onnx');
  expect(norms).toMatchObject([{ name: '\u001b[31mnorm', channels: 3, epsilon: Math.fround(1e-5), isTraining: false }]);
  expect(findings).toMatchObject([{ rule: 'never-updated', level: 'problem', number: 3, threshold: 3 }]);
});

it.each([
  ['is not there', 'none.onnx', /Cannot read none\.onnx: it does not exist; check the path/],
  ['is a folder', '.', /A model must be a file, got \., which is none/],
  ['is another kind of file', 'text.onnx', /Bytes must be an ONNX model, got 5 bytes that are not/],
])('inspect ends with 1 for what %s', async (_, file, message) => {
  writeFileSync(join(folder, 'text.onnx'), 'hello');
  const { code, stderr } = await place.run(folder, ['inspect', file]);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
});
