/**
 * @file Records as a TensorBoard event file: TFRecord frames (length, masked CRC-32C, payload, masked CRC-32C) around
 * `tensorflow.Event` messages, as in tensorflow/core/util/event.proto and tensorflow/core/lib/io/record_writer.h.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { crc32c } from './crc32c.ts';
import { type CellRecord, placeText } from './record.ts';

/**
 * The series that a record belongs to: `arm/seed/quantity` with the setting of its cell after the arm where it has one,
 * then `/layer`, `/place`, `/mode` unless it is train, and `@at`, each where the record has it. No two records of a run
 * that are different numbers share a tag and a step.
 */
export function eventTag(record: CellRecord): string {
  const parts = [
    record.arm,
    placeText(record.setting),
    String(record.seed),
    record.quantity,
    record.layer ?? '',
    placeText(record.place),
  ];
  const mode = record.mode === 'train' ? '' : `/${record.mode}`;
  const at = record.at === undefined ? '' : `@${record.at}`;
  return `${parts.filter((part) => part !== '').join('/')}${mode}${at}`;
}

/**
 * A TensorBoard event file of scalars, one event per record in the given order. Values are rounded to float32, the
 * format's own precision. Wall time is the step in seconds since 1970, so that equal records give equal bytes.
 */
export function encodeEvents(records: readonly CellRecord[]): Uint8Array {
  const frames = [frame(versionEvent())];
  for (const record of records) frames.push(frame(scalarEvent(record)));
  return concatenated(frames);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

/** Event { wall_time = 1, file_version = 3 }: every file begins with it. */
function versionEvent(): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.Bit64)
    .double(0)
    .tag(3, WireType.LengthDelimited)
    .string('brain.Event:2')
    .finish();
}

/** Event { wall_time = 1, step = 2, summary = 5 { value = 1 { tag = 1, simple_value = 2 } } }. */
function scalarEvent(record: CellRecord): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.Bit64)
    .double(record.step)
    .tag(2, WireType.Varint)
    .int64(record.step)
    .tag(5, WireType.LengthDelimited)
    .fork()
    .tag(1, WireType.LengthDelimited)
    .fork()
    .tag(1, WireType.LengthDelimited)
    .string(eventTag(record))
    .tag(2, WireType.Bit32)
    .float(Math.fround(record.value))
    .join()
    .join()
    .finish();
}

/** uint64 length, uint32 masked CRC of those 8 bytes, payload, uint32 masked CRC of the payload; little-endian. */
function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(payload.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(payload, 12);
  view.setUint32(12 + payload.length, maskedCrc(payload), true);
  return bytes;
}

/** Rotated and shifted, since a CRC over bytes that hold their own CRC is weak. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
