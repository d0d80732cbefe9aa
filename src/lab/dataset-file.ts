/**
 * @file A data set as one file, for a page that fetches it and for a person who brings their own:
 *
 *     8 bytes    the letters NORMDATA
 *     4 bytes    the header's length in bytes, an unsigned integer, least significant byte first
 *     header     JSON in UTF-8, a `Header`
 *     payload    train images, train labels, test images, test labels, each as in `Split`
 *
 * It is uncompressed: who stores or sends it compresses it.
 */
import type { Dataset, Split } from '../data/dataset.ts';
import { datasets } from '../data/datasets.ts';
import { assertLabels } from '../data/labels.ts';
import { DataError } from '../errors.ts';
import { sha256Hex } from '../records/hash.ts';

/** Every field of a data set but its bytes, and what the bytes must be. */
interface Header extends Omit<Dataset, 'train' | 'test'> {
  readonly version: typeof VERSION;
  /** Numbers of examples. */
  readonly train: number;
  readonly test: number;
  /** SHA-256 of the payload. */
  readonly payload: string;
}

const VERSION = 1;
const MAGIC = new TextEncoder().encode('NORMDATA');
const START = MAGIC.length + 4;

/** The bytes whose SHA-256 is a data set's checksum. */
export function payloadOf({ train, test }: Pick<Dataset, 'train' | 'test'>): Uint8Array {
  return joined([train.images, train.labels, test.images, test.labels]);
}

/** The file of a data set: the same bytes whenever the data set is the same. */
export function encodeDataset({ train, test, ...rest }: Dataset): Uint8Array {
  const payload = payloadOf({ train, test });
  const { name, classes, shape, mean, std, checksum, source } = rest;
  const header: Header = {
    version: VERSION,
    name,
    classes,
    shape,
    mean,
    std,
    checksum,
    source,
    train: train.count,
    test: test.count,
    payload: sha256Hex(payload),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length, true);
  return joined([MAGIC, length, text, payload]);
}

/**
 * The data set of a file; it shares the file's memory.
 * @throws {DataError} unless the file is whole, of this format and version, and of the checksum that it states
 */
export function decodeDataset(bytes: Uint8Array): Dataset {
  const { header, start } = readHeader(bytes);
  const { version: _, train: trainCount, test: testCount, payload: expected, ...form } = header;
  const pixels = form.shape[0] * form.shape[1] * form.shape[2];
  const payload = bytes.subarray(start);
  const size = (trainCount + testCount) * (pixels + 1);
  if (payload.length !== size) {
    throw refusal(`its images and labels must take ${size} bytes, got ${payload.length}`, 'fetch it again');
  }
  const found = sha256Hex(payload);
  if (found !== expected) {
    throw refusal(`SHA-256 of its images and labels must be ${expected}, got ${found}`, 'fetch it again');
  }
  // A data set's checksum is that of the same bytes; one that is not would name other data in every hash of a training.
  if (form.name !== 'synthetic' && form.checksum !== found) {
    throw refusal(`its field 'checksum' must be ${found}, got ${form.checksum}`, 'write it again with encodeDataset');
  }
  const split = (first: number, count: number): Split => {
    const labels = first + count * pixels;
    return { images: payload.subarray(first, labels), labels: payload.subarray(labels, labels + count), count };
  };
  const train = split(0, trainCount);
  const test = split(trainCount * (pixels + 1), testCount);
  for (const { labels } of [train, test]) assertLabels(labels, form.classes);
  return { ...form, train, test };
}

function readHeader(bytes: Uint8Array): { header: Header; start: number } {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    throw refusal(
      `it must begin with the letters NORMDATA, got ${isGzip ? 'a gzip file' : first(bytes)}`,
      isGzip ? 'decompress it first' : 'write it with encodeDataset',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length < START ? undefined : START + view.getUint32(MAGIC.length, true);
  if (end === undefined || end > bytes.length) {
    throw refusal(`it must hold its whole header, got ${bytes.length} bytes`, 'it is truncated: fetch it again');
  }
  const header = parsed(bytes.subarray(START, end));
  assertHeader(header);
  return { header, start: end };
}

function parsed(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (error) {
    throw refusal(`its header must be JSON in UTF-8, got ${(error as Error).message}`, 'fetch it again', error);
  }
}

function assertHeader(header: unknown): asserts header is Header {
  if (typeof header !== 'object' || header === null) {
    throw refusal(`its header must be an object, got ${JSON.stringify(header)}`, 'fetch it again');
  }
  const fields: Readonly<Record<string, unknown>> = { ...header };
  const { version, shape } = fields;
  if (version !== VERSION) {
    throw refusal(`its version must be ${VERSION}, got ${JSON.stringify(version)}`, 'write it with this normscope');
  }
  const channels = Array.isArray(shape) ? shape[0] : undefined;
  const perChannel = (value: unknown, isRight: (number: unknown) => boolean): boolean =>
    Array.isArray(value) && value.length === channels && value.every(isRight);
  const rules: Readonly<Record<string, readonly [rule: string, isRight: (value: unknown) => boolean]>> = {
    name: ["be a data set's, or 'synthetic'", (value) => value === 'synthetic' || isKnown(value)],
    classes: ['be an integer from 1 to 256', (value) => isCount(value) && value <= 256],
    shape: ['be three sizes', (value) => Array.isArray(value) && value.length === 3 && value.every(isCount)],
    mean: ['be one number for each channel', (value) => perChannel(value, Number.isFinite)],
    std: ['be one positive number for each channel', (value) => perChannel(value, isPositive)],
    checksum: ['be a text', isText],
    source: ['be a text', isText],
    train: ['be a number of images', isCount],
    test: ['be a number of images', isCount],
    payload: ['be 64 hexadecimal digits', (value) => isText(value) && /^[0-9a-f]{64}$/.test(value)],
  };
  for (const [name, [rule, isRight]] of Object.entries(rules)) {
    const value = fields[name];
    if (!isRight(value)) {
      throw refusal(`its header's '${name}' must ${rule}, got ${JSON.stringify(value)}`, 'write it with encodeDataset');
    }
  }
}

function isKnown(name: unknown): boolean {
  return isText(name) && Object.hasOwn(datasets, name);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Below 2³¹, so that no product of a few of them is rounded into another's size. */
function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) < 2 ** 31;
}

function isPositive(value: unknown): boolean {
  return Number.isFinite(value) && Number(value) > 0;
}

/** How a file of another kind begins: printable as it stands, all else as hexadecimal digits. */
function first(bytes: Uint8Array): string {
  const start = bytes.subarray(0, MAGIC.length);
  if (start.length === 0) return 'an empty file';
  if (start.every((byte) => byte >= 0x20 && byte < 0x7f)) return `'${new TextDecoder().decode(start)}'`;
  return `the bytes ${Array.from(start, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function refusal(what: string, repair: string, cause?: unknown): DataError {
  return new DataError(`Cannot read the data set's file: ${what}; ${repair}`, cause === undefined ? {} : { cause });
}
