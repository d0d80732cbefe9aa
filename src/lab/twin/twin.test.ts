import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { syntheticDataset } from '../../data/synthetic.ts';
import { need, only } from '../../errors.ts';
import { recordKey, type StepRecord } from '../../records/record.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import { findStudy, studies } from '../../studies/index.ts';
import type { StudyPlan } from '../../studies/study.ts';
import { besideText, cellInMemory } from './beside-text.ts';
import { checkTwin, type FromCheck } from './check.ts';
import { type Compared, compareTwin } from './compare-twin.ts';
import { computeTwin, type TwinProgress, type TwinRecords } from './compute-twin.ts';
import { fingerprintOf } from './fingerprint.ts';
import { makeTwin, type ShownStudy } from './make-twin.ts';
import { MOST_SECONDS, storedNumber, type Twin } from './twin.ts';
import { cellsOfPart, twinPart } from './twin-jobs.ts';

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
    first = await computeTwin(twinPart(plan), { openDevice: wasm, report: (one) => progress.push(one) });
  });

  it('is the same to the last bit when it is computed again', async () => {
    const again = await computeTwin(twinPart(plan), { openDevice: wasm });
    expect(first.flat().length).toBeGreaterThan(10);
    expect(compareTwin(written(first), again).kind).toBe('same');
  });

  it('is another one for another protocol', async () => {
    const fewer = study.plan({ budget: 'quick', set: { cases: '2' } });
    const other = await computeTwin(twinPart(fewer), { openDevice: wasm });
    expect(compareTwin(written(first), other).kind).toBe('other-count');
  });

  it('tells how far it is, to the end of its cell', () => {
    expect(progress[0]).toEqual({ cells: 0, allCells: 1, part: 0 });
    expect(progress.at(-1)).toEqual({ cells: 0, allCells: 1, part: 1 });
  });

  it('is checked as a page checks it, by what was made for a report', async () => {
    const shown = shownBy(first);
    const twin = JSON.parse(JSON.stringify(await makeTwin(shown, { openDevice: wasm }))) as Twin;
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
    const { beside } = need(await makeTwin(shownBy(off), { openDevice: wasm }), 'a twin');
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
    expect(besideText(shownBy(first, moved), twinPart(plan), first)).toMatch(
      /^The report’s own numbers are the twin’s, to the last bit\./,
    );
    const renamed = first.map((records) => records.map((one, i) => (i === 2 ? { ...one, layer: 'another' } : one)));
    expect(besideText(shownBy(first, renamed), twinPart(plan), first)).toMatch(
      /^The twin has 36 numbers, the report 36, and not all are of the same\./,
    );
  });

  it('says which data set it must be given', async () => {
    const part = twinPart(findStudy('ioffe2015/mnist').plan({ budget: 'quick' }));
    await expect(computeTwin(part, { openDevice: wasm })).rejects.toThrow(
      'A twin that trains must be given its data set, got none where mnist-binary is needed',
    );
  });

  /** A study that a report has decided by these records. */
  function shownBy(records: TwinRecords, own: TwinRecords = records): ShownStudy {
    const finished = records.map(cellInMemory);
    return { study, plan, request, result: plan.decide(finished), cells: own.map(cellInMemory) };
  }

  async function answersOf(twin: Twin): Promise<readonly FromCheck[]> {
    const answers: FromCheck[] = [];
    await checkTwin(
      twin,
      wasm,
      async () => undefined,
      (answer) => answers.push(answer),
    );
    return answers.filter(({ kind }) => kind !== 'progress');
  }
});

describe('a twin of a training', () => {
  const trained = findStudy('santurkar2018/landscape');
  const words = 'dataset=mnist model=mlp width=0.05 batchSize=8 steps=5 every=2 learningRates=0.1 seeds=3 firstSeed=7';
  const asked = { budget: 'quick', set: Object.fromEntries(words.split(' ').map((word) => word.split('='))) } as const;
  const trainedPlan = trained.plan(asked);
  const part = twinPart(trainedPlan);
  const dataset = syntheticDataset({ classes: 10, shape: [1, 28, 28], count: 40, seed: 3 });

  it('is of the first seed of each arm', () => {
    const chosen = part.jobs.flatMap(({ cells: some }) => some.map(({ arm, seed }) => `${arm} ${seed}`));
    expect([chosen, part.seed, part.dataset]).toEqual([['standard 7', 'batch 7'], 7, 'mnist']);
    const all = trainedPlan.jobs.flatMap((job) => job.cells.map(({ arm, seed }) => [record(arm, seed)]));
    const own = cellsOfPart(trainedPlan, part, all.map(cellInMemory)).flatMap((cell) => cell.records());
    expect(own.map(({ quantity, value }) => `${quantity} ${value}`)).toEqual(chosen);
  });

  it('is the same to the last bit when it is computed again, and says of which cells it is', async () => {
    const one = await computeTwin(part, { openDevice: wasm, dataset });
    // A report's cells say nothing of the place of a probe among those that they hold.
    const withoutProbe = (record: StepRecord): StepRecord => {
      const { probe: _, ...rest } = record;
      return rest;
    };
    const stored = one.map((records) => records.map(withoutProbe));
    const six = [stored, stored, stored].flatMap(([standard = [], batch = []]) => [standard, batch]).map(cellInMemory);
    const shown = { study: trained, plan: trainedPlan, request: asked, result: trainedPlan.decide(six), cells: six };
    const twin = need(await makeTwin(shown, { openDevice: wasm, dataset }), 'a twin');
    expect(twin.data).toMatchObject({ name: 'mnist', title: 'MNIST', checksum: dataset.checksum });
    expect(twin.data?.files[3]).toBe('t10k-labels-idx1-ubyte');
    expect(twin.beside).toBe(
      'It is of seed 7 alone, with which 2 of the 6 cells were computed. The report’s own numbers are the twin’s, to the last bit.',
    );
    const answers: FromCheck[] = [];
    await checkTwin(
      JSON.parse(JSON.stringify(twin)) as Twin,
      wasm,
      async () => dataset,
      (answer) => answers.push(answer),
    );
    expect(answers.at(-1)).toMatchObject({ kind: 'compared', compared: { kind: 'same', numbers: one.flat().length } });
    expect(new Set(one.flat().map(({ quantity }) => quantity)).size).toBeGreaterThan(5);
  });
});

describe('which cells a twin is of', () => {
  it('all of a study that only measures', () => {
    const measuring = studies.filter(({ tags }) => tags.includes('exact'));
    const plans = measuring.map((one) => one.plan({ budget: 'quick' }));
    expect(plans.length).toBeGreaterThan(20);
    for (const one of plans) {
      expect(twinPart(one)).toEqual({ jobs: one.jobs.map((job) => ({ job, cells: job.cells })), dataset: undefined });
    }
  });

  it('one seed of every arm of a study that trains, of networks side by side too', () => {
    const { jobs, seed } = twinPart(findStudy('santurkar2018/shift-linear').plan({ budget: 'quick' }));
    expect(jobs.map(({ job, cells: some }) => [job.cells.length, some.map((cell) => cell.seed)])).toEqual(
      jobs.map(() => [8, [seed]]),
    );
  });

  it('none where a browser would take too long', async () => {
    const job = only(plan.jobs, 'job');
    const cost = (seconds: number) => job.cells.map((cell) => ({ ...cell, cost: () => seconds }));
    const slow: StudyPlan = { ...plan, jobs: [{ ...job, cells: cost(MOST_SECONDS + 1) }] };
    const shown = { study, plan: slow, request, result: plan.decide([cellInMemory([])]), cells: [] };
    expect(await makeTwin(shown, { openDevice: wasm })).toBeUndefined();
  });
});
