/**
 * @file The safetensors format: 8 bytes of header length (little-endian), a JSON header padded with spaces to a multiple
 * of 8, then the tensors' bytes without gaps. Written as Hugging Face's own writer does, so equal tensors give equal bytes.
 * @see https://github.com/huggingface/safetensors#format
 */
import * as z from 'zod';
import { counted } from '../counted.ts';
import { DataError } from '../errors.ts';

/** A tensor as stored: row-major, its dtype told by its array. */
export type StoredTensor = { readonly shape: readonly number[] } & (
  | { readonly dtype: 'float32'; readonly data: Float32Array }
  | { readonly dtype: 'float64'; readonly data: Float64Array }
  | { readonly dtype: 'int64'; readonly data: BigInt64Array }
  | { readonly dtype: 'int32'; readonly data: Int32Array }
  | { readonly dtype: 'uint8'; readonly data: Uint8Array }
);

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

type DType = StoredTensor['dtype'];

/** In the order of the file: falling alignment, then as Hugging Face orders them, so that every offset is aligned. */
const dtypes = [
  { dtype: 'int64', word: 'I64', bytes: 8 },
  { dtype: 'float64', word: 'F64', bytes: 8 },
  { dtype: 'float32', word: 'F32', bytes: 4 },
  { dtype: 'int32', word: 'I32', bytes: 4 },
  { dtype: 'uint8', word: 'U8', bytes: 1 },
] as const satisfies readonly { dtype: DType; word: string; bytes: number }[];

const largestHeader = 100_000_000;
const lengthBytes = 8;
const space = 0x20;
const metadataKey = '__metadata__';

/**
 * The bytes of a safetensors file. Tensors are ordered by dtype and name, metadata by key.
 * @throws {DataError} where a shape does not fit its data, or a tensor is named `__metadata__`.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...tensors].sort(
    ([nameA, a], [nameB, b]) => rank(a.dtype) - rank(b.dtype) || (nameA < nameB ? -1 : 1),
  );
  // Header entries are joined as text: an object would move names that look like integers to the front.
  const entries: string[] = [];
  const pairs = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (pairs.length > 0) {
    const fields = pairs.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
    entries.push(`"${metadataKey}":{${fields.join(',')}}`);
  }
  let offset = 0;
  for (const [name, tensor] of sorted) {
    if (name === metadataKey) throw new DataError(`Cannot store a tensor named ${metadataKey}: the format reserves it`);
    const count = tensor.shape.reduce((product, size) => product * size, 1);
    if (count !== tensor.data.length) {
      throw new DataError(
        `Cannot store tensor '${name}': shape [${tensor.shape.join(', ')}] holds ${counted(count, 'value')}, ` +
          `its data ${tensor.data.length}`,
      );
    }
    const end = offset + tensor.data.byteLength;
    const { word } = dtypeOf(tensor.dtype);
    entries.push(
      `${JSON.stringify(name)}:{"dtype":"${word}","shape":[${tensor.shape.join(',')}],"data_offsets":[${offset},${end}]}`,
    );
    offset = end;
  }
  const header = new TextEncoder().encode(`{${entries.join(',')}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(lengthBytes + headerBytes + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(header, lengthBytes);
  file.fill(space, lengthBytes + header.length, lengthBytes + headerBytes);
  let position = lengthBytes + headerBytes;
  for (const [, { data }] of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

const headerSchema = z.object({ [metadataKey]: z.record(z.string(), z.string()).exactOptional() }).catchall(
  z.strictObject({
    dtype: z.literal(dtypes.map(({ word }) => word)),
    shape: z.array(z.int().nonnegative()),
    data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  }),
);

/**
 * The tensors of a safetensors file, as copies, in the order in which their data lie.
 * @param file - the name for error messages.
 * @throws {DataError} where the file is truncated, is not safetensors, holds a dtype not known here, or its offsets
 * overlap, leave gaps, do not fit a shape, or end elsewhere than the file.
 */
export function decodeSafetensors(bytes: Uint8Array, file = 'safetensors data'): Safetensors {
  const { header, dataStart } = readHeader(bytes, file);
  const { [metadataKey]: metadata = {}, ...entries } = header;
  const sorted = Object.entries(entries).sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  const tensors = new Map<string, StoredTensor>();
  let offset = 0;
  for (const [
    name,
    {
      dtype: word,
      shape,
      data_offsets: [start, end],
    },
  ] of sorted) {
    const entry = dtypes.find((candidate) => candidate.word === word);
    if (entry === undefined) throw damaged(file, `tensor '${name}' has the dtype ${word}`);
    const size = shape.reduce((product, extent) => product * extent, entry.bytes);
    if (start !== offset) throw damaged(file, `tensor '${name}' begins at ${start} where ${offset} is next`);
    if (end - start !== size)
      throw damaged(file, `tensor '${name}' takes ${counted(end - start, 'byte')}, its shape ${size}`);
    if (dataStart + end > bytes.length) throw damaged(file, `it ends inside tensor '${name}'`);
    tensors.set(name, toTensor(entry.dtype, shape, copyOf(bytes.subarray(dataStart + start, dataStart + end))));
    offset = end;
  }
  if (dataStart + offset !== bytes.length) {
    throw damaged(file, `it has ${counted(bytes.length, 'byte')} where its tensors end at ${dataStart + offset}`);
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array, file: string): { header: z.infer<typeof headerSchema>; dataStart: number } {
  if (bytes.length < lengthBytes)
    throw damaged(file, `it has ${counted(bytes.length, 'byte')}, fewer than the header's length`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > largestHeader) throw damaged(file, `its header would have ${length} bytes`);
  const dataStart = lengthBytes + Number(length);
  if (dataStart > bytes.length) throw damaged(file, 'it ends inside its header');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(lengthBytes, dataStart)));
  } catch (error) {
    throw damaged(file, `its header is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const read = headerSchema.safeParse(json);
  if (!read.success) throw damaged(file, z.prettifyError(read.error).replaceAll('\n', '; '));
  return { header: read.data, dataStart };
}

function toTensor(dtype: DType, shape: readonly number[], buffer: ArrayBuffer): StoredTensor {
  switch (dtype) {
    case 'float32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'float64':
      return { dtype, shape, data: new Float64Array(buffer) };
    case 'int64':
      return { dtype, shape, data: new BigInt64Array(buffer) };
    case 'int32':
      return { dtype, shape, data: new Int32Array(buffer) };
    case 'uint8':
      return { dtype, shape, data: new Uint8Array(buffer) };
  }
}

/** The bytes in memory of their own: a view into the file need not be aligned, and Buffer's slice is a view. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function dtypeOf(dtype: DType): (typeof dtypes)[number] {
  const entry = dtypes.find((candidate) => candidate.dtype === dtype);
  if (entry === undefined)
    throw new DataError(`Cannot store the dtype ${dtype}; known: ${dtypes.map((d) => d.dtype).join(', ')}`);
  return entry;
}

function rank(dtype: DType): number {
  return dtypes.indexOf(dtypeOf(dtype));
}

function damaged(file: string, why: string): DataError {
  return new DataError(`Cannot read ${file} as safetensors: ${why}; the file is truncated or damaged, write it anew`);
}
