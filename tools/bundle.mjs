/**
 * @file Bundles one entry with all that it imports, for a browser, by Vite and in memory. Plain JavaScript, as `build.mjs` is.
 */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

/**
 * ONNX Runtime's WebAssembly as its package names it: what computes on the processor, and what also computes on the GPU. That has a
 * twin for browsers without JSPI, half as large again, which the package would not hold.
 */
export const ENGINES = { processor: 'ort-wasm-simd-threaded.wasm', gpu: 'ort-wasm-simd-threaded.jspi.wasm' };

/** The files that Vite makes of one entry with all that it imports, in memory. */
export async function bundle(build, root, input, format = 'es') {
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
export function scriptOf(output) {
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
    // Where a study stands names its code in the hashes of cells, which a browser does not store.
    if (/[\\/]src[\\/]studies[\\/]/.test(id)) {
      return { code: code.replaceAll('import.meta.url', JSON.stringify('')), map: null };
    }
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
