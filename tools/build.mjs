/**
 * @file Builds `dist/`: compiles `src/`, copies what is not TypeScript, and removes what no source accounts for.
 * Plain JavaScript, since it runs as npm's `prepare` in a fresh clone. A failing build leaves the previous one whole. With
 * `--if-changed` a build of the very same sources is left as it is.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeLab } from './build-lab.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const output = join(root, 'dist');
const program = join(output, 'cli', 'main.js');
const lab = join(output, 'lab');
const labFolders = [join(lab, 'page'), join(lab, 'report')];
/** What the build that is there was made of, and what it consists of. */
const record = join(root, 'node_modules', '.cache', 'normscope-build.json');

const made = fingerprint();
if (process.argv.includes('--if-changed') && isBuilt(made)) console.log('The build is that of these sources');
else await build();

async function build() {
  const compiler = findCompiler();
  if (compiler === undefined) {
    if (existsSync(program)) return console.log('Kept the existing build: TypeScript is not installed');
    return fail("Cannot build: TypeScript is not installed; run 'npm ci' without --omit=dev");
  }
  let writeLab;
  try {
    // Before anything is written: what does not bundle leaves the previous build whole.
    writeLab = await makeLab(root);
  } catch (error) {
    return fail(`Cannot build the lab's page: ${error.message}`);
  }
  const emitted = compile(compiler);
  if (emitted === undefined) return fail('Cannot build: the compiler found the errors above');
  if (writeLab === undefined)
    console.log("Left the lab's page as it was: Vite, Preact or onnxruntime-web is not installed");
  const page = (await writeLab?.(lab)) ?? labFolders.filter((folder) => existsSync(folder)).flatMap(filesUnder);
  rmSync(record, { force: true });
  removeAllBut(new Set([...emitted, ...copyAssets(), ...page]));
  if (!existsSync(program)) return fail('Cannot build: src/cli/main.ts is missing');
  if (!readFileSync(program, 'utf8').startsWith('#!')) {
    return fail("Cannot build: src/cli/main.ts must begin with '#!/usr/bin/env node'");
  }
  chmodSync(program, 0o755);
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, JSON.stringify({ made, built: digestOf(filesUnder(output)) }));
}

/** Of all that a build reads, the versions of its tools included. */
function fingerprint() {
  const others = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) =>
    join(root, name),
  );
  return digestOf([...filesUnder(source), ...filesUnder(join(root, 'tools')), ...others]);
}

function isBuilt(wanted) {
  if (!existsSync(record) || !existsSync(program)) return false;
  try {
    const { made: of, built } = JSON.parse(readFileSync(record, 'utf8'));
    return of === wanted && built === digestOf(filesUnder(output));
  } catch {
    // Cut short while it was written.
    return false;
  }
}

function digestOf(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths.filter((one) => existsSync(one)).sort()) {
    hash.update(`${relative(root, path)}\n`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** The path of tsc, undefined where development dependencies were left out. */
function findCompiler() {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    return join(dirname(manifest), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

/** The files written, undefined where the sources do not compile. */
function compile(compiler) {
  const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--listEmittedFiles'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  const lines = stdout.split('\n');
  const isEmitted = (line) => line.startsWith('TSFILE: ');
  if (status !== 0) {
    console.error(lines.filter((line) => !isEmitted(line)).join('\n') + stderr);
    return undefined;
  }
  return lines.filter(isEmitted).map((line) => resolve(root, line.slice('TSFILE: '.length).trim()));
}

/** Copies every file of `src/` that no compiler reads, notes, test data and what the lab's page is made of excepted. */
function copyAssets() {
  const copied = [];
  for (const path of filesUnder(source)) {
    const place = relative(source, path);
    if (/\.(ts|md)$/.test(place) || /(^|[\\/])(golden|testing)[\\/]/.test(place)) continue;
    if (/^lab[\\/](web|data)[\\/]/.test(place)) continue;
    const target = join(output, place);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(path, target);
    copied.push(target);
  }
  return copied;
}

/** A source that was renamed must not live on in the package. */
function removeAllBut(wanted) {
  for (const path of filesUnder(output)) {
    if (!wanted.has(path)) rmSync(path);
  }
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
