import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runGate, withPlantedProject } from './planted-project.ts';

interface Planted {
  readonly text: string;
  /** The lines that must be reported. */
  readonly lines: readonly number[];
  /** What the report says. */
  readonly says: string;
}

const thing = 'export const thing: number = 1;\n';

const cycles: Readonly<Record<string, Planted>> = {
  'src/nn/cycle-a.ts': {
    text: "import { b } from './cycle-b.ts';\nexport const a = (): number => b();\n",
    lines: [1],
    says: 'src/nn/cycle-a.ts → src/nn/cycle-b.ts → src/nn/cycle-a.ts',
  },
  'src/nn/typed-a.ts': {
    text: "/** A. */\nimport type { B } from './typed-b.ts';\nexport type A = { readonly b: B };\n",
    lines: [2],
    says: 'src/nn/typed-a.ts → src/nn/typed-b.ts → src/nn/typed-a.ts',
  },
  'src/nn/long-a.ts': {
    text: "export const a = (): Promise<unknown> => import('./long-b.ts');\n",
    lines: [1],
    says: 'src/nn/long-a.ts → src/nn/long-b.ts → src/nn/long-c.ts → src/nn/long-a.ts',
  },
};

const platforms: Readonly<Record<string, Planted>> = {
  'src/math/reads-files.ts': { text: "export { sep } from 'node:path';\n", lines: [1], says: "imports 'node:path'" },
  'src/math/old-name.ts': { text: "import 'fs';\n", lines: [1], says: "imports 'fs'" },
  'src/math/types-of-node.ts': {
    text: "export type { Stats } from 'node:fs';\nexport type Url = import('node:url').URL;\n",
    lines: [1, 2],
    says: "imports types of 'node:",
  },
  'src/runtime/native.ts': { text: "import 'onnxruntime-node';\n", lines: [1], says: "imports 'onnxruntime-node'" },
  'src/runtime/starts-worker.ts': {
    text: "export const address: URL = new URL('./node/worker.js', import.meta.url);\n",
    lines: [1],
    says: 'imports src/runtime/node/worker.ts, which is of platform node',
  },
  'src/studies/runs-cells.ts': {
    text: "import { run } from '../bench/run.ts';\nexport const study: unknown = run;\n",
    lines: [1],
    says: 'imports src/bench/run.ts, which is of platform node',
  },
  'src/studies/types-of-cells.ts': {
    text: "export type { Run } from '../bench/run.ts';\n",
    lines: [1],
    says: 'imports types of src/bench/run.ts → src/math/node/disk.ts → node:fs',
  },
  'src/runtime/web/page.ts': {
    text: "import 'onnxruntime-web';\nimport { disk } from '../../math/node/disk.ts';\nexport const page: unknown = disk;\n",
    lines: [2],
    says: 'imports src/math/node/disk.ts, which is of platform node',
  },
  'src/nn/needs-page.ts': {
    text: "import '../runtime/web/page.ts';\n",
    lines: [1],
    says: 'imports src/runtime/web/page.ts, which is of platform web',
  },
};

const loops: Readonly<Record<string, Planted>> = {
  'src/studies/planted/measure.ts': {
    text: [
      "import { descend } from '../../train/optimiser.ts';",
      'export async function train(device: { load(graph: unknown, mayWrite: string): Promise<void> }): Promise<void> {',
      "  await device.load(descend(), 'state');",
      "  const mayWrite = 'state';",
      '  await device.load({}, mayWrite);',
      '}\n',
    ].join('\n'),
    lines: [1, 3, 5],
    says: 'take its steps from a session of src/train',
  },
  'src/cli/times-steps.ts': {
    text: [
      "import * as train from '../train/optimiser.ts';",
      "import { compile } from '../runtime/compile.ts';",
      "export const program: unknown = compile(train.sgdUpdates(), {}, 'state');\n",
    ].join('\n'),
    lines: [3, 3],
    says: 'take its steps from a session of src/train',
  },
};

const mocks: Readonly<Record<string, Planted>> = {
  'src/studies/planted/study.test.ts': {
    text: "import { vi } from 'vitest';\nvi.mock('../../runtime/device.ts', () => ({}));\n",
    lines: [2],
    says: 'replaces a module',
  },
  'test/conformance/planted.test.ts': {
    text: "import { vi } from 'vitest';\n\nvi.doMock(import('../../src/runtime/device.ts'), () => ({}));\n",
    lines: [3],
    says: 'replaces a module',
  },
};

const gradients: Readonly<Record<string, Planted>> = {
  'src/train/planted.ts': {
    text: [
      'export async function update(parameters: unknown[], gradients: unknown[]): Promise<unknown[]> {',
      '  const found = vjp(parameters);',
      '  const [dx = parameters, dw = 0] = grad(parameters) as unknown[];',
      '  const { 0: first = parameters } = await partials(parameters);',
      '  return parameters.map((parameter, i) => [',
      '    gradients[i] ?? parameter,',
      '    (found[i]!) ?? parameters[i],',
      '    gradients.at(i) ?? parameter,',
      '    hvp(parameters).get(parameter) ?? parameter,',
      '  ]);',
      '}\n',
    ].join('\n'),
    lines: [3, 3, 4, 6, 7, 8, 9],
    says: 'let the types say how many gradients there are, or throw',
  },
};

const kinds: Readonly<Record<string, Planted>> = {
  'src/cli/counts-cells.ts': {
    text: [
      'export function count(cells: readonly Cell[], job: Job): unknown {',
      "  if (job.kind === 'training') return cells;",
      '  switch (job.kind) {',
      '    default:',
      '  }',
      "  return cells.filter((cell) => 'training' in cell || cell.pace !== undefined);",
      '}\n',
    ].join('\n'),
    lines: [2, 3, 6, 6],
    says: 'so that each kind answers for itself',
  },
};

const violations = { ...cycles, ...platforms, ...loops, ...mocks, ...gradients, ...kinds };

/** Files that look alike and are allowed, and the other halves of those above. */
const allowed: Readonly<Record<string, string>> = {
  'src/nn/cycle-b.ts': "import { a } from './cycle-a.ts';\nexport const b = (): number => a();\n",
  'src/nn/typed-b.ts': "import type { A } from './typed-a.ts';\nexport type B = { readonly a?: A };\n",
  'src/nn/long-b.ts': "export { c as b } from './long-c.ts';\n",
  'src/nn/long-c.ts': "export type C = import('./long-a.ts').C;\n",
  // It is loaded by another thread, so nothing goes in a circle.
  'src/math/node/starts-thread.ts': "export const address: URL = new URL('./thread.ts', import.meta.url);\n",
  'src/math/node/thread.ts': "export type { address } from './starts-thread.ts';\n",
  'src/math/node/disk.ts': "import fs from 'node:fs';\nexport const disk: unknown = fs;\n",
  'src/math/uses-package.ts': "import { z } from 'zod/v4';\nexport const schema: unknown = z;\n",
  'src/math/reads.test.ts': "import 'node:fs';\nimport './node/disk.ts';\n",
  'src/bench/run.ts':
    "import { disk } from '../math/node/disk.ts';\nexport const run: unknown = disk;\nexport type Run = 1;\n",
  'src/cells/plain.ts':
    "import { thing } from '../math/thing.ts';\nexport const plain: number = thing;\nexport type Plain = 1;\n",
  'src/cells/training.ts': "export const isMine = (cell: object): boolean => 'training' in cell;\n",
  'src/cli/asks-cells.ts': "export const cost = (job: Job): number => (job.kind, 'name' in job ? job.cost : 0);\n",
  'src/studies/types-of-plain.ts': "export type { Plain } from '../cells/plain.ts';\n",
  'src/math/thing.ts': thing,
  'src/runtime/node/worker.ts': "import 'onnxruntime-node';\n",
  'src/runtime/compile.ts':
    'export function compile(graph: unknown, mayWrite: string): unknown {\n  return [graph, mayWrite];\n}\n',
  'src/train/optimiser.ts':
    'export function descend(): number {\n  return 1;\n}\nexport type Optimiser = 1;\nexport const sgd = 1;\n',
  'src/train/loop.ts':
    "import { descend } from './optimiser.ts';\nexport const step = (device: Device): unknown => device.load(descend(), 'state');\n",
  'src/index.ts': "export { sgd } from './train/optimiser.ts';\n",
  'src/runtime/passes-on.ts': 'export const load = (mayWrite: string): unknown => device.load({}, mayWrite);\n',
  'src/studies/reads.ts': [
    "export { sgd } from '../train/optimiser.ts';",
    "import type { Optimiser } from '../train/optimiser.ts';",
    "export const read = (device: Device): unknown => device.load('state-space', 'scratch');",
    "export const state = (words: Map<string, Optimiser>): unknown => words.get('state');\n",
  ].join('\n'),
  'src/studies/trains.test.ts': "export const step = (device: Device): unknown => device.load({}, 'state');\n",
  'src/studies/mocks.test.ts':
    "import fs from 'node:fs';\nimport { vi } from 'vitest';\nvi.spyOn(fs, 'writeSync');\nvi.stubEnv('HOME', '');\n",
  'src/nn/gradients.ts': [
    'export function read(gradient: Float64Array, gradients: Map<unknown, unknown>, rates: number[], rate: number): unknown[] {',
    '  const [dx] = grad(rates);',
    '  const [first = rate] = rates;',
    '  return [dx, first, gradient[0] ?? 0, gradient[1] ?? Number.NaN, gradients.get(1) ?? zeros(), rates[0] ?? rate];',
    '}\n',
  ].join('\n'),
};

describe('the house checks', () => {
  let outcome: Outcome;
  const reported = new Map<string, { line: number; what: string }[]>();

  beforeAll(() => {
    const texts = Object.entries(violations).map(([path, { text }]) => [path, text] as const);
    const files = { ...Object.fromEntries(texts), ...allowed };
    outcome = withPlantedProject(files, (root) => runGate('check:house', root));
    for (const [, path = '', line = '', what = ''] of outcome.output.matchAll(/^ {2}(\S+):(\d+) (.*)$/gm)) {
      reported.set(path, [...(reported.get(path) ?? []), { line: Number(line), what }]);
    }
  }, 60_000);

  it('end with an error, and say of each fact that it does not hold', () => {
    expect(outcome.output.match(/^does not hold \(\d+\)/gm)).toHaveLength(6);
    expect(outcome.status).toBe(1);
  });

  it.each(Object.entries(violations))('report %s', (path, { lines, says }) => {
    const found = reported.get(path) ?? [];
    expect(found.map(({ line }) => line).toSorted((a, b) => a - b)).toEqual(lines);
    for (const { what } of found) expect(what).toContain(says);
  });

  it('report nothing else', () => {
    expect([...reported.keys()].filter((path) => !(path in violations))).toEqual([]);
  });
});

describe('the house checks elsewhere', () => {
  it('pass a clean project', () => {
    const outcome = withPlantedProject({ 'src/math/thing.ts': thing }, (root) => runGate('check:house', root));
    expect(outcome.output.match(/^holds: /gm)).toHaveLength(6);
    expect(outcome.status).toBe(0);
  });

  it('fail where there is nothing to check, or where it does not parse', () => {
    const check = (files: Readonly<Record<string, string>>): Outcome =>
      withPlantedProject(files, (root) => runGate('check:house', root));
    expect(check({}).output).toContain('There must be source to check');
    expect(check({}).status).not.toBe(0);
    const torn = check({ 'src/math/torn.ts': 'export const = ;\n' });
    expect(torn.output).toContain('Cannot read src/math/torn.ts');
    expect(torn.status).not.toBe(0);
  });
});
