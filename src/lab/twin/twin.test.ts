import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { only } from '../../errors.ts';
import { recordKey, type StepRecord } from '../../records/record.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import { findStudy, studies } from '../../studies/index.ts';
import { checkTwin, type FromCheck } from './check.ts';
import { type Compared, compareTwin } from './compare-twin.ts';
import { computeTwin, type TwinProgress, type TwinRecords } from './compute-twin.ts';
import { fingerprintOf } from './fingerprint.ts';
import { besideText, cellInMemory, makeTwin, type ShownStudy } from './make-twin.ts';
import { canBeChecked, MOST_SECONDS, secondsOf, storedNumber, type Twin } from './twin.ts';

const study = findStudy('ioffe2015/scale');
const request = { budget: 'quick', set: { cases: '3' } } as const;
const plan = study.plan(request);
const wasm: OpenDevice = (settings) => threadlessDevice({ ...settings, runtime: 'wasm' });

function record(quantity: string, value: number, more: Partial<StepRecord> = {}): StepRecord {
  return { step: 0, quantity, value, definition: 'made up', mode: 'frozen', ...more };
}

/** The numbers as a report holds them, after they were written as JSON and read again. */
function written(cells: TwinRecords): Pick<Twin, 'fingerprint' | 'values'> {
  const values = cells.flat().map(({ value }) => storedNumber(value));
  return JSON.parse(JSON.stringify({ fingerprint: fingerprintOf(cells), values })) as Pick<
    Twin,
    'fingerprint' | 'values'
  >;
}

const cells: TwinRecords = [
  [record('error', 2 ** -52), record('error', -0, { at: 0.5 }), record('ratio', Number.NaN)],
  [record('error', 3), record('ratio', Number.NEGATIVE_INFINITY), record('ratio', 0.1 + 0.2, { layer: 'fc1' })],
];

/** The same with one number changed. */
function changed(cell: number, place: number, value: number): TwinRecords {
  return cells.map((records, i) => records.map((one, k) => (i === cell && k === place ? { ...one, value } : one)));
}

describe('the fingerprint', () => {
  it('is of bits and of what each number is of', () => {
    const bits = [
      '3cb0000000000000',
      '8000000000000000',
      'nan',
      '4008000000000000',
      'fff0000000000000',
      '3fd3333333333334',
    ];
    const lines = cells.flatMap((records, cell) => records.map((one) => `${cell}|${recordKey(one)}`));
    const text = lines.map((line, i) => `${line}|${bits[i]}\n`).join('');
    expect(fingerprintOf(cells)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('is another one for a bit, a sign of zero, a place, and a cell', () => {
    const [first = [], second = []] = cells;
    const others = [
      changed(1, 2, 0.3),
      changed(0, 1, 0),
      [first.map((one) => ({ ...one, step: 1 })), second],
      [[...first, ...second], []],
    ];
    expect(new Set([cells, ...others].map(fingerprintOf)).size).toBe(5);
  });
});

describe('a comparison', () => {
  it('says that numbers are the same, also those that JSON has no word for', () => {
    expect(compareTwin(written(cells), cells)).toEqual({ kind: 'same', numbers: 6, fingerprint: fingerprintOf(cells) });
  });

  it('finds a changed number, and says of which quantity and by how much beside its size', () => {
    const { differences } = compareTwin(written(cells), changed(1, 0, 3.25)) as Extract<Compared, { kind: 'differs' }>;
    expect(differences).toEqual([{ quantity: 'error', count: 1, all: 3, most: 0.25, size: 3 }]);
  });

  it('finds a number that is one no longer, and the sign of a zero', () => {
    const lost = compareTwin(written(cells), changed(1, 2, Number.NaN)) as Extract<Compared, { kind: 'differs' }>;
    expect(lost.differences).toEqual([
      { quantity: 'ratio', count: 1, all: 3, most: Number.POSITIVE_INFINITY, size: 0.1 + 0.2 },
    ]);
    const signed = compareTwin(written(cells), changed(0, 1, 0)) as Extract<Compared, { kind: 'differs' }>;
    expect(signed.differences).toEqual([{ quantity: 'error', count: 1, all: 3, most: 0, size: 3 }]);
  });

  it('tells a hash that was changed, and numbers that are missing, from numbers that differ', () => {
    const twin = written(cells);
    const other = compareTwin({ ...twin, fingerprint: '0'.repeat(64) }, cells);
    expect(other).toEqual({ kind: 'changed', fingerprint: twin.fingerprint });
    const fewer = compareTwin({ ...twin, values: twin.values.slice(1) }, cells);
    expect(fewer).toEqual({ kind: 'other-count', numbers: 6, expected: 5 });
  });
});

describe('a twin in WebAssembly', () => {
  let first: TwinRecords;
  const progress: TwinProgress[] = [];
  beforeAll(async () => {
    first = await computeTwin(plan, wasm, (one) => progress.push(one));
  });

  it('is the same to the last bit when it is computed again', async () => {
    const again = await computeTwin(plan, wasm);
    expect(first.flat().length).toBeGreaterThan(10);
    expect(compareTwin(written(first), again).kind).toBe('same');
  });

  it('is another one for another protocol', async () => {
    const other = await computeTwin(study.plan({ budget: 'quick', set: { cases: '2' } }), wasm);
    expect(compareTwin(written(first), other).kind).toBe('other-count');
  });

  it('tells how far it is, to the end of its cell', () => {
    expect(progress[0]).toEqual({ cells: 0, allCells: 1, part: 0 });
    expect(progress.at(-1)).toEqual({ cells: 0, allCells: 1, part: 1 });
  });

  it('is checked as a page checks it, by what was made for a report', async () => {
    const shown = shownBy(first);
    const twin = JSON.parse(JSON.stringify(await makeTwin(shown, wasm))) as Twin;
    expect(twin.figures).toEqual(['figure-ioffe2015-scale-deviation']);
    expect(twin.beside).toBe(
      'The report’s own numbers are the twin’s, to the last bit. By the twin’s numbers the verdict is the same, reproduced.',
    );
    expect((await answersOf(twin)).at(-1)).toMatchObject({ kind: 'compared', compared: { kind: 'same' } });
    const tampered = { ...twin, values: twin.values.map((value, i) => (i === 4 ? Number(value) + 1 : value)) };
    const differs = { kind: 'differs', differences: [{ count: 1 }] };
    expect((await answersOf(tampered)).at(-1)).toMatchObject({ kind: 'compared', compared: differs });
    const otherProtocol = { ...twin, protocol: { ...twin.protocol, cases: 4 } };
    expect(await answersOf(otherProtocol)).toEqual([
      {
        kind: 'failed',
        message: expect.stringMatching(/^Cannot check ioffe2015\/scale: the protocol must be .*"cases":4/),
      },
    ]);
  });

  it('says beside a report how far the report’s own numbers are from its own', async () => {
    const off = first.map((records) => records.map((one, i) => (i === 0 ? { ...one, value: one.value + 0.5 } : one)));
    const { beside } = await makeTwin(shownBy(off), wasm);
    const quantity = first.flat()[0]?.quantity ?? '';
    expect(beside).toMatch(
      new RegExp(
        `and 1 are not: .* its size is ${quantity}, whose largest is 0\\.500, by 0\\.500\\. By the twin’s numbers`,
      ),
    );
  });

  it('says where the report’s numbers are of others, and takes no offence at a computed place on an axis', async () => {
    const moved = first.map((records) =>
      records.map((one) => ({ ...one, ...(one.at !== undefined && { at: one.at + 1e-12 }) })),
    );
    expect(first.flat().some(({ at }) => at !== undefined)).toBe(true);
    expect(besideText(shownBy(first, moved), first)).toMatch(
      /^The report’s own numbers are the twin’s, to the last bit\./,
    );
    const renamed = first.map((records) => records.map((one, i) => (i === 2 ? { ...one, layer: 'another' } : one)));
    expect(besideText(shownBy(first, renamed), first)).toMatch(
      /^The twin has 36 numbers, the report 36, and not all are of the same\./,
    );
  });

  it('needs no data set, and says so of a job that does', async () => {
    const trained = findStudy('ioffe2015/mnist').plan({ budget: 'quick' });
    await expect(computeTwin(trained, wasm)).rejects.toThrow(
      'A twin must need no data set, got a job that needs mnist',
    );
  });

  /** A study that a report has decided by these records. */
  function shownBy(records: TwinRecords, own: TwinRecords = records): ShownStudy {
    const finished = records.map(cellInMemory);
    return { study, plan, request, result: plan.decide(finished), cells: own.map(cellInMemory) };
  }

  async function answersOf(twin: Twin): Promise<readonly FromCheck[]> {
    const answers: FromCheck[] = [];
    await checkTwin(twin, wasm, (answer) => answers.push(answer));
    return answers.filter(({ kind }) => kind !== 'progress');
  }
});

describe('which studies can be checked', () => {
  it('all that only measure, at the quick budget, and none that trains', () => {
    const checked = studies.filter((one) => canBeChecked(one, one.plan({ budget: 'quick' })));
    const linear = ['shift-linear', 'shift-linear-large-rate', 'landscape-linear', 'lp-linear'];
    const trained = linear.map((name) => `santurkar2018/${name}`);
    const expected = studies.filter(({ name, dataset }) => dataset === undefined && !trained.includes(name));
    expect(checked.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    expect(checked.length).toBeGreaterThan(20);
  });

  it('none that takes longer than a reader waits', () => {
    const long = findStudy('ioffe2015/scale').plan({ budget: 'quick' });
    const job = only(long.jobs, 'job');
    const slow = { jobs: [{ ...job, cells: job.cells.map((cell) => ({ ...cell, cost: () => MOST_SECONDS + 1 })) }] };
    expect(canBeChecked(study, slow)).toBe(false);
    expect(secondsOf(slow)).toBe(MOST_SECONDS + 1);
    expect(canBeChecked(study, { jobs: [] })).toBe(false);
  });
});
