/**
 * @file Builds the lab's page into `dist/lab/page`: the page's script and the arm's worker, each one file, and beside them what both
 * fetch. Everything is made in memory first, so that what fails leaves the earlier page whole. Plain JavaScript, as `build.mjs` is.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32, gzipSync } from 'node:zlib';
import { licencesText } from './lab-licences.mjs';

/**
 * ONNX Runtime's WebAssembly, by the names that the page has for it and its package: the one that computes on the processor, and the
 * one that also computes on the GPU. That has a twin for browsers without JSPI, half as large again, which the package would not hold.
 */
const ENGINES = {
  'engine.wasm.gz': 'ort-wasm-simd-threaded.wasm',
  'gpu-engine.wasm.gz': 'ort-wasm-simd-threaded.jspi.wasm',
};

/**
 * What writes the page into a folder, and gives the paths of all its files.
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
  const engines = Object.entries(ENGINES).map(([name, file]) => [name, readFileSync(join(ort, '..', file))]);
  return (folder) => {
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of files) replace(join(folder, name), content);
    for (const [name, engine] of engines) {
      const stored = join(folder, name);
      if (!holds(stored, engine)) replace(stored, gzipSync(engine, { level: 9 }));
    }
    return [...files.keys(), ...Object.keys(ENGINES)].map((name) => join(folder, name));
  };
}

/** The files that Vite makes of one entry with all that it imports, in memory. */
async function bundle(build, root, input, format = 'es') {
  const { output } = await build({
    root,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'silent',
    base: './',
    plugins: [withoutNode, withoutAddresses],
    define: { NORMSCOPE_VERSION: JSON.stringify(versionOf(root)) },
    build: {
      write: false,
      target: 'esnext',
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
      rolldownOptions: { treeshake: { moduleSideEffects }, input, output: { format, codeSplitting: false } },
    },
  });
  return output;
}

/** A library of statistics that says nothing of itself, and of which the page uses nothing. */
const moduleSideEffects = (id) => !id.includes('/jstat/');

/** The one file that a script and all that it imports come to, and the modules that are in it. */
function scriptOf(output) {
  const [chunk, ...others] = output;
  if (chunk.type !== 'chunk' || others.length > 0) {
    throw new Error(`A script must come to one file, got ${output.map(({ fileName }) => fileName).join(', ')}`);
  }
  const modules = Object.entries(chunk.modules).filter(([, { renderedLength }]) => renderedLength > 0);
  return { code: chunk.code, modules: modules.map(([id]) => id) };
}

/** What the page says that it is of. */
function versionOf(root) {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** Vite puts an empty module in the place of Node's, which would fail in the browser alone. */
const withoutNode = {
  name: 'without-node',
  enforce: 'pre',
  resolveId(id, importer) {
    if (isBuiltin(id) && !importer?.includes('onnxruntime-web')) {
      throw new Error(`The lab's page must import nothing of Node's, got ${id} in ${importer}`);
    }
  },
};

/**
 * The page gives the worker ONNX Runtime's WebAssembly as bytes: from an address Vite would copy or inline 14 MB or 17, and a worker
 * without an address of its own (single file) could not form it. Where the script itself is, a worker says in another way than a module.
 */
const withoutAddresses = {
  name: 'without-addresses',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('onnxruntime-web')) return undefined;
    const replaced = Object.values(ENGINES).reduce(
      (text, file) => text.replaceAll(`new URL("${file}",import.meta.url).href`, `"${file}"`),
      code,
    );
    if (replaced === code || replaced.includes('new URL("ort-wasm')) {
      throw new Error('onnxruntime-web forms the address of its WebAssembly in another way than this build knows');
    }
    return { code: replaced.replaceAll('import.meta.url', 'self.location.href'), map: null };
  },
};

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
