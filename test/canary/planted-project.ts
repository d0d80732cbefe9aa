/** @file A throw-away project under the same gates as this one, in which a test plants violations. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What the gates read. */
const settings = [
  '.oxlintrc.json',
  'biome.json',
  'knip.json',
  'package.json',
  'src/lab/web/tsconfig.json',
  'tools',
  'tsconfig.any.json',
  'tsconfig.build.json',
  'tsconfig.json',
  'vitest.config.ts',
];

/** How a command ended; `output` is stdout and stderr together, without colours. */
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** A gate of this project: a script of package.json. */
export type Gate = 'check:format' | 'check:types' | 'check:lint' | 'check:unused' | 'check:house';

/**
 * Makes a project with the given files (path → text) and this project's settings, and passes its folder to `use`.
 * The folder is removed afterwards.
 */
export function withPlantedProject<T>(files: Readonly<Record<string, string>>, use: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), 'normscope-canary-'));
  try {
    const filter = (path: string): boolean => !path.endsWith('.test.ts') && !usesSource(path);
    for (const name of settings) cpSync(join(repository, name), join(root, name), { recursive: true, filter });
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'junction');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Tools that run normscope itself, or its pages, have nothing to run in a project without its source. */
function usesSource(path: string): boolean {
  return path.endsWith('.ts') && /from '(?:\.\.\/)+(?:src|test)\//u.test(readFileSync(path, 'utf8'));
}

/**
 * Runs the very command of package.json's script in `root`, with further arguments. Where it is several commands, each
 * runs if those before it succeeded, as in a shell.
 */
export function runGate(gate: Gate, root: string, args: readonly string[] = []): Outcome {
  const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<Gate, string>>;
  };
  const outcomes: Outcome[] = [];
  for (const command of manifest.scripts[gate].split(' && ')) {
    const [tool = '', ...words] = command.split(' ');
    const outcome = run(join(root, 'node_modules', '.bin', tool), [...words, ...args], root);
    outcomes.push(outcome);
    if (outcome.status !== 0) break;
  }
  return { status: outcomes.at(-1)?.status ?? null, output: outcomes.map(({ output }) => output).join('') };
}

/** Runs a program in `root`, as from a shell outside this test run. */
export function run(program: string, args: readonly string[], root: string): Outcome {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST|NODE_ENV|npm_|NODE_OPTIONS)/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8', env });
  return { status, output: stdout + stderr };
}
