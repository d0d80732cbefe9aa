/**
 * @file What the page needs beside its script: from the page itself where it is one file, which runs from a disk, and otherwise
 * from beside it, wherever that is.
 */

import { DataError } from '../../errors.ts';

/**
 * The bytes of an asset; those of a name that ends in `.gz` are decompressed.
 * @param name - of a file of the page's folder: `engine.wasm.gz`
 * @throws {DataError} where it is not there, is a page in its place, or is damaged
 */
export async function assetBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = maybeInline(name) ?? (await fetched(name));
  // Some servers announce a .gz file as compressed in transit, and the browser has decompressed it by now.
  if (!name.endsWith('.gz') || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(whole).arrayBuffer());
  } catch (error) {
    throw new DataError(`Cannot read ${name}: it must be a whole gzip file, got a damaged one; load the page again`, {
      cause: error,
    });
  }
}

/**
 * Starts the worker of an arm. It is given ONNX Runtime's WebAssembly by message, since it may have no address to fetch from; and
 * it is no module, since Chromium starts no module as the worker of a page from a disk.
 * @param name - by which its sign of life is known
 */
export function startArmWorker(name: string, script: ArmScript = 'arm.js'): Worker {
  return new Worker(armAddress(script), { name });
}

/** The worker of the lab's own networks, the larger one that imports a file's, and the one that computes on the GPU. */
export type ArmScript = 'arm.js' | 'own-arm.js' | 'gpu-arm.js';

/** Of workers' scripts in a page that is one file, each made once. */
const inlineArms = new Map<ArmScript, string>();

function armAddress(name: ArmScript): string | URL {
  const known = inlineArms.get(name);
  if (known !== undefined) return known;
  const script = maybeInline(name);
  if (script === undefined) return addressOf(name);
  const made = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  inlineArms.set(name, made);
  return made;
}

/** Of a file beside the page, wherever the page is. */
function addressOf(name: string): URL {
  return new URL(name, document.baseURI);
}

/** An asset that stands in the page, in base64. */
function maybeInline(name: string): Uint8Array<ArrayBuffer> | undefined {
  const place = document.querySelector(`script[data-asset="${CSS.escape(name)}"]`);
  if (place === null) return undefined;
  const text = atob(place.textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function fetched(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const { href, protocol } = addressOf(name);
  const repair =
    protocol === 'file:'
      ? "a page on a disk must be one file: write it by 'normscope lab --single-file'"
      : "serve every file of the page's folder, as 'normscope lab --out' writes it";
  const refuse = (what: string, cause?: unknown): DataError =>
    new DataError(`Cannot load ${href}: it must be answered with the file, got ${what}; ${repair}`, { cause });
  let answer: Response;
  try {
    answer = await fetch(href);
  } catch (error) {
    throw refuse(`no answer (${(error as Error).message})`, error);
  }
  if (!answer.ok) throw refuse(`${answer.status} ${answer.statusText}`.trimEnd());
  // A host that answers every address with its front page.
  if (answer.headers.get('content-type')?.startsWith('text/html') === true) throw refuse('a page of HTML');
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw refuse(`a part of it (${(error as Error).message})`, error);
  }
}
