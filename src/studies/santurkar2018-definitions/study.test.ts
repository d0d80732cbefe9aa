import { describe, expect, it } from 'vitest';
import { cellOf } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { labRows } from '../definition-lab.ts';
import type { StudyResult } from '../result.ts';
import { santurkar2018Landscape } from '../santurkar2018-landscape/study.ts';
import { columns } from './concordance.ts';
import { definitionsOf } from './definitions.ts';
import type { DefinitionsProtocol } from './protocol.ts';
import { santurkar2018Definitions as study } from './study.ts';

const plan = study.plan({ budget: 'standard', seeds: 3, firstSeed: 0 });
const protocol = plan.protocol as DefinitionsProtocol;

interface MadeUp {
  readonly arm: string;
  readonly seed: number;
  readonly optimiser: string;
  readonly rate: number;
}

/** How large a quantity of a ray, a layer or a step is: of the standard arm about twice that of batch norm, where nothing says otherwise. */
type Size = (cell: MadeUp, quantity: string) => number;

const usualSize: Size = ({ arm, seed }) => (arm === 'standard' ? 2 + seed / 100 : 1);

/** What probes record of a network whose loss rises as 1 + size·s along a ray, where everything else is as large as it. */
function recordsOf(cell: MadeUp, size: Size, accuracy: number): StepRecord[] {
  const records: StepRecord[] = [];
  const put = (step: number, quantity: string, value: number, where: { at?: number; layer?: string } = {}): unknown =>
    records.push({ step, quantity, value, ...where, definition: `made-up ${quantity}`, mode: 'train' });
  const scale = cell.optimiser === 'adam' ? 100 : 1;
  for (let step = 0; step <= 240; step++) {
    put(
      step,
      'loss',
      2.2 -
        step / 400 +
        (cell.rate === 0.1 || cell.optimiser === 'adam' ? 0 : cell.arm === 'standard' ? 0.5 : 0.1 + cell.seed / 100),
    );
    put(step, 'accuracy', accuracy);
    if (step % 20 > 0) continue;
    put(step, 'successive-gradient-change', size(cell, 'successive-gradient-change'), { layer: 'conv4' });
    put(step, 'successive-gradient-relative-change', size(cell, 'successive-gradient-relative-change'), {
      layer: 'conv4',
    });
    if (cell.optimiser === 'sgd' && cell.rate !== 0.1) continue;
    for (const ray of ['ray', 'fresh-ray', 'running-ray', 'frozen-ray', 'recomputed-ray', 'random-ray']) {
      const of = (name: string): number => size(cell, `${ray}-${name}`);
      put(step, `${ray}-loss`, 1, { at: 0 });
      const dense = ray === 'ray' ? protocol.denseMultiples : [];
      for (const multiple of [...protocol.multiples, ...dense]) {
        const at = multiple * scale;
        put(step, `${ray}-loss`, 1 + of('loss') * multiple, { at });
        put(step, `${ray}-gradient-change`, of('gradient-change') * multiple, { at });
        put(step, `${ray}-relative-change`, of('relative-change') / 10, { at });
        put(step, `${ray}-cosine`, 1 - of('cosine') / 10, { at });
        put(step, `${ray}-beta`, of('beta'), { at });
        put(step, `${ray}-curvature`, of('curvature'), { at });
        put(step, `${ray}-decrease-ratio`, 1 - of('decrease-ratio') / 10, { at });
        put(step, `${ray}-lipschitz`, of('lipschitz'), { at });
      }
    }
    for (const name of ['weight-slope', 'weight-gradient-square']) put(step, name, 0);
    put(step, 'weight-square', 1);
    for (const layer of ['conv4', 'conv7']) {
      for (const prefix of ['', 'fresh-', 'running-']) {
        put(step, `${prefix}covariate-shift`, size(cell, 'covariate-shift'), { layer });
        put(step, `${prefix}covariate-shift-relative`, size(cell, 'covariate-shift-relative'), { layer });
        put(step, `${prefix}covariate-shift-cosine`, 1 - size(cell, 'covariate-shift-cosine') / 4, { layer });
      }
      for (const multiple of protocol.multiples) {
        for (const name of ['gradient-change', 'relative-change', 'beta']) {
          put(step, `activation-${name}`, size(cell, `activation-${name}`), { layer, at: multiple * scale });
        }
      }
    }
  }
  return records;
}

function decide(size: Size, accuracy = 0.9): StudyResult {
  const cells = plan.jobs.flatMap((job) =>
    job.cells.map(({ arm, seed, place }) => {
      const { optimiser, rate } = place as { optimiser: string; rate: number };
      return cellOf(recordsOf({ arm, seed, optimiser, rate }, size, accuracy));
    }),
  );
  return plan.decide(cells);
}

const words = ({ parts }: StudyResult): readonly string[] => parts.map(({ verdict }) => verdict);
const tableOf = ({ tables }: StudyResult, title: string) => {
  const found = tables.find((table) => table.title.startsWith(title));
  if (found === undefined) throw new RangeError(`No table '${title}'`);
  return (row: string): readonly (string | number)[] => found.rows.find(([name]) => String(name).includes(row)) ?? [];
};

/** Batch norm twice as rough in what this says. */
const turned =
  (isTurned: (cell: MadeUp, quantity: string) => boolean): Size =>
  (cell, quantity) =>
    isTurned(cell, quantity) ? 4 / usualSize(cell, quantity) : usualSize(cell, quantity);

const usual = decide(usualSize);

describe('the definition lab', () => {
  it('is reproduced where every definition says that batch norm is smoother', () => {
    const result = usual;
    expect(words(result)).toEqual(['reproduced', 'reproduced', 'reproduced', 'reproduced']);
    expect(result.verdict).toBe('reproduced');
    for (const { cases, remarks } of result.parts) {
      expect(cases?.failures).toBe(0);
      expect(cases?.largest).toBeLessThan(0);
      expect(remarks[0]).toMatch(/, 0 say the opposite or not by the margin, 0 are undecided; /);
    }
  });

  it('is not where every definition says the opposite', () => {
    const result = decide(turned(() => true));
    expect(words(result)).toEqual(Array(4).fill('not-reproduced'));
    expect(result.verdict).toBe('not-reproduced');
  });

  it('hangs on the definition where one of a family says otherwise', () => {
    const result = decide(turned((_, quantity) => quantity === 'running-ray-beta'));
    expect(words(result)).toEqual(['reproduced', 'reproduced', 'inconclusive', 'reproduced']);
    expect(result.sentence).toMatch(
      /^Inconclusive: landscape reproduced .*smoothness hangs on the definition \(\d+ for it, 24 against, 0 undecided\)/,
    );
    const row = tableOf(result, 'Concordance of definitions: smoothness');
    expect(row('beta: max over s, running').slice(1)).toEqual(
      Array(12).fill(expect.stringMatching(/^-0\.6\d+ rougher$/)),
    );
    expect(row('beta: max over s, frozen')[1]).toMatch(/^0\.6\d+ smoother$/);
    expect(tableOf(result, 'What survives')('running statistics')[3]).toMatch(/^12 : 24 : 0$/);
  });

  it('says so where the optimiser turns a sign', () => {
    const result = decide(
      turned(({ optimiser }, quantity) => optimiser === 'adam' && quantity.startsWith('covariate')),
    );
    expect(words(result)).toEqual(['reproduced', 'reproduced', 'reproduced', 'inconclusive']);
    const survives = tableOf(result, 'What survives');
    expect(survives('SGD')[4]).toMatch(/^\d+ : 0 : 0$/);
    expect(survives('Adam')[4]).toMatch(/^0 : \d+ : 0$/);
  });

  it('judges by the margins of the studies that judge, and no others', () => {
    // e^0.3 in length: above 0, and below ln 1.5.
    const size: Size = (cell, quantity) =>
      (cell.arm === 'standard' ? Math.exp(0.3 + cell.seed / 1000) : 1) * (quantity === '' ? 0 : 1);
    const result = decide(size);
    const row = tableOf(result, 'Concordance of definitions: predictiveness')('● max ‖Δg‖');
    expect(row[columns.findIndex(({ name }) => name === 'SGD, equal steps, 95th') + 1]).toBe(
      '[0.301 not smoother, margin 0.405]',
    );
    expect(row[1]).toBe('0.301 smoother');
    expect(words(result)[1]).toBe('inconclusive');
  });

  it('marks what other studies judge', () => {
    const judged = usual.tables.flatMap(({ rows }) =>
      rows.flatMap((row) => row.filter((cell) => String(cell).startsWith('['))),
    );
    expect(judged).toHaveLength(6);
  });

  it('has the rows that other studies point to', () => {
    const titles = usual.tables.flatMap(({ rows }) => rows.map(([name]) => String(name).replace('● ', '')));
    for (const row of Object.values(labRows).flat()) expect(titles).toContain(row);
  });

  it('shows the learning-rate envelope as another quantity, which no part counts', () => {
    const result = usual;
    const row = tableOf(result, 'Learning-rate envelope: another quantity');
    // Ranges over rates: 0.5 without and 0.1, 0.11, 0.12 with batch norm.
    const expected = [0.1, 0.11, 0.12].reduce((sum, width) => sum + Math.log(0.5 / width) / 3, 0);
    expect(Number(String(row('loss: max − min over rates')[1]).split(' ')[0])).toBeCloseTo(expected, 2);
    expect(row('effective beta')[1]).toMatch(/^0\.6\d+ smoother$/);
    const counted = result.parts.reduce((sum, { cases }) => sum + (cases?.count ?? 0), 0);
    const all = result.tables.filter(({ title }) => title.startsWith('Concordance')).flatMap(({ rows }) => rows);
    expect(counted).toBe(all.flatMap((cells) => cells.slice(1)).filter((cell) => cell !== '–').length);
  });

  it('cannot be judged where the standard network has not learnt', () => {
    const result = decide(usualSize, 0.1);
    expect(result.verdict).toBe('precondition-failed');
    expect(result.sentence).toMatch(/^Precondition failed: seed 0: the standard arm never exceeded 20 %/);
    expect(result.figures.filter(({ id }) => id === 'definitions-landscape')).toEqual([]);
  });
});

describe('its plan', () => {
  it('asks for the trainings of the landscape study by the same settings', () => {
    const landscape = santurkar2018Landscape.plan({ budget: 'standard' });
    const settings = (jobs: typeof plan.jobs): readonly string[] => jobs.map((job) => JSON.stringify(job.settings));
    const own = settings(study.plan({ budget: 'standard' }).jobs);
    const shared = own.filter((one) => settings(landscape.jobs).includes(one));
    // Two arms: six seeds at the judged rate, five at each of two others.
    expect(shared).toHaveLength(2 * (6 + 5 + 5));
    expect(own).toHaveLength(2 * (6 + 5 + 5 + 6));
  });

  it('has definitions of different names in each family', () => {
    const names = definitionsOf(0.25, 'conv4').map(({ family, name }) => `${family}: ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    [{ multiples: '0.5,1' }, 'Definitions need step size 0.01 × learning rate, got [0.5, 1]'],
    [{ denseMultiples: '1.5,2' }, "A step size must be measured once, got 2 in 'multiples' and in 'denseMultiples'"],
    [
      { learningRates: '0.05,0.2' },
      "The trajectory is that of learning rate 0.1, got [0.05, 0.2]; add it to 'learningRates'",
    ],
  ])('refuses %j', (set, message) => {
    expect(() => study.plan({ budget: 'standard', set })).toThrow(
      expect.objectContaining({ name: 'SettingError', message }),
    );
  });
});
