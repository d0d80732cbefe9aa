/** @file What a report carries so that its figures can be checked where it is read: engine, scripts and twins, in base64. */

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { need, StorageError } from '../../errors.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { listFolder } from '../../records/node/atomic.ts';
import { Markup } from '../../report/markup.ts';
import type { PageEngine } from '../../report/page-engine.ts';
import { checkStyle } from '../twin/check-style.ts';
import type { Twin } from '../twin/twin.ts';
import type { ListedTwin } from '../twin/words.ts';
import { readPage } from './page-files.ts';
import { assetElement, inScript } from './single-file.ts';

/** Of the scripts that reports carry, as `npm run build` leaves them; the same from `src` and from `dist`. */
const builtFolder = fileURLToPath(new URL('../../../dist/lab/report/', import.meta.url));

/** The files that a report with twins carries, by name. */
export type CheckFiles = ReadonlyMap<string, Uint8Array>;

/** @throws {StorageError} where they were not built, or cannot be read */
export function readCheckFiles(folder: string = builtFolder): CheckFiles {
  const names = ['check.js', 'check-worker.js.gz', 'LICENSES.txt'];
  const there = listFolder(folder);
  const missing = names.find((name) => !there.includes(name));
  if (missing !== undefined) {
    throw new StorageError(
      `What checks figures must be in ${folder}, but ${missing} is not there; run 'npm ci && npm run build' in a clone, or install the package again`,
    );
  }
  const read = (name: string): Uint8Array =>
    withStorageErrors('read', name, () => fs.readFileSync(`${folder}/${name}`));
  const engine = need(readPage().get('engine.wasm.gz'), 'engine.wasm.gz in the page of the lab');
  return new Map([...names.map((name) => [name, read(name)] as const), ['engine.wasm.gz', engine]]);
}

/** What a report of these twins carries: it loads nothing, so that all of it stands in the page. */
export function checkingEngine(twins: readonly Twin[], files: CheckFiles): PageEngine {
  const listed = twins.map((twin, i) => ({ twin, asset: `twin-${i}.json.gz` }));
  const list = listed.map(
    ({ twin: { study, figures, data, seconds, beside, fingerprint, values }, asset }): ListedTwin => ({
      study,
      figures,
      data,
      seconds,
      beside,
      fingerprint,
      numbers: values.length,
      asset,
    }),
  );
  const script = new TextDecoder().decode(need(files.get('check.js'), 'check.js among the files'));
  const assets = [
    ...[...files].filter(([name]) => name !== 'check.js'),
    ...listed.map(({ twin, asset }) => [asset, gzipSync(JSON.stringify(twin), { level: 9 })] as const),
  ];
  const elements = [
    `<script type="application/json" id="twins">${JSON.stringify(list).replaceAll('<', String.raw`\u003c`)}</script>`,
    ...assets.map(([name, bytes]) => assetElement(name, bytes)),
    // Last: it looks for all that stands above.
    `<script>${inScript(script)}</script>`,
  ];
  return { style: checkStyle, body: new Markup(elements.join('\n')) };
}
