import { createFileRegistry, fromBinary, fromJson, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { need } from '../errors.ts';
import { binCentre } from './histogram.ts';
import type { CellRecord } from './record.ts';
import { encodeEvents } from './tfevents.ts';

/** What TensorFlow's summary.proto and event.proto say of the fields that are written here. */
const field = (name: string, number: number, type: string, more: object = {}) => ({
  name,
  jsonName: name.replaceAll(/_./g, (part) => part.charAt(1).toUpperCase()),
  number,
  type: `TYPE_${type}`,
  label: 'LABEL_OPTIONAL',
  ...more,
});
const packed = { label: 'LABEL_REPEATED', options: { packed: true } };
const messages = [
  {
    name: 'HistogramProto',
    field: [
      ...['min', 'max', 'num', 'sum', 'sum_squares'].map((name, i) => field(name, i + 1, 'DOUBLE')),
      field('bucket_limit', 6, 'DOUBLE', packed),
      field('bucket', 7, 'DOUBLE', packed),
    ],
  },
  {
    name: 'Value',
    field: [
      field('tag', 1, 'STRING'),
      field('simple_value', 2, 'FLOAT', { oneofIndex: 0 }),
      field('histo', 5, 'MESSAGE', { typeName: '.tensorflow.HistogramProto', oneofIndex: 0 }),
    ],
    oneofDecl: [{ name: 'value' }],
  },
  {
    name: 'Summary',
    field: [field('value', 1, 'MESSAGE', { typeName: '.tensorflow.Value', label: 'LABEL_REPEATED' })],
  },
  {
    name: 'Event',
    field: [
      field('wall_time', 1, 'DOUBLE'),
      field('step', 2, 'INT64'),
      field('file_version', 3, 'STRING'),
      field('summary', 5, 'MESSAGE', { typeName: '.tensorflow.Summary' }),
    ],
  },
];
const registry = createFileRegistry(
  fromJson(FileDescriptorSetSchema, {
    file: [{ name: 'event.proto', package: 'tensorflow', syntax: 'proto3', messageType: messages }],
  }),
);

/** The events of a file after the first, read by a library from the descriptions above. */
function readEvents(file: Uint8Array): unknown[] {
  const schema = need(registry.getMessage('tensorflow.Event'), 'the message');
  const view = new DataView(file.buffer, file.byteOffset);
  const events: unknown[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    events.push(toJson(schema, fromBinary(schema, file.subarray(at + 12, at + 12 + length)), { registry }));
    at += length + 16;
  }
  return events.slice(1);
}

const base = { cell: 'c0ffee00', setting: {}, arm: 'batch', seed: 3, definition: 'd', mode: 'train' } as const;
const count = (bin: number, value: number, change: Partial<CellRecord> = {}): CellRecord => ({
  ...base,
  step: 7,
  layer: 'conv1',
  quantity: 'activation-count',
  at: binCentre(bin),
  value,
  ...change,
});
const largest = (value: number, change: Partial<CellRecord> = {}): CellRecord => ({
  ...base,
  step: 7,
  layer: 'conv1',
  quantity: 'activation-largest',
  value,
  ...change,
});

describe('histograms in encodeEvents()', () => {
  it('are one HistogramProto each, whose buckets end at the edges of the bins', () => {
    const records = [largest(6.5), count(33, 4), count(32, 3), count(35, 1)];
    expect(readEvents(Buffer.concat([...encodeEvents([records])]))).toEqual([
      { wallTime: 7, step: '7', summary: { value: [{ tag: 'batch/3/activation-largest/conv1', simpleValue: 6.5 }] } },
      {
        wallTime: 7,
        step: '7',
        summary: {
          value: [
            {
              tag: 'batch/3/activation-count/conv1',
              histo: {
                min: expect.closeTo(-0.1, 12),
                max: expect.closeTo(0.7, 12),
                num: 8,
                sum: expect.closeTo(4 * 0.2 + 0.6, 12),
                sumSquares: expect.closeTo(4 * 0.04 + 0.36, 12),
                bucketLimit: [-0.1, 0.1, 0.3, 0.5, 0.7].map((edge) => expect.closeTo(edge, 12)),
                bucket: [0, 3, 4, 0, 1],
              },
            },
          ],
        },
      },
    ]);
  });

  it('have a tag and step of their own, whatever tells them apart', () => {
    const changes: Partial<CellRecord>[] = [
      {},
      { step: 8 },
      { layer: 'conv2' },
      { arm: 'none' },
      { seed: 4 },
      { setting: { rate: 0.1 }, cell: 'c0ffee01' },
      { place: { unit: 2 } },
    ];
    const cells = changes.map((change, i) => [largest(i + 1, change), count(32, 5, change)]);
    const events = readEvents(Buffer.concat([...encodeEvents(cells)])) as {
      step: string;
      summary: { value: { tag: string }[] };
    }[];
    const names = events.map(({ step, summary }) => `${summary.value[0]?.tag}@${step}`);
    expect(names).toHaveLength(2 * changes.length);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are told by their largest magnitude alone where they have no bins', () => {
    for (const limit of [0, Number.NaN]) {
      expect(readEvents(Buffer.concat([...encodeEvents([[largest(limit), count(32, 5)]])]))).toHaveLength(1);
    }
  });
});
