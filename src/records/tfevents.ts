/**
 * @file Records as a TensorBoard event file: TFRecord frames (length, masked CRC-32C, payload, masked CRC-32C) around
 * `tensorflow.Event` messages, as in tensorflow/core/util/event.proto and tensorflow/core/lib/io/record_writer.h.
 *
 * Histograms are `tensorflow.HistogramProto`, as PyTorch writes them too, and not the newer tensors of TensorFlow 2: TensorBoard reads
 * both (its `data_compat.py` makes tensors of the former), and this one says what it is to readers other than TensorBoard.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { crc32c } from './crc32c.ts';
import { type Histogram, histogramsOf, isHistogramCount } from './histogram.ts';
import { type CellRecord, placeText, type RecordTable } from './record.ts';

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
 * A TensorBoard event file, in pieces: a scalar per record in the given order, and a histogram in place of the counts of its bins; of one that
 * has no bins there is the largest magnitude alone, which is 0 or not finite. Scalars are rounded to float32, the format's own
 * precision. Wall time is the step in seconds since 1970, so that equal records give equal bytes.
 */
export function* encodeEvents(table: RecordTable): Generator<Uint8Array> {
  yield frame(versionEvent());
  for (const records of table) {
    const histograms = new Map(histogramsOf(records).map((histogram) => [histogram.about, histogram]));
    for (const record of records) {
      const histogram = histograms.get(record);
      if (histogram !== undefined) yield frame(histogramEvent(histogram));
      else if (!isHistogramCount(record.quantity)) yield frame(scalarEvent(record));
    }
  }
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

/** Summary.Value { simple_value = 2 }. */
function scalarEvent(record: CellRecord): Uint8Array {
  return summaryEvent(record, (writer) => writer.tag(2, WireType.Bit32).float(Math.fround(record.value)));
}

/**
 * Summary.Value { histo = 5 { min = 1, max = 2, num = 3, sum = 4, sum_squares = 5, bucket_limit = 6, bucket = 7 } }: each bucket ends
 * at its limit, and an empty one before the first says where that begins. Least, largest and sums are those of the bins.
 */
function histogramEvent({ about, edges, counts }: Histogram<CellRecord>): Uint8Array {
  const first = counts.findIndex((count) => count > 0);
  const end = counts.findLastIndex((count) => count > 0) + 1;
  const filled = counts.slice(first, end);
  const limits = edges.slice(first, end + 1);
  const sumOf = (of: (centre: number) => number): number =>
    filled.reduce((sum, count, bin) => sum + count * of(((limits[bin] ?? 0) + (limits[bin + 1] ?? 0)) / 2), 0);
  const sums = [sumOf(() => 1), sumOf((centre) => centre), sumOf((centre) => centre * centre)];
  const numbers = [limits[0] ?? 0, limits.at(-1) ?? 0, ...sums];
  const { at: _, ...whole } = about;
  return summaryEvent(whole, (writer) => {
    const histogram = writer.tag(5, WireType.LengthDelimited).fork();
    for (const [i, number] of numbers.entries()) histogram.tag(i + 1, WireType.Bit64).double(number);
    for (const [i, list] of [limits, [0, ...filled]].entries()) {
      const packed = histogram.tag(6 + i, WireType.LengthDelimited).fork();
      for (const number of list) packed.double(number);
      packed.join();
    }
    histogram.join();
  });
}

/** Event { wall_time = 1, step = 2, summary = 5 { value = 1 { tag = 1, … } } }. */
function summaryEvent(record: CellRecord, write: (value: BinaryWriter) => void): Uint8Array {
  const value = new BinaryWriter()
    .tag(1, WireType.Bit64)
    .double(record.step)
    .tag(2, WireType.Varint)
    .int64(record.step)
    .tag(5, WireType.LengthDelimited)
    .fork()
    .tag(1, WireType.LengthDelimited)
    .fork()
    .tag(1, WireType.LengthDelimited)
    .string(eventTag(record));
  write(value);
  return value.join().join().finish();
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
