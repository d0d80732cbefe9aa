import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cellOf } from '../../../test/studies.ts';
import { runAll, tinyCell, tinyRequest } from '../../../test/tiny-training.ts';
import { need } from '../../errors.ts';
import { heldProbe } from '../../probes/index.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StepRecord } from '../../records/record.ts';
import { askedDifferences } from './compare-config.ts';
import { compareRecords, relativeDifference } from './compare-records.ts';
import { matchCells, type Side } from './compare-sides.ts';
import { stretches } from './compare-text.ts';
import { createProgram } from '../program.ts';

const record = (step: number, quantity: string, value: number, more: Partial<StepRecord> = {}): StepRecord => ({
  step,
  quantity,
  value,
  definition: `made-up ${quantity}`,
  mode: 'train',
  ...more,
});

describe('relativeDifference', () => {
  it('is of the size of the larger number, and infinite beside what is no number', () => {
    expect(relativeDifference(2, 1)).toBe(0.5);
    expect(relativeDifference(-1, 1)).toBe(2);
    expect([relativeDifference(0, -0), relativeDifference(Number.NaN, Number.NaN)]).toEqual([0, 0]);
    expect(relativeDifference(Number.NaN, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDifference(1, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('compareRecords', () => {
  const common = [
    record(0, 'std', 1, { layer: 'conv1' }),
    record(0, 'std', 2, { layer: 'conv2' }),
    record(0, 'loss', 3),
  ];

  it('finds nothing in equal records, whatever their order, and NaN is equal to itself', () => {
    const records = [...common, record(1, 'loss', Number.NaN)];
    const compared = compareRecords(cellOf(records), cellOf(records.toReversed()), 0);
    expect(compared).toMatchObject({ both: 4, first: undefined, beyond: undefined, growth: [], onlyA: [], onlyB: [] });
  });

  it('says the first step, and there the first layer, at which they part: by a bit, and beyond a tolerance', () => {
    const a = [...common, record(1, 'loss', 1), record(2, 'loss', 1)];
    const b = a.map((one) => (one.layer === 'conv2' ? { ...one, value: 2.002 } : one));
    const far = b.map((one) => (one.step === 2 ? { ...one, value: 1.5 } : one));
    const { first, beyond, growth } = compareRecords(cellOf(a), cellOf(far), 0.01);
    expect(first).toMatchObject({ step: 0, quantity: 'std', where: 'of conv2', a: 2, b: 2.002 });
    expect(beyond).toMatchObject({ step: 2, quantity: 'loss', where: '', relative: 0.5 / 1.5 });
    expect(growth.map(({ step, quantity }) => [step, quantity])).toEqual([
      [0, 'std'],
      [2, 'loss'],
    ]);
  });

  it('says the first layer too where the loss of the step stands before it', () => {
    const a = [record(1, 'loss', 1), record(3, 'loss', 1), record(3, 'std', 1, { layer: 'conv1' })];
    const b = a.map((one) => (one.step === 3 ? { ...one, value: 2 } : one));
    const { first, firstLayer } = compareRecords(cellOf(a), cellOf(b), 0);
    expect(first).toMatchObject({ step: 3, quantity: 'loss', layer: undefined });
    expect(firstLayer).toMatchObject({ step: 3, quantity: 'std', layer: 'conv1' });
  });

  it('tells 0 from −0, which are other bits', () => {
    const { first, beyond } = compareRecords(cellOf([record(0, 'x', 0)]), cellOf([record(0, 'x', -0)]), 0);
    expect([first?.relative, beyond]).toEqual([0, undefined]);
  });

  it('counts what only one of them has, by quantity, and never as a difference', () => {
    const counts = [0, 20].flatMap((step) => [
      record(step, 'count', 5, { at: 0.1 }),
      record(step, 'count', 6, { at: 0.2 }),
    ]);
    const { first, onlyA, onlyB, both } = compareRecords(
      cellOf([...common, ...counts]),
      cellOf([...common, record(1, 'loss', 1)]),
      0,
    );
    expect(first).toBeUndefined();
    expect(both).toBe(3);
    expect(onlyA).toEqual([{ quantity: 'count', count: 4, firstStep: 0, lastStep: 20 }]);
    expect(onlyB).toEqual([{ quantity: 'loss', count: 1, firstStep: 1, lastStep: 1 }]);
  });

  it('matches what probes measured by their names, wherever they stand in the cell', () => {
    const probed = (names: readonly string[], values: readonly number[]): FinishedCell => ({
      ...cellOf(values.map((value, probe) => record(0, 'x', value, { probe }))),
      probes: names.map((name) => ({ name, settings: {} })),
    });
    expect(compareRecords(probed(['one', 'two'], [1, 2]), probed(['two', 'one'], [2, 1]), 0).first).toBeUndefined();
    expect(compareRecords(probed(['one', 'two'], [1, 2]), probed(['two', 'one'], [1, 2]), 0).first).toMatchObject({
      a: 1,
      b: 2,
    });
  });

  it('says which quantities are defined otherwise', () => {
    const other = record(0, 'loss', 3, { definition: 'something else' });
    expect(compareRecords(cellOf(common), cellOf([other]), 0).redefined).toEqual(['loss']);
  });
});

describe('askedDifferences', () => {
  it('names the keys that differ, nested ones by their path, and those that one has alone', () => {
    const cell = (config: FinishedCell['config'], probes: FinishedCell['probes']): FinishedCell => ({
      ...cellOf([]),
      config,
      probes,
    });
    const a = cell({ same: [1, 2], training: { rate: 0.1, kind: 'sgd' }, old: true }, [
      { name: 'norms', settings: { every: 1 } },
    ]);
    const b = cell({ same: [1, 2], training: { rate: 0.2, kind: 'sgd' } }, [{ name: 'norms', settings: { every: 2 } }]);
    expect(askedDifferences(a, b)).toEqual([
      { key: 'training.rate', a: '0.1', b: '0.2' },
      { key: 'old', a: 'true', b: undefined },
      { key: 'probes.norms.every', a: '1', b: '2' },
    ]);
    expect(askedDifferences(a, a)).toEqual([]);
  });
});

describe('stretches', () => {
  it('covers all steps in at most eight parts, each with its largest', () => {
    const growth = Array.from({ length: 1000 }, (_, step) => ({
      step,
      quantity: 'x',
      layer: undefined,
      where: '',
      a: 0,
      b: 0,
      relative: step % 7,
    }));
    const found = stretches(growth);
    expect(found.length).toBeLessThanOrEqual(8);
    expect([found[0]?.from, found.at(-1)?.to]).toEqual([0, 999]);
    for (const [i, { from }] of found.slice(1).entries()) expect(from).toBe((found[i]?.to ?? 0) + 1);
    expect(found.at(-1)?.largest.relative).toBe(6);
    expect(stretches([])).toEqual([]);
  });
});

describe('normscope compare', () => {
  let root: string;
  let cells: readonly FinishedCell[];

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'normscope-compare-'));
    const held = [heldProbe('activation-moments', { every: 4 }), heldProbe('gradient-histograms', { every: 4 })];
    const specs = [tinyCell({}, held), tinyCell({ learningRate: 0.051 }, held), tinyCell({ seed: 4, steps: 7 })];
    cells = await runAll(tinyRequest(specs, join(root, 'cells')));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const folderOf = (i: number): string => join(root, 'cells', need(cells[i], 'a cell').hash);

  async function compare(...words: readonly string[]): Promise<string> {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await (await createProgram(['compare'])).parseAsync(['compare', ...words], { from: 'user' });
      return write.mock.calls.map(([text]) => String(text)).join('');
    } finally {
      write.mockRestore();
    }
  }

  it('says that a cell is itself', async () => {
    expect(await compare(folderOf(0), need(cells[0], 'a cell').folder)).toMatch(
      /Both are asked the same\.\n\n1 cell compared: 1 the same bit for bit, 0 not\n$/,
    );
  });

  it('says what differs in what is asked, where they part, what one has alone and where they end, in 80 columns', async () => {
    const text = await compare(folderOf(0), folderOf(1), '--tolerance', '1e-9');
    expect(text).toContain(
      'They are asked different things, in 1 key (A | B):\n  training.learningRate\n    0.05 | 0.051\n',
    );
    // Weights are the same until the first update.
    expect(text).toMatch(/\n {2}part at step 1: loss\n {4}\d\S* \| \d/);
    expect(text).toMatch(/\n {2}part by more than 1e-9 at step 1: loss\n/);
    // Probes look at every fourth step, at the first layer first.
    expect(text).toMatch(/\n {2}part in a layer at step 4: activation-mean of dense1\n/);
    expect(text).toMatch(/steps +largest +of/);
    expect(text).toMatch(/at the end +A +B\n +loss +\d/);
    const other = await compare(folderOf(0), folderOf(2));
    expect(other).toMatch(/only in A: \d+ records: /);
    expect(other).toContain('probes.activation-moments.every');
    for (const line of `${text}${other}`.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('tells machines all of it, with the same first step', async () => {
    const told = JSON.parse(await compare(folderOf(0), folderOf(1), '--json'));
    expect(told.asked).toEqual([{ key: 'training.learningRate', a: '0.05', b: '0.051', cells: 1 }]);
    expect(told.cells).toHaveLength(1);
    const [{ first, growth, ends }] = told.cells;
    expect(first).toMatchObject({ step: 1, quantity: 'loss' });
    expect(growth.map(({ step }: { step: number }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(ends.map(({ quantity }: { quantity: string }) => quantity)).toEqual(['loss', 'accuracy']);
  });

  it('writes a page that loads nothing, with both curves in each figure and histograms of the last common step', async () => {
    const out = join(root, 'out');
    expect(await compare(folderOf(0), folderOf(1), '--out', out)).toContain(`Report: ${join(out, 'compare.html')}\n`);
    const { document } = parseHTML(readFileSync(join(out, 'compare.html'), 'utf8'));
    const titles = [...document.querySelectorAll('figure:not(.table) h4')].map((title) => title.textContent);
    expect(titles.slice(0, 2)).toEqual(['loss', 'accuracy']);
    expect(titles).toContain('How far they are apart');
    expect(titles).toContain('gradient-count of dense1/weight, step 8');
    const labels = document.querySelector('figure svg')?.textContent;
    expect(labels).toMatch(/A.*B|B.*A/);
    const rows = [...document.querySelectorAll('.table tbody tr')].map((row) => row.textContent);
    expect(rows[0]).toBe('training.learningRate0.050.051');
    expect(document.querySelectorAll('link, img, script[src]')).toHaveLength(0);
  });

  it('refuses what is neither a run nor a finished cell', async () => {
    await expect(compare(folderOf(0), root)).rejects.toThrow(
      /it is neither the folder of a run nor that of a finished cell/,
    );
  });

  it('matches the cells of two runs by study, arm, seed and setting, and names the others', () => {
    const stored = (seed: number, i: number, study?: string) => {
      return { study, arm: 'batch', seed, setting: { rate: 0.1 }, hash: need(cells[i], 'a cell').hash };
    };
    const side = (path: string, byStudy: Side['byStudy']): Side => ({
      path,
      root: join(root, 'cells'),
      byStudy,
      all: [],
    });
    const a = side('a', [stored(0, 0, 'one'), stored(1, 1, 'one'), stored(0, 2, 'two')]);
    const b = side('b', [stored(1, 2, 'one'), stored(0, 1, 'one'), stored(2, 0, 'one')]);
    const { pairs, onlyA, onlyB } = matchCells(a, b);
    expect(pairs.map((pair) => [pair.name, pair.a.hash, pair.b.hash])).toEqual([
      ['one: batch, rate 0.1, seed 0', cells[0]?.hash, cells[1]?.hash],
      ['one: batch, rate 0.1, seed 1', cells[1]?.hash, cells[2]?.hash],
    ]);
    expect([onlyA, onlyB]).toEqual([['two: batch, rate 0.1, seed 0'], ['one: batch, rate 0.1, seed 2']]);
  });
});
