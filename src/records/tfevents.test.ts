import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import type { CellRecord } from './record.ts';
import { encodeEvents, eventTag } from './tfevents.ts';

/** CRC-32C bit by bit, from its definition; shares nothing with the table. */
function slowCrc32c(bytes: Uint8Array): bigint {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return crc ^ 0xffffffffn;
}

/** The payloads of a TFRecord file; throws where a checksum is wrong. */
function readFrames(file: Uint8Array): Buffer[] {
  const bytes = Buffer.from(file);
  const masked = (part: Uint8Array): number => {
    const crc = slowCrc32c(part);
    return Number(BigInt.asUintN(32, ((crc >> 15n) | (crc << 17n)) & 0xffffffffn) + 0xa282ead8n) % 2 ** 32;
  };
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(masked(bytes.subarray(at, at + 8)));
    const payload = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(masked(payload));
    frames.push(payload);
    at += length + 16;
  }
  return frames;
}

/** The fields of a protobuf message by number: enough of the wire format for these messages. */
function readMessage(bytes: Buffer): Map<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const wire = key & 7;
    let value: number | Buffer;
    if (wire === 0) value = varint();
    else if (wire === 1) value = bytes.readDoubleLE(at);
    else if (wire === 5) value = bytes.readFloatLE(at);
    else {
      const length = varint();
      value = bytes.subarray(at, at + length);
      at += length;
    }
    if (wire === 1) at += 8;
    if (wire === 5) at += 4;
    fields.set(key >> 3, value);
  }
  return fields;
}

function readScalar(frame: Buffer): { wall: unknown; step: unknown; tag: string; value: unknown } {
  const event = readMessage(frame);
  const value = readMessage(readMessage(event.get(5) as Buffer).get(1) as Buffer);
  return { wall: event.get(1), step: event.get(2) ?? 0, tag: String(value.get(1)), value: value.get(2) };
}

const base = { cell: 'c0ffee00', setting: {}, arm: 'batch', seed: 3, definition: 'd', mode: 'train' } as const;

describe('crc32c()', () => {
  it('gives the known answers', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    // RFC 3720, appendix B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(new Uint8Array())).toBe(0);
  });
});

describe('encodeEvents()', () => {
  const records: CellRecord[] = [
    { ...base, step: 0, quantity: 'loss', value: 2.3 },
    { ...base, step: 300, quantity: 'gradient-norm', value: Number.NaN, layer: 'conv1', at: 0.5, mode: 'frozen' },
    { ...base, step: 3_000_000_000, quantity: 'loss', value: -1e300 },
  ];

  it('begins with the file version', () => {
    const [first] = readFrames(Buffer.concat([...encodeEvents([])]));
    const event = readMessage(first ?? Buffer.alloc(0));
    expect(event.get(1)).toBe(0);
    expect(String(event.get(3))).toBe('brain.Event:2');
  });

  it('holds every record as a scalar with its tag, in framed messages with right checksums', () => {
    expect(
      readFrames(Buffer.concat([...encodeEvents([records])]))
        .slice(1)
        .map(readScalar),
    ).toEqual([
      { wall: 0, step: 0, tag: 'batch/3/loss', value: Math.fround(2.3) },
      { wall: 300, step: 300, tag: 'batch/3/gradient-norm/conv1/frozen@0.5', value: Number.NaN },
      { wall: 3e9, step: 3e9, tag: 'batch/3/loss', value: Number.NEGATIVE_INFINITY },
    ]);
  });

  it('gives every series of one step a tag of its own', () => {
    const variants = [
      {},
      { arm: 'none' },
      { seed: 4 },
      { quantity: 'accuracy' },
      { layer: 'conv1' },
      { at: 2 },
      { mode: 'eval' },
    ] as const;
    const tags = variants.map((change) => eventTag({ ...base, step: 1, quantity: 'loss', value: 1, ...change }));
    expect(new Set(tags).size).toBe(variants.length);
  });
});
