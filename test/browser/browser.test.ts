import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeDevice } from '../../src/runtime/node/node-device.ts';
import { answerOfPage, findChromium } from './chromium.ts';
import { type Redrawn, redrawn } from './redrawing.ts';
import { STEPS, trainedBits } from './training.ts';

const chromium = findChromium();
if (chromium === undefined) console.log('No Chromium here: install the package chromium to test the browser');

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'normscope-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A page that posts what `answer` comes to, as a user of the package would bundle it, from the built files. */
async function bundle(name: string, imports: string, answer: string): Promise<string> {
  const root = join(folder, name);
  mkdirSync(root);
  writeFileSync(join(root, 'index.html'), '<!doctype html><body><script type="module" src="./page.ts"></script>');
  const rest = `const answer = await ${answer}.catch((error) => ({ failure: String(error) }));\nawait fetch('/answer', { method: 'POST', body: JSON.stringify(answer) });\n`;
  writeFileSync(join(root, 'page.ts'), `${imports}\n${rest}`);
  const outDir = join(root, 'built');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: [
        { find: 'normscope/browser', replacement: join(dist, 'browser.js') },
        { find: /^.*src\/everywhere\.ts$/, replacement: join(dist, 'everywhere.js') },
      ],
    },
    worker: { format: 'es' },
    build: { outDir, target: 'esnext', minify: false },
  });
  return outDir;
}

describe.skipIf(chromium === undefined)('normscope/browser', () => {
  it('trains in a web worker to the bits that ONNX Runtime in WebAssembly gives under Node', async () => {
    const outDir = await bundle(
      'training',
      `import { openDevice } from 'normscope/browser';\nimport { trainedBits } from ${JSON.stringify(join(here, 'training.ts'))};`,
      "openDevice({ lowering: 'portable', threads: 1 }).then(trainedBits)",
    );
    const [inBrowser, underNode] = await Promise.all([
      answerOfPage(chromium as string, outDir),
      trainedBits(nodeDevice({ runtime: 'wasm', lowering: 'portable', threads: 1 })),
    ]);
    expect(Object.keys(underNode)).toHaveLength(1 + 3 * 6 + 2 + 3 * 4 + 2);
    expect(inBrowser).toEqual(underNode);
    // Trained, and not the start twice: the losses are all there and differ.
    expect(underNode['losses']).toHaveLength(16 * STEPS);
    expect(new Set(underNode['losses']?.match(/.{16}/g)).size).toBe(STEPS);
  }, 120_000);

  it('draws a figure again and again while its data grow, in the colours of the page', async () => {
    const outDir = await bundle(
      'redrawing',
      `import { ${redrawn.name} } from ${JSON.stringify(join(here, 'redrawing.ts'))};`,
      `${redrawn.name}(document)`,
    );
    const { points, strokes, pictures } = (await answerOfPage(chromium as string, outDir)) as Redrawn;
    expect(points).toEqual([2, 11, 20, 29]);
    expect(pictures).toBe(1);
    expect(strokes).toEqual({ light: 'rgb(0, 114, 178)', dark: 'rgb(86, 169, 221)' });
  }, 120_000);
});
