import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { recordKey, type StepRecord } from './record.ts';
import { decodeRecords, encodeNumber, RecordEncoder } from './record-lines.ts';

/** Each by itself. */
function encodeAll(records: readonly StepRecord[]): string {
  const encoder = new RecordEncoder();
  return records.map((record) => encoder.encode([record])).join('');
}

const anyRecord: fc.Arbitrary<StepRecord> = fc.record(
  {
    step: fc.nat(),
    quantity: fc.string({ minLength: 1 }),
    value: fc.double(),
    layer: fc.string(),
    at: fc.double(),
    definition: fc.string({ minLength: 1, unit: 'grapheme' }),
    mode: fc.constantFrom('train', 'eval', 'frozen'),
  },
  { requiredKeys: ['step', 'quantity', 'value', 'definition', 'mode'] },
);

describe('record lines', () => {
  it('are the bytes that the file header documents', () => {
    const definition = 'mean cross-entropy of the training batch, in nats';
    const text = encodeAll([
      { step: 3, quantity: 'loss', value: 1.25, definition, mode: 'train' },
      { step: 3, quantity: 'ray-loss', value: Number.NaN, layer: 'conv1', at: 0.5, definition: 'b', mode: 'frozen' },
      { step: 4, quantity: 'loss', value: -0, definition, mode: 'eval' },
    ]);
    expect(text.split('\n')).toEqual([
      `{"define":0,"definition":"${definition}"}`,
      '{"step":3,"quantity":"loss","value":1.25,"mode":"train","definition":0}',
      '{"define":1,"definition":"b"}',
      '{"step":3,"quantity":"ray-loss","layer":"conv1","at":0.5,"value":"NaN","mode":"frozen","definition":1}',
      '{"step":4,"quantity":"loss","value":-0.0,"mode":"eval","definition":0}',
      '',
    ]);
  });

  it('read back as the same records, with full definitions, for any records', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 7 }), (records) => {
        // toStrictEqual uses Object.is: NaN, both zeros and left-out fields all count.
        expect(decodeRecords(encodeAll(records), 'file').records).toStrictEqual(records.map((r) => ({ ...r })));
      }),
    );
  });

  it('share a line where they differ in `at` and value alone, whose places are stated once', () => {
    const bins = (step: number, layer: string, ats: readonly number[]): StepRecord[] =>
      ats.map((at) => ({ step, quantity: 'count', layer, at, value: 10 * at, definition: 'd', mode: 'train' }));
    const records = [...bins(0, 'a', [-0, 1]), ...bins(0, 'b', [-0, 1]), ...bins(1, 'a', [2]), ...bins(2, 'a', [0, 1])];
    // More than a list, which the new one takes in, a part of one, and both.
    records.push(...bins(3, 'a', [0, 1, 2]), ...bins(4, 'a', [0, 2]), ...bins(5, 'a', [1, 3]));
    const text = new RecordEncoder().encode(records);
    const rest = '"mode":"train","definition":0}';
    expect(text.split('\n')).toEqual([
      '{"define":0,"definition":"d"}',
      '{"list":0,"at":[-0.0,1]}',
      `{"step":0,"quantity":"count","layer":"a","list":0,"values":[-0.0,10],${rest}`,
      `{"step":0,"quantity":"count","layer":"b","list":0,"values":[-0.0,10],${rest}`,
      `{"step":1,"quantity":"count","layer":"a","at":2,"value":20,${rest}`,
      '{"list":1,"at":[0,1]}',
      `{"step":2,"quantity":"count","layer":"a","list":1,"values":[0,10],${rest}`,
      '{"list":2,"at":[0,1,2]}',
      `{"step":3,"quantity":"count","layer":"a","list":2,"values":[0,10,20],${rest}`,
      `{"step":4,"quantity":"count","layer":"a","list":2,"values":[0,null,20],${rest}`,
      '{"list":3,"at":[0,1,2,3]}',
      `{"step":5,"quantity":"count","layer":"a","list":3,"values":[null,10,null,30],${rest}`,
      '',
    ]);
    expect(decodeRecords(text, 'file').records).toStrictEqual(records);
    // A reopened file knows its lists.
    const reopened = new RecordEncoder(decodeRecords(text, 'file'));
    expect(reopened.encode(bins(9, 'a', [-0, 1]))).toBe(
      `{"step":9,"quantity":"count","layer":"a","list":0,"values":[-0.0,10],${rest}\n`,
    );
  });

  it('read back as the same records where they come together, for any records', () => {
    const few: fc.Arbitrary<StepRecord> = fc.record(
      {
        step: fc.nat(2),
        quantity: fc.constantFrom('p', 'q'),
        value: fc.double(),
        layer: fc.constantFrom('a', 'b'),
        at: fc.constantFrom(-1, -0, 0.5, Number.NaN, 3),
        place: fc.constantFrom({ unit: 1 }, { unit: 2 }),
        probe: fc.nat(1),
        definition: fc.constantFrom('d', 'e'),
        mode: fc.constantFrom('train', 'eval'),
      },
      { requiredKeys: ['step', 'quantity', 'value', 'definition', 'mode'] },
    );
    const different = fc.uniqueArray(few, { maxLength: 12, selector: recordKey });
    fc.assert(
      fc.property(different, (records) => {
        const plain = records.map((record) => ({ ...record }));
        expect(decodeRecords(new RecordEncoder().encode(records), 'file').records).toStrictEqual(plain);
      }),
    );
  });

  it('go on after a reopened file as if it had never been closed', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 7 }), fc.nat(7), (records, cut) => {
        const before = encodeAll(records.slice(0, cut));
        const encoder = new RecordEncoder(decodeRecords(before, 'file'));
        const after = records.slice(cut).map((record) => encoder.encode([record]));
        expect(before + after.join('')).toBe(encodeAll(records));
      }),
    );
  });

  it('leave a torn last line unread, wherever it is torn', () => {
    const records: StepRecord[] = [1, 2, 3].map((step) => ({
      step,
      quantity: 'loss',
      value: 1 / step,
      definition: step < 3 ? 'one' : 'two',
      mode: 'train',
    }));
    const text = encodeAll(records);
    for (let length = 0; length <= text.length; length++) {
      const lines = text.slice(0, length).split('\n').length - 1;
      const whole = [0, 0, 1, 2, 2, 3][lines];
      expect(decodeRecords(text.slice(0, length), 'file').records).toEqual(records.slice(0, whole));
    }
  });

  const define = '{"define":0,"definition":"d"}\n';
  it.each([
    ['not JSON', `${define}{"step":1,\n`, 'runs/x.jsonl:2'],
    ['a missing value', `${define}{"step":1,"quantity":"q","mode":"train","definition":0}\n`, 'value'],
    ['a fractional step', `${define}{"step":1.5,"quantity":"q","value":1,"mode":"train","definition":0}\n`, 'step'],
    ['an unknown mode', `${define}{"step":1,"quantity":"q","value":1,"mode":"test","definition":0}\n`, 'mode'],
    [
      'a word for a number',
      `${define}{"step":1,"quantity":"q","value":"one","mode":"train","definition":0}\n`,
      'value',
    ],
    ['an unknown key', `${define}{"step":1,"quantity":"q","value":1,"mode":"train","definition":0,"lr":2}\n`, 'lr'],
    [
      'a run that is not as long as its list',
      `${define}{"list":0,"at":[1,2]}\n{"step":1,"quantity":"q","list":0,"values":[1],"mode":"train","definition":0}\n`,
      'list 0 has 2 places, not 1',
    ],
    [
      'a run without its list',
      `${define}{"step":1,"quantity":"q","list":0,"values":[1],"mode":"train","definition":0}\n`,
      'no line before it lists number 0',
    ],
    ['a list out of order', `{"list":1,"at":[1]}\n`, 'lists number 1 where 0 is next'],
    ['an undefined definition', `{"step":1,"quantity":"q","value":1,"mode":"train","definition":0}\n`, 'number 0'],
    ['a definition out of order', `{"define":1,"definition":"d"}\n`, 'number 1 where 0 is next'],
    [
      'two records in one line',
      `${define}{"define":1,"definition":"e"},{"define":2,"definition":"f"}\n`,
      'runs/x.jsonl:2',
    ],
    ['an empty line', `${define}\n`, 'runs/x.jsonl:2'],
  ])('reject %s with file and line', (_what, text, message) => {
    expect(() => decodeRecords(text, 'runs/x.jsonl')).toThrow(DataError);
    expect(() => decodeRecords(text, 'runs/x.jsonl')).toThrow(message);
    expect(() => decodeRecords(text, 'runs/x.jsonl')).toThrow(/x\.jsonl:\d as a record/);
  });

  it.each([{ step: -1 }, { step: 0.5 }, { step: Number.NaN }, { quantity: '' }, { definition: '' }])(
    'are not written for what could not be read back: %j',
    (change) => {
      const record: StepRecord = { step: 1, quantity: 'q', value: 1, definition: 'd', mode: 'train', ...change };
      expect(() => new RecordEncoder().encode([record])).toThrow(DataError);
    },
  );
});

describe('encodeNumber()', () => {
  it('gives the shortest text that reads back exactly', () => {
    expect([0.1, 1e21, 5e-324, -0, Number.POSITIVE_INFINITY].map(encodeNumber)).toEqual([
      '0.1',
      '1e+21',
      '5e-324',
      '-0.0',
      '"Infinity"',
    ]);
  });
});
