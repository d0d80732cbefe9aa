/**
 * @file Builds the lab's page into `dist/lab/page`: the page's script and the arm's worker, each one file, and beside them what both
 * fetch; and into `dist/lab/report` what a report carries whose figures can be checked. Everything is made in memory first, so that
 * what fails leaves the earlier build whole. Plain JavaScript, as `build.mjs` is.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32, gzipSync } from 'node:zlib';
import { bundle, ENGINES, scriptOf } from './bundle.mjs';
import { licencesText } from './lab-licences.mjs';

/** ONNX Runtime's WebAssembly, by the names that the page has for it and its package. */
const STORED_ENGINES = { 'engine.wasm.gz': ENGINES.processor, 'gpu-engine.wasm.gz': ENGINES.gpu };

/**
 * What writes the page into the folder `page` of one, and what reports carry into `report`, and gives the paths of all files.
 * @returns undefined where a package that bundles, or that is bundled, was left out of the install; without sources there are no files.
 * @throws {Error} where the sources do not bundle.
 */
export async function makeLab(root) {
  const web = join(root, 'src', 'lab', 'web');
  if (!existsSync(join(web, 'page.tsx'))) return () => [];
  const { resolve } = createRequire(join(root, 'package.json'));
  const [vite, ort, preact] = ['vite', 'onnxruntime-web/wasm', 'preact'].map((name) => maybe(() => resolve(name)));
  if (vite === undefined || ort === undefined || preact === undefined) return undefined;
  const { build } = await import(pathToFileURL(vite).href);
  const page = scriptOf(await bundle(build, root, join(web, 'page.tsx')));
  // No module: Chromium starts none as a worker in a page from a disk.
  const arm = scriptOf(await bundle(build, root, join(web, 'arm-worker.ts'), 'iife'));
  const own = scriptOf(await bundle(build, root, join(web, 'own-arm-worker.ts'), 'iife'));
  const gpu = scriptOf(await bundle(build, root, join(web, 'gpu-arm-worker.ts'), 'iife'));
  const styles = await bundle(build, root, join(web, 'lab.css'));
  const data = dataFiles(join(root, 'src', 'lab', 'data'));
  const files = new Map([
    ['index.html', readFileSync(join(web, 'index.html'))],
    ['lab.css', styles.find(({ fileName }) => fileName.endsWith('.css')).source],
    ['lab.js', page.code],
    ['arm.js', arm.code],
    ['own-arm.js', own.code],
    ['gpu-arm.js', gpu.code],
    ...data.files,
    ['verdicts.json', verdictsText(join(root, 'docs', 'results', 'ledger.json'))],
    [
      'LICENSES.txt',
      licencesText(
        root,
        [page, arm, own, gpu].flatMap(({ modules }) => modules),
        data.licence,
      ),
    ],
  ]);
  const check = scriptOf(await bundle(build, root, join(web, 'check.ts'), 'iife'));
  const checkWorker = scriptOf(await bundle(build, root, join(web, 'check-worker.ts'), 'iife'));
  const ofReport = new Map([
    ['check.js', check.code],
    ['check-worker.js.gz', gzipSync(checkWorker.code, { level: 9 })],
    ['LICENSES.txt', licencesText(root, [...check.modules, ...checkWorker.modules])],
  ]);
  const engines = Object.entries(STORED_ENGINES).map(([name, file]) => [name, readFileSync(join(ort, '..', file))]);
  return async (folder) => {
    // Compiled by now, which a worker of the page would have to be asked for.
    const { catalogue } = await import(pathToFileURL(join(folder, 'catalogue.js')).href);
    const paths = written(join(folder, 'page'), new Map([...files, ['catalogue.json', JSON.stringify(catalogue([]))]]));
    for (const [name, engine] of engines) {
      const stored = join(folder, 'page', name);
      if (!holds(stored, engine)) replace(stored, gzipSync(engine, { level: 9 }));
      paths.push(stored);
    }
    return [...paths, ...written(join(folder, 'report'), ofReport)];
  };
}

/** Files by their names, in a folder. @returns their paths */
function written(folder, files) {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) replace(join(folder, name), content);
  return [...files.keys()].map((name) => join(folder, name));
}

/** The data sets that are shipped, the list of them and their licence. */
function dataFiles(folder) {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const shipped = names.filter((name) => name.endsWith('.gz')).map((name) => [name, readFileSync(join(folder, name))]);
  const list = names.includes('data.json') ? readFileSync(join(folder, 'data.json')) : '[]\n';
  const licence = names.includes('LICENSE') ? readFileSync(join(folder, 'LICENSE'), 'utf8') : undefined;
  return { files: [...shipped, ['data.json', list]], licence };
}

/** Of each study the newest verdict in the ledger on the study's own seeds, at the largest budget that it was judged at. */
function verdictsText(ledger) {
  const entries = existsSync(ledger) ? JSON.parse(readFileSync(ledger, 'utf8')).entries : [];
  const budgets = ['quick', 'standard', 'paper'];
  const verdicts = {};
  for (const { study, budget, verdict, sentence, command } of entries) {
    const isLess = budgets.indexOf(budget) < budgets.indexOf(verdicts[study]?.budget);
    if (!isLess && !command.includes('--first-seed')) verdicts[study] = { verdict, budget, sentence };
  }
  return JSON.stringify(verdicts);
}

/** Whether a file is this content compressed, by the checksum and length at its end: to compress again takes seconds. */
function holds(path, content) {
  if (!existsSync(path)) return false;
  const end = readFileSync(path).subarray(-8);
  return end.length === 8 && end.readUInt32LE(0) === crc32(content) && end.readUInt32LE(4) === content.length;
}

/** A server may be reading the old one. */
function replace(path, content) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

function maybe(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}
