import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImagesUp } from './e2e/synthetic-program.ts';

const call = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));

/** An empty folder elsewhere, with the package as npm would unpack it beside its dependencies, and nothing else. */
const elsewhere = mkdtempSync(join(tmpdir(), 'normscope-library-'));
const modules = join(elsewhere, 'node_modules');
const installed = join(modules, 'normscope');

/** Makes a package of this checkout's visible elsewhere. */
function link(name: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), join(modules, name));
}

beforeAll(async () => {
  // Without scripts: dist was built before the tests, and others are reading it.
  await call('npm', ['pack', '--ignore-scripts', '--offline', '--pack-destination', elsewhere], { cwd: root });
  const [tarball = ''] = readdirSync(elsewhere).filter((name) => name.endsWith('.tgz'));
  mkdirSync(installed, { recursive: true });
  await call('tar', ['-xzf', join(elsewhere, tarball), '--strip-components=1', '-C', installed]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) link(name);
  writeFileSync(join(elsewhere, 'package.json'), JSON.stringify({ type: 'module' }));
});

afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

describe('the package, installed elsewhere', () => {
  it('holds the built program and what people read, and neither sources nor tests', () => {
    expect(readdirSync(installed).toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
    const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => /(?<!\.d)\.ts$|\.test\.|(^|\/)(testing|golden)\//.test(name))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(['index.js', 'index.d.ts', 'browser.js', 'cli/main.js', 'runtime/node/worker.js']),
    );
  });

  it('runs its command with the declared dependencies alone', async () => {
    const command = join(installed, 'dist', 'cli', 'main.js');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect((await call(command, ['--version'], { cwd: elsewhere })).stdout).toBe(`${version}\n`);
    expect((await call(command, ['claims'], { cwd: elsewhere })).stdout).toMatch(/^ {2}santurkar2018\/landscape: /m);
  });
});

describe('the examples of README.md', () => {
  const [, section = ''] = /## As a library\n(.*?)\n## /s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const [network = '', linear = '', study = ''] = [...section.matchAll(/```ts\n(.*?)```/gs)].map(([, text]) => text);
  const examples = { network, linear, study };

  beforeAll(() => makeImagesUp(join(installed, 'dist')));

  /** What an example prints in the empty folder, on made-up images. */
  const run = async (name: string, text: string): Promise<readonly string[]> => {
    writeFileSync(join(elsewhere, `${name}.mjs`), text);
    const { stdout } = await call(process.execPath, [`${name}.mjs`], { cwd: elsewhere });
    return stdout.trimEnd().split('\n');
  };
  const changed = (text: string, from: string, to: string): string => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };

  it('are short', () => {
    for (const text of Object.values(examples)) {
      expect(text.split('\n').length).toBeGreaterThan(10);
      expect(text.split('\n').length).toBeLessThan(25);
    }
  });

  it('type-check, word for word, against the package’s own declarations', async () => {
    link('@types/node');
    link('undici-types');
    const files = Object.entries(examples).map(([name, text]) => {
      writeFileSync(join(elsewhere, `${name}.ts`), text);
      return `${name}.ts`;
    });
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023'],
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    writeFileSync(join(elsewhere, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = await call(process.execPath, [compiler, '-p', elsewhere]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it('train a network of one’s own with a probe, and print as they go', async () => {
    const small = changed(changed(network, 'steps: 500', 'steps: 5'), 'every: 50', 'every: 2');
    const lines = await run('network', changed(small, 'batchSize: 128', 'batchSize: 8'));
    const numbers = lines.map((line) => line.split(' ').map(Number));
    expect(numbers.map(([step]) => step)).toEqual([0, 2, 4]);
    for (const [, loss, smoothness] of numbers) {
      expect(loss).toBeGreaterThan(0);
      expect(smoothness).toBeGreaterThan(0);
    }
  });

  it('train a deep linear network by squares in float64, word for word', async () => {
    const lines = await run('linear', linear);
    const losses = lines.slice(0, 3).map((line) => Number(line.split(' ')[1]));
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    const [session = 0, faster = 0] = (lines[3] ?? '').split(' ').map(Number);
    expect(faster).toBeLessThan(session);
    expect(session).toBeLessThan(losses[2] ?? 0);
  });

  it('run a study and print a verdict, made small and on made-up images', async () => {
    const small = `budget: 'quick', set: { seeds: '3', model: 'mlp', width: '0.05', batchSize: '8', steps: '40', every: '20', learningRates: '0.1' }`;
    const lines = await run('study', changed(study, `budget: 'quick'`, small));
    expect(lines).toContain('100 %');
    expect(lines.find((line) => !line.endsWith('%'))).toMatch(
      /^(Reproduced|Not reproduced|Inconclusive|Precondition failed)/,
    );
    expect(readdirSync(join(elsewhere, 'runs', 'cells'))).toHaveLength(6);
  });
});
