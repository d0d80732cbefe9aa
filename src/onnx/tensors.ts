/** @file Tensors of an ONNX file, however it stores them, as typed arrays: views of the file's bytes wherever they can be. */

import { elementCount } from '../graph/tensor-type.ts';
import { counted } from '../counted.ts';
import { DataError } from '../errors.ts';
import { hasForeignField, type Storage, storageOf, typeName } from './element-types.ts';
import { type TensorProto, TensorProto_DataLocation as DataLocation } from './generated/onnx_pb.ts';
import type { OnnxNumbers, OnnxTensor } from './model.ts';
import { shown } from './shown.ts';

/** Where in another file the bytes of a tensor are. */
export interface ExternalPlace {
  /** A path as the file states it: not to be trusted. */
  readonly location: string;
  readonly offset: number;
  /** In bytes: as many as the tensor's shape and type need. */
  readonly length: number;
}

/** Fetches exactly `length` bytes, or throws a DataError. It has to see to it that the place may be read at all. */
export type ExternalLoader = (place: ExternalPlace) => Uint8Array;

export interface TensorSources {
  /** What numbers outside the file are fetched with; without it a file that has such is refused. */
  readonly external?: ExternalLoader;
  /**
   * The caller gives the bytes away: numbers that do not stand where a typed array can view them are moved to where one can,
   * within the bytes, which are then no ONNX file any more. Default: such numbers are copied.
   */
  readonly inPlace?: boolean;
}

/**
 * The tensor with its numbers; undefined where its type has none here: text, complex, 4 bits, 8-bit floats.
 * @throws {DataError} where the numbers present are not as many as the shape says, or are stored in two forms
 */
export function readTensor(tensor: TensorProto, sources: TensorSources): OnnxTensor | undefined {
  const { name, dataType } = tensor;
  const type = typeName(dataType);
  if (type === undefined) {
    throw new DataError(`Tensor '${shown(name)}' must be of a type that ONNX has, got type number ${dataType}`);
  }
  const storage = storageOf(dataType);
  if (storage === undefined) return undefined;
  const shape = shapeOf(tensor);
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count * storage.bytesPerElement)) {
    throw new DataError(`Tensor '${shown(name)}' must be of a size that a file can have, got [${shape.join(',')}]`);
  }
  return { name, type, shape, data: numbersOf(tensor, storage, count, sources) };
}

function shapeOf({ name, dims }: TensorProto): readonly number[] {
  if (dims.some((size) => size < 0n || size > BigInt(Number.MAX_SAFE_INTEGER))) {
    throw new DataError(
      `Sizes of tensor '${shown(name)}' must not be negative or beyond 2^53, got [${dims.join(',')}]`,
    );
  }
  return dims.map(Number);
}

function numbersOf(tensor: TensorProto, storage: Storage, count: number, sources: TensorSources): OnnxNumbers {
  const { name, rawData } = tensor;
  const { bytesPerElement, field } = storage;
  const length = count * bytesPerElement;
  const listed = tensor[field].length;
  const isExternal = tensor.dataLocation === DataLocation.EXTERNAL;
  if (hasForeignField(tensor, field) || [rawData.length, listed, Number(isExternal)].filter((n) => n > 0).length > 1) {
    throw new DataError(
      `Tensor '${shown(name)}' must hold its numbers in one form, that of its type, got several or another; save the file anew`,
    );
  }
  if (isExternal) return storage.fromBytes(aligned(fetch(tensor, length, sources.external), bytesPerElement));
  if (listed > 0) {
    if (listed !== count) throw wrongCount(name, count, counted(listed, 'number'));
    return storage.fromField(tensor);
  }
  if (rawData.length !== length) throw wrongCount(name, count, counted(rawData.length, 'byte'));
  return storage.fromBytes(
    sources.inPlace === true ? movedIntoPlace(rawData, bytesPerElement) : aligned(rawData, bytesPerElement),
  );
}

function wrongCount(name: string, count: number, got: string): DataError {
  return new DataError(
    `Tensor '${shown(name)}' must hold ${counted(count, 'number')}, got ${got}; the file is cut off or damaged`,
  );
}

/** The bytes themselves where their place suits numbers of that size, else a copy. */
function aligned(bytes: Uint8Array, bytesPerElement: number): Uint8Array {
  if (bytes.byteOffset % bytesPerElement === 0) return bytes;
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * The same, without a copy where there is room: before a tensor's bytes stand, in this file format, one byte that says which
 * field they are and their length in seven bits per byte. Both have been read, and so may be written over.
 */
function movedIntoPlace(bytes: Uint8Array, bytesPerElement: number): Uint8Array {
  const excess = bytes.byteOffset % bytesPerElement;
  const room = 1 + Math.ceil(Math.max(1, bytes.length.toString(2).length) / 7);
  if (excess === 0 || excess > room) return aligned(bytes, bytesPerElement);
  const moved = new Uint8Array(bytes.buffer, bytes.byteOffset - excess, bytes.length);
  moved.set(bytes);
  return moved;
}

function fetch(tensor: TensorProto, length: number, loader: ExternalLoader | undefined): Uint8Array {
  const name = shown(tensor.name);
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const whole = (key: string, usual: number): number => {
    const text = entries.get(key);
    if (text !== undefined && !/^\d{1,15}$/.test(text)) {
      throw new DataError(
        `The ${key} of tensor '${name}' in another file must be a whole number, got '${shown(text)}'`,
      );
    }
    return text === undefined ? usual : Number(text);
  };
  const offset = whole('offset', 0);
  const stated = whole('length', length);
  if (location === '') throw new DataError(`Tensor '${name}' must say in which file its numbers are, got none`);
  if (stated !== length) {
    throw new DataError(
      `Tensor '${name}' must hold ${counted(length, 'byte')} by its shape, got ${stated} by its length`,
    );
  }
  if (loader === undefined) {
    throw new DataError(
      `The numbers of tensor '${name}' are in another file, '${shown(location)}', which cannot be read from here; ` +
        'save the model as one file (onnx.save of what onnx.load returns)',
    );
  }
  const bytes = loader({ location, offset, length });
  if (bytes.length !== length) {
    throw new DataError(
      `'${shown(location)}' must give ${counted(length, 'byte')} for tensor '${name}', got ${bytes.length}`,
    );
  }
  return bytes;
}
