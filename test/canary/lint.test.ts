import { beforeAll, describe, expect, it } from 'vitest';
import { layers } from '../../tools/layers.ts';
import { type Outcome, runGate, withPlantedProject } from './planted-project.ts';

/** Planted file → the rule that must report it. Each file breaks this one rule only. */
const violations: Readonly<Record<string, { readonly rule: string; readonly text: string }>> = {
  'src/ops/runs-ort.ts': {
    rule: 'no-restricted-imports',
    text: "import { Tensor } from 'onnxruntime-node';\nexport const tensor: unknown = Tensor;\n",
  },
  'src/math/imports-node.ts': {
    rule: 'no-restricted-imports',
    text: "export { sep } from 'node:path';\n",
  },
  'src/math/imports-node-folder.ts': {
    rule: 'no-restricted-imports',
    text: "export type { thing } from './node/thing.ts';\n",
  },
  'src/nn/deep/imports-node-folder.ts': {
    rule: 'no-restricted-imports',
    text: "export { thing } from '../../records/node/thing.ts';\n",
  },
  'src/nn/imports-web-folder.ts': {
    rule: 'no-restricted-imports',
    text: "export { thing } from './web/thing.ts';\n",
  },
  'src/nn/web/imports-node.ts': {
    rule: 'no-restricted-imports',
    text: "export { sep } from 'node:path';\n",
  },
  'src/nn/node/imports-web-folder.ts': {
    rule: 'no-restricted-imports',
    text: "export { thing } from '../web/thing.ts';\n",
  },
  'src/nn/node/imports-above.ts': {
    rule: 'no-restricted-imports',
    text: "export { thing } from '../../train/thing.ts';\n",
  },
  'src/runtime/imports-native.ts': {
    rule: 'no-restricted-imports',
    text: "import { Tensor } from 'onnxruntime-node';\nexport const tensor: unknown = Tensor;\n",
  },
  'src/papers.ts': { rule: 'no-restricted-imports', text: "export { sep } from 'node:path';\n" },
  'src/models/imports-public-api.ts': {
    rule: 'no-restricted-imports',
    text: "export { thing } from '../index.ts';\n",
  },
  'src/models/imports-shared-api.ts': {
    rule: 'no-restricted-imports',
    text: "export { thing } from '../everywhere.ts';\n",
  },
  'src/models/imports-package.ts': { rule: 'no-restricted-imports', text: "export { thing } from 'normscope';\n" },
  'src/models/winding-path.ts': {
    rule: 'no-restricted-imports',
    text: "export { thing } from '../ops/../train/thing.ts';\n",
  },
  'src/models/imports-late.ts': {
    rule: 'no-restricted-imports',
    text: "export const load = (): Promise<unknown> => import('../train/thing.ts');\n",
  },
  'src/models/imports-test.ts': { rule: 'no-restricted-imports', text: "import './some.test.ts';\n" },
  'src/report/logs.ts': {
    rule: 'no-console',
    text: "export function log(): void {\n  console.log('x');\n}\n",
  },
  'src/report/exits.ts': {
    rule: 'no-restricted-properties',
    text: 'export function leave(): void {\n  process.exit(1);\n}\n',
  },
  'src/report/writes.ts': {
    rule: 'no-restricted-properties',
    text: "export function write(): void {\n  process.stdout.write('x');\n}\n",
  },
  'src/bench/answers.ts': {
    rule: 'no-restricted-properties',
    text: "export function answer(): void {\n  process.stdout.write('x');\n}\n",
  },
  'src/report/imports-process.ts': {
    rule: 'no-restricted-imports',
    text: "export { stdout } from 'node:process';\n",
  },
  'src/nn/cycle-a.ts': {
    rule: 'no-cycle',
    text: "import { b } from './cycle-b.ts';\nexport const a = (): number => b();\n",
  },
  'src/nn/cycle-b.ts': {
    rule: 'no-cycle',
    text: "import { a } from './cycle-a.ts';\nexport const b = (): number => a();\n",
  },
  'src/nn/floats.ts': {
    rule: 'no-floating-promises',
    text: 'export function start(): void {\n  Promise.resolve(1);\n}\n',
  },
  'src/nn/type-import.ts': {
    rule: 'consistent-type-imports',
    text: "import { Thing } from './types.ts';\nexport const thing: Thing = 1;\n",
  },
  'src/nn/default-export.ts': { rule: 'no-default-export', text: 'const value = 1;\nexport default value;\n' },
  'src/nn/export-all.ts': { rule: 'no-export-all', text: "export * from './types.ts';\n" },
  'src/nn/double-assertion.ts': {
    rule: 'no-double-assertion',
    text: "export const wrong: number = 'x' as unknown as number;\n",
  },
  'src/nn/power.ts': { rule: 'no-native-power', text: 'export const cube = (x: number): number => x ** 3;\n' },
  'src/nn/square.ts': { rule: 'no-native-power', text: 'export const square = (x: number): number => x ** 2;\n' },
  'src/nn/math-power.ts': {
    rule: 'no-native-power',
    text: 'export const tenTo = (x: number): number => Math.pow(10, x);\n',
  },
  'src/nn/grows.ts': {
    rule: 'no-native-power',
    text: 'export function grow(x: number): number {\n  let grown = x;\n  grown **= 3;\n  return grown;\n}\n',
  },
  'src/nn/any.ts': { rule: 'no-explicit-any', text: 'export const anything: any = 1;\n' },
  'src/nn/silenced.ts': { rule: 'ban-ts-comment', text: '// @ts-ignore\nexport const silenced: number = 1;\n' },
  'src/nn/disabled.ts': {
    rule: 'no-warning-comments',
    text: '// oxlint-disable-next-line no-var\nexport var old: number = 1;\n',
  },
  'src/nn/unfinished.ts': {
    rule: 'no-warning-comments',
    text: '// TODO: later\nexport const unfinished: number = 1;\n',
  },
  'src/nn/long.ts': {
    rule: 'max-lines',
    text: Array.from({ length: 401 }, (_, i) => `export const x${i}: number = ${i};\n`).join(''),
  },
  'src/nn/CamelCase.ts': { rule: 'filename-case', text: 'export const camel: number = 1;\n' },
  'src/nn/unused-variable.ts': {
    rule: 'no-unused-vars',
    text: 'export function f(): void {\n  const forgotten = 1;\n}\n',
  },
  'src/errors.ts': { rule: 'no-restricted-imports', text: "export { thing } from './ops/thing.ts';\n" },
};

/** Files that look alike and are allowed. */
const allowed: Readonly<Record<string, string>> = {
  'src/runtime/node/runs-ort.ts':
    "import { Tensor } from 'onnxruntime-node';\nexport const tensor: unknown = Tensor;\n",
  'src/runtime/types-ort.ts': "import type { Tensor } from 'onnxruntime-common';\nexport type Held = Tensor;\n",
  'src/math/node/thing.ts': "import { sep } from 'node:path';\nexport const thing: string = sep;\n",
  'src/records/node/thing.ts': "export { thing } from '../../math/node/thing.ts';\n",
  'src/nn/web/thing.ts': "export { thing } from '../types.ts';\n",
  'src/cli/uses-node-folder.ts': "export { thing } from '../records/node/thing.ts';\n",
  'src/cli/prints.ts': "export function main(): void {\n  console.log('x');\n  process.exitCode = 1;\n}\n",
  'src/bench/answer.ts': "export function answer(): void {\n  process.stdout.write('x');\n}\n",
  'src/ops/above.test.ts': "import { thing } from '../cli/thing.ts';\nexport const oracle: unknown = thing;\n",
  'src/report/train/thing.ts': 'export const thing: number = 1;\n',
  'src/report/figures/own-subfolder.ts': "export { thing } from '../train/thing.ts';\n",
  'src/nn/powers-of-two.ts': 'export const bounds: readonly number[] = [2 ** 31, 2 ** -24];\n',
  'src/report/power.ts': 'export const pad = (x: number): number => 10 ** x;\n',
  'src/nn/power.test.ts': 'export const oracle = (x: number): number => x ** 3;\n',
  'src/nn/types.ts': 'export type Thing = number;\n',
  'src/nn/just-short-enough.ts': Array.from(
    { length: 400 },
    (_, i) => `export const x${i}: number = ${i};\n// note\n`,
  ).join(''),
  'src/index.ts': "export { thing } from './studies/thing.ts';\nexport * from './everywhere.ts';\n",
  'src/everywhere.ts': "export { thing } from './train/thing.ts';\n",
};

/** One import for every ordered pair of folders, from the folder itself and from a subfolder. */
const pairs = layers.flatMap((from) =>
  layers
    .filter((to) => to !== from)
    .flatMap((to) => [
      { from, to, path: `src/${from.folder}/pairs/to-${to.folder}.ts`, target: `../../${to.folder}/thing.ts` },
      { from, to, path: `src/${from.folder}/to-${to.folder}.ts`, target: `../${to.folder}/thing.ts` },
    ]),
);

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

describe('oxlint', () => {
  let outcome: Outcome;
  const reported = new Map<string, Set<string>>();

  beforeAll(() => {
    const files = {
      ...Object.fromEntries(
        layers.map(({ folder }) => [`src/${folder}/thing.ts`, 'export const thing: number = 1;\n']),
      ),
      ...Object.fromEntries(pairs.map(({ path, target }) => [path, `export { thing } from '${target}';\n`])),
      ...Object.fromEntries(Object.entries(violations).map(([path, { text }]) => [path, text])),
      ...allowed,
    };
    outcome = withPlantedProject(files, (root) => runGate('check:lint', root, ['--format=json', 'src']));
    const { diagnostics } = JSON.parse(outcome.output) as { readonly diagnostics: readonly Diagnostic[] };
    for (const { filename, code } of diagnostics) {
      const rules = reported.get(filename) ?? new Set();
      reported.set(filename, rules.add(code.replace(/^.*\((.*)\)$/, '$1')));
    }
  });

  it('exits with an error', () => {
    expect(outcome.status).toBe(1);
  });

  it.each(Object.entries(violations))('reports %s', (path, { rule }) => {
    expect([...(reported.get(path) ?? [])]).toEqual([rule]);
  });

  it.each(Object.keys(allowed))('lets %s pass', (path) => {
    expect(reported.get(path)).toBeUndefined();
  });

  it('allows an import between two folders exactly where it goes to a lower level', () => {
    const found = pairs.filter(({ path }) => reported.get(path)?.has('no-restricted-imports'));
    const wanted = pairs.filter(({ from, to }) => to.level >= from.level || to.folder === 'testing');
    expect(found.map(({ path }) => path)).toEqual(wanted.map(({ path }) => path));
  });
});

describe('oxlint on a clean project', () => {
  it('exits without an error', () => {
    const files = { 'src/ops/thing.ts': 'export const thing: number = 1;\n' };
    const { status } = withPlantedProject(files, (root) => runGate('check:lint', root, ['src']));
    expect(status).toBe(0);
  });
});
