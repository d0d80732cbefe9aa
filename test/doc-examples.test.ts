import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { apiOf, type Example, examplesOf, type Modules, writeModules } from './doc-examples.ts';

/** The compiler, and devices with a thread of their own, take their time on a busy machine. */
const patience = 120_000;

const api = apiOf(fileURLToPath(new URL('../src/index.ts', import.meta.url)));
const examples = api.paths.flatMap((path) => examplesOf(path));

beforeAll(() => {
  vi.spyOn(console, 'log').mockReturnValue();
});
afterAll(() => {
  vi.restoreAllMocks();
});

describe('the examples of the public API', () => {
  let modules: Modules;

  beforeAll(() => {
    modules = writeModules(examples, api);
  });
  afterAll(() => modules.remove());

  it('are some, and compile', { timeout: patience }, () => {
    expect(examples.length).toBeGreaterThan(4);
    expect(modules.compile()).toEqual({ status: 0, output: '' });
  });

  it.each(examples)('run: $place', { timeout: patience }, async (example) => {
    await expect(modules.run(example)).resolves.toBeUndefined();
  });
});

describe('examplesOf()', () => {
  it('takes what follows the tag, up to the next, fenced or not', () => {
    const source = [
      '/** None. */',
      'export const none: number = 1;',
      '/**',
      ' * Two.',
      ' *',
      ' * @example',
      ' * const a = {',
      ' *   b: 1,',
      ' * };',
      ' * @example',
      ' * Some words:',
      ' * ```ts',
      ' * const c = 2;',
      ' * ```',
      ' * @throws never',
      ' */',
      'export const two: string = "/** @example in a text */";',
    ].join('\n');
    expect(examplesOf('two.ts', source).map(({ text }) => text)).toEqual([
      'const a = {\n  b: 1,\n};',
      'const c = 2;\n',
    ]);
    expect(examplesOf('two.ts', source).map(({ place }) => place.replace(/^.*:/, ''))).toEqual(['6', '10']);
  });
});

/** The gate itself: it must see an example that is wrong. */
describe('an example', () => {
  const planted = {
    right: 'const g = new GraphBuilder(ops);\nconsole.log(g.nodes.length);',
    importing: "import { papers } from 'normscope';\nconsole.log(papers);",
    throwing: "throw new RangeError('planted');",
    rejecting: "await Promise.reject(new RangeError('late'));",
    refused: "findStudy('nobody/nothing');",
    mistyped: "const wrong: number = 'x';",
    lacking: 'canonicalise({});',
  };
  type Name = keyof typeof planted;
  const exampleOf = (name: Name): Example => ({ place: `${name}.ts:1`, text: planted[name] });
  const names = Object.keys(planted) as readonly Name[];
  let modules: Modules;
  let errors: string;

  beforeAll(() => {
    modules = writeModules(names.map(exampleOf), api);
    errors = modules.compile().output;
  }, patience);
  afterAll(() => modules.remove());

  it.each(['right', 'importing'] as const)('passes where it is %s', async (name) => {
    await expect(modules.run(exampleOf(name))).resolves.toBeUndefined();
  });

  it.each([
    ['throwing', 'planted'],
    ['rejecting', 'late'],
    ['refused', 'nobody/nothing'],
    ['lacking', 'canonicalise is not defined'],
  ] as const)('fails where it is %s', async (name, message) => {
    await expect(modules.run(exampleOf(name))).rejects.toThrow(message);
  });

  it('fails to compile where its types are wrong or the API lacks a name, and there alone', () => {
    const places = [...errors.matchAll(/^(\w+)-ts-1\.ts\(/gm)].map(([, name = '']) => name);
    expect(places.toSorted()).toEqual(['lacking', 'mistyped']);
  });
});
