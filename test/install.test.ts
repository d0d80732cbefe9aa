/** @file An install must neither run the script of ONNX Runtime, whose download of CUDA libraries can fail, nor warn. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as z from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(`${root}/${name}`, 'utf8');

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })),
});
const packageSchema = z.object({ allowScripts: z.record(z.string(), z.boolean()) });

/** Downloads what normscope has no use for. */
const SCRIPTED = 'onnxruntime-node';

it('keeps the script of ONNX Runtime from npm 10, which runs what the lock file says has one', () => {
  const { packages } = lockSchema.parse(JSON.parse(read('package-lock.json')));
  const entry = packages[`node_modules/${SCRIPTED}`];
  expect(entry).toBeDefined();
  expect(entry?.hasInstallScript, 'take hasInstallScript out of its entry').toBeUndefined();
});

it('keeps it from npm 11, which asks package.json, and leaves no script unanswered', () => {
  const { packages } = lockSchema.parse(JSON.parse(read('package-lock.json')));
  const { allowScripts } = packageSchema.parse(JSON.parse(read('package.json')));
  const scripted = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? [path.replace('node_modules/', '')] : [],
  );
  expect(Object.keys(allowScripts).toSorted()).toEqual([...new Set([...scripted, SCRIPTED])].toSorted());
  expect(allowScripts[SCRIPTED]).toBe(false);
});

it('has no key in .npmrc of which npm would warn whenever it runs here, npx included', () => {
  const { stderr, status } = spawnSync('npm', ['prefix'], { cwd: root, encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stderr).not.toMatch(/unknown project config/i);
});
