import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Outcome, run, runGate, withPlantedProject } from './planted-project.ts';

const clean = 'export const answer: number = 42;\n';

function runTests(files: Readonly<Record<string, string>>): Outcome {
  return withPlantedProject(files, (root) => run(join(root, 'node_modules', '.bin', 'vitest'), ['run'], root));
}

describe('the compiler', () => {
  const check = (text: string): Outcome =>
    withPlantedProject({ 'src/planted.ts': text }, (root) => runGate('check:types', root));

  it('passes a clean file', () => {
    expect(check(clean).status).toBe(0);
  });

  it.each([
    ['a wrong type', "export const wrong: number = 'x';\n", 'TS2322'],
    ['an unchecked index', 'export const first = (list: number[]): number => list[0];\n', 'TS2322'],
    ['an export without a type', 'export const untyped = [1].map(String);\n', 'TS9010'],
    [
      'a test that expects other types',
      "import { expectTypeOf } from 'vitest';\nexpectTypeOf<readonly [1]>().toEqualTypeOf<readonly [1, 1]>();\n",
      'TS2344',
    ],
    ['an enum', 'export enum Colour {\n  Red,\n}\n', 'TS1294'],
  ])('rejects %s', (_, text, code) => {
    const { status, output } = check(text);
    expect(output).toContain(code);
    expect(status).not.toBe(0);
  });
});

describe("the compiler, for the lab's page", () => {
  const check = (text: string): Outcome =>
    withPlantedProject({ 'src/lab/web/planted.tsx': text }, (root) => runGate('check:types', root));

  it('passes a component that uses a document', () => {
    expect(check('export const title: string = document.title;\n')).toEqual({ status: 0, output: '' });
  });

  it('rejects a wrong type', () => {
    const { status, output } = check('export const title: number = document.title;\n');
    expect(output).toContain('TS2322');
    expect(status).not.toBe(0);
  });
});

describe('the compiler, for what runs anywhere', () => {
  const check = (path: string, text: string): Outcome =>
    withPlantedProject({ [path]: text }, (root) => runGate('check:types', root));
  const usesNode = 'export const bytes: Uint8Array = Buffer.alloc(8);\n';

  it("passes what Node and browsers share, and Node's own in node/", () => {
    const shared = 'export const bytes: Uint8Array = new TextEncoder().encode(String(performance.now()));\n';
    expect(check('src/records/planted.ts', shared)).toEqual({ status: 0, output: '' });
    expect(check('src/records/node/planted.ts', usesNode)).toEqual({ status: 0, output: '' });
    expect(check('src/cli/planted.ts', usesNode)).toEqual({ status: 0, output: '' });
  });

  it.each([
    ["a global of Node's", usesNode],
    ['a module of Node', "import { sep } from 'node:path';\n\nexport const separator: string = sep;\n"],
    ["a type of Node's", 'export type Environment = NodeJS.ProcessEnv;\n'],
    ['a timer of Node', 'export const later = (work: () => void): unknown => setImmediate(work);\n'],
    ["a browser's document", 'export const title: unknown = globalThis.document;\n'],
  ])('rejects %s', (_, text) => {
    const { status, output } = check('src/records/planted.ts', text);
    expect(output).toContain('src/records/planted.ts');
    expect(status).not.toBe(0);
  });
});

describe('the formatter', () => {
  const check = (text: string): Outcome =>
    withPlantedProject({ 'src/planted.ts': text }, (root) => runGate('check:format', root));

  it('passes a clean file', () => {
    expect(check(clean).status).toBe(0);
  });

  it('rejects an unformatted file', () => {
    const { status, output } = check('export const  answer : number = 42\n');
    expect(output).toContain('planted.ts');
    expect(status).not.toBe(0);
  });
});

describe('knip', () => {
  const used = { 'src/index.ts': "export { answer } from './answer.ts';\n" };
  const check = (files: Readonly<Record<string, string>>): Outcome =>
    // The planted project uses none of the real dependencies: only files and exports are looked at here.
    withPlantedProject({ ...used, ...files }, (root) => runGate('check:unused', root, ['--include=files,exports']));

  it('passes a clean project', () => {
    expect(check({ 'src/answer.ts': clean })).toMatchObject({ status: 0 });
  });

  it('rejects an unused file and an unused export', () => {
    const { status, output } = check({
      'src/answer.ts': `${clean}export const forgotten: number = 1;\n`,
      'src/orphan.ts': clean,
    });
    expect(output).toContain('src/orphan.ts');
    expect(output).toContain('forgotten');
    expect(status).not.toBe(0);
  });
});

describe('vitest', () => {
  const testFile = (body: string): string => `import { expect, it } from 'vitest';\n${body}`;

  it('fails when a test fails or a file does not load, and counts both in its last line', () => {
    const { status, output } = runTests({
      'src/mixed.test.ts': testFile(
        "it('a', () => expect(1).toBe(1));\nit('b', () => expect(1).toBe(2));\nit.skip('c', () => {});\n",
      ),
      'src/broken.test.ts': "throw new Error('does not load');\n",
    });
    expect(output.trimEnd().split('\n')).toContain('1 passed, 2 failed, 1 skipped');
    expect(status).not.toBe(0);
  });

  it('passes a run without failures', () => {
    const { status, output } = runTests({ 'src/fine.test.ts': testFile("it('a', () => expect(1).toBe(1));\n") });
    expect(output.trimEnd().split('\n').at(-1)).toBe('1 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('fails when it finds no test', () => {
    expect(runTests({ 'src/answer.ts': clean }).status).not.toBe(0);
  });
});
