/** @file The lab as one HTML file, which runs from a disk without a network: its assets stand in it, in base64. */

import { createHash } from 'node:crypto';
import { need } from '../../errors.ts';
import type { PageFiles } from './page-files.ts';

const LINK = /<link rel="stylesheet" href="\.\/lab\.css"\s*\/?>/;
const SCRIPT = /<script type="module" src="\.\/lab\.js"><\/script>/;

/** Which files are read by the page's script, and so are not part of the HTML itself. */
const isAsset = (name: string): boolean => !['index.html', 'lab.css', 'lab.js', ...ofTheGpu].includes(name);

/** What computes on the GPU would double the file. */
const ofTheGpu: readonly string[] = ['gpu-arm.js', 'gpu-engine.wasm.gz'];

/**
 * The text of the file. Its policy names the one script that may run, and lets it reach no network.
 * @throws {RangeError} where index.html does not name its style sheet and its script as it should
 */
export function singleFile(files: PageFiles): string {
  const text = (name: string): string => new TextDecoder().decode(need(files.get(name), `${name} in the page`));
  const script = inScript(text('lab.js'));
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}' 'wasm-unsafe-eval'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const assets = [...files].filter(([name]) => isAsset(name)).map(([name, bytes]) => assetElement(name, bytes));
  const html = text('index.html');
  need(LINK.exec(html) ?? undefined, 'a link to ./lab.css in index.html');
  need(SCRIPT.exec(html) ?? undefined, 'a module script ./lab.js in index.html');
  need(/<meta charset="utf-8"\s*\/?>/.exec(html) ?? undefined, 'the character set in index.html');
  // By functions: in a replacement's text, $ has a meaning.
  return html
    .replace(
      /<meta charset="utf-8"\s*\/?>/,
      (found) => `${found}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    )
    .replace(LINK, () => `<style>${text('lab.css')}</style>`)
    .replace(SCRIPT, () => `<script type="module">${script}</script>`)
    .replace(/<\/body>/, () => `${assets.join('\n')}\n  </body>`);
}

/** A file that stands in a page, where `assetBytes` finds it. */
export function assetElement(name: string, bytes: Uint8Array): string {
  return `<script type="text/plain" data-asset="${name}">${Buffer.from(bytes).toString('base64')}</script>`;
}

/** A script as HTML may hold it: what would end it, or begin a comment, is written with an escape, which strings take alike. */
export function inScript(script: string): string {
  return script.replace(/<(?=\/script|!--)/gi, String.raw`\x3c`);
}
