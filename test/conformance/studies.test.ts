/** @file What every study must keep to, read off the registry. A new study needs a tiny budget here, and its hashes. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellHash, cellText } from '../../src/cells/job.ts';
import { probesByHash } from '../../src/cells/node/run-cells.ts';
import { circumstancesOf } from '../../src/cells/node/versions.ts';
import type { Dataset, DatasetName } from '../../src/data/dataset.ts';
import { datasets } from '../../src/data/datasets.ts';
import { need } from '../../src/errors.ts';
import { syntheticDataset } from '../../src/data/synthetic.ts';
import { models } from '../../src/models/index.ts';
import { papers } from '../../src/papers.ts';
import type { FinishedCell } from '../../src/records/cell.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { findStudy, selectStudies, studies } from '../../src/studies/index.ts';
import { protocolHash } from '../../src/studies/protocol-hash.ts';
import type { StudyResult } from '../../src/studies/result.ts';
import { budgets, type StudyPlan } from '../../src/studies/study.ts';
import { writeUps } from '../../src/studies/write-ups/index.ts';
import { tiny } from '../tiny-studies.ts';
import { device, runAll } from '../tiny-training.ts';

const circumstances = circumstancesOf(device, (name) => name);

/** Networks that are functions of studies' own. */
const functions = ['deepLinear', 'perceptron', 'shallow', 'twoLayers'];

const ledger = new URL('../../docs/results/protocols.json', import.meta.url);

/** Of all studies, so that a cell that several ask for is made once, with the probes of all, as a run of many claims has it. */
const tinyPlans: ReadonlyMap<string, StudyPlan> = new Map(
  studies.map((study) => [study.name, study.plan({ budget: 'quick', set: tiny[study.name]?.set ?? {} })]),
);
let root: string;
let probes: ReturnType<typeof probesByHash>;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-studies-'));
  probes = probesByHash(
    [...tinyPlans.values()].flatMap(({ jobs }) => jobs),
    circumstances,
  );
});
afterAll(() => rmSync(root, { recursive: true }));

describe.each(studies.map((study) => [study.name, study] as const))('%s', (name, study) => {
  it('says which claim of which paper it tests, in one sentence', () => {
    expect(name).toBe(`${study.paper}/${name.split('/')[1]}`);
    expect(name).toMatch(/^[a-z0-9]+\/[a-z0-9-]+$/);
    expect(study.paper in papers).toBe(true);
    expect(study.claim).toMatch(/^[A-Z][^.]*\.$/);
    expect(study.where).not.toBe('');
    // Exact ones train nothing on drawn examples; deep linear networks do.
    expect(study.dataset === undefined).toBe(study.tags.some((tag) => tag === 'exact' || tag === 'deep-linear'));
    expect(study.dataset === undefined || study.dataset in datasets).toBe(true);
  });

  it.each(budgets)('plans cells at the %s budget that can be run, each once', (budget) => {
    const { jobs, protocol } = study.plan({ budget });
    expect(jobs.length).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(protocol))).toEqual(protocol);
    const cells = jobs.flatMap((job) => job.cells);
    // To hash a cell all its graphs are built, which takes long of the larger budgets' networks: there names tell cells apart.
    const names = cells.map((cell) => (budget === 'quick' ? cellHash(cell, circumstances) : cellText(cell)));
    expect(new Set(names).size).toBe(names.length);
    // A budget may take the study's data in another form, such as at their full size.
    const [dataset = 'cifar10'] = jobs.flatMap((job) => job.dataset ?? []) as DatasetName[];
    const filesOf = (one: DatasetName): string => datasets[one].cachedAs ?? one;
    expect(filesOf(dataset)).toBe(filesOf(study.dataset ?? 'cifar10'));
    const { shape, classes } = datasets[dataset];
    const data: Dataset = { ...syntheticDataset({ classes, shape, count: 1, seed: 0 }), train: many };
    for (const job of jobs) {
      expect(job.dataset).toBe(study.dataset && dataset);
      expect(JSON.parse(JSON.stringify(job.settings))).toEqual(job.settings);
      expect(() => job.check(data)).not.toThrow();
      for (const cell of job.cells) expect(cell.cost(cell.probes)).toBeGreaterThan(0);
      const { network } = job.settings;
      expect([undefined, ...functions, ...Object.keys(models)]).toContain(network);
    }
    // Arms are paired by seed: each arm has the same seeds, though one may have more cells of each.
    const arms = [...new Set(cells.map(({ arm }) => arm))];
    const seedsOf = (arm: string): number[] =>
      [...new Set(cells.flatMap(({ arm: own, seed }) => (own === arm ? [seed] : [])))].toSorted((a, b) => a - b);
    for (const arm of arms) expect(seedsOf(arm)).toEqual(seedsOf(arms[0] ?? ''));
    expect(new Set(seedsOf(arms[0] ?? '')).size).toBeGreaterThanOrEqual(study.dataset === undefined ? 1 : 3);
  });

  it.each(budgets)('has its protocol and rule at the %s budget on record: a change makes another study', (budget) => {
    const recorded = JSON.parse(readFileSync(ledger, 'utf8')) as Record<string, Record<string, string>>;
    const hash = protocolHash(study, study.plan({ budget }));
    expect(recorded[name]?.[budget], 'docs/results/protocols.json must hold the hash before the first result').toBe(
      hash,
    );
  });

  it('has another hash for any other protocol or rule', () => {
    const plan = study.plan({ budget: 'quick' });
    const hash = protocolHash(study, plan);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(protocolHash(study, { protocol: { ...plan.protocol, seeds: 7 } })).not.toBe(hash);
    for (const [key, value] of Object.entries(study.rule)) {
      const rule = { ...study.rule, [key]: typeof value === 'number' ? value + 1e-9 : null };
      expect(protocolHash({ rule }, plan), key).not.toBe(hash);
    }
  });

  describe('at a tiny budget', () => {
    const plan = need(tinyPlans.get(name), 'a plan');
    let cells: readonly FinishedCell[];
    let result: StudyResult;
    const budget = tiny[name];
    const run = (): Promise<readonly FinishedCell[]> => {
      if (budget === undefined) throw new RangeError(`Study ${name} must have a tiny budget in this file`);
      const dataset = async (): Promise<Dataset> => need(budget.dataset, 'a data set');
      return runAll({
        jobs: plan.jobs,
        circumstances,
        probes,
        dataset,
        root,
        parallel: 1,
        openDevice: threadlessDevice,
      });
    };
    beforeAll(async () => {
      cells = await run();
      result = plan.decide(cells);
    }, 240_000);

    it('comes to a verdict, part by part, with all that led to it', () => {
      expect(['reproduced', 'not-reproduced', 'inconclusive']).toContain(result.verdict);
      expect(result.sentence.length).toBeGreaterThan(20);
      expect(result.parts.length).toBeGreaterThan(0);
      for (const { claim, effect, margin, pairings, cases, verdict } of result.parts) {
        expect([claim, effect, verdict]).not.toContain('');
        expect(margin).toSatisfy(Number.isFinite);
        expect(pairings.length > 0).toBe(cases === undefined);
        expect(cases?.count).not.toBe(0);
        for (const { effects, interval } of pairings) {
          expect(effects).toHaveLength(Number(plan.protocol['seeds']));
          expect(interval?.count).toBe(effects.length);
        }
      }
    });

    it('has figures that can be drawn and tables that are full', () => {
      const ids = result.figures.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const figure of result.figures) {
        expect(figure.id).toMatch(/^[\w.-]+$/);
        expect(figure.caption).toMatch(/\.$/);
        for (const mark of figure.view === undefined ? figure.marks : []) {
          if (mark.mark === 'rule' || mark.mark === 'step' || mark.mark === 'ridge') continue;
          expect(mark.x.length, figure.id).toBeGreaterThan(0);
          expect(mark.x.every(Number.isFinite), figure.id).toBe(true);
          for (const values of 'y' in mark ? [mark.y] : [mark.low, mark.high]) {
            expect(values.length, figure.id).toBe(mark.x.length);
          }
        }
      }
      for (const { columns, rows, title } of result.tables) {
        expect(rows.length, title).toBeGreaterThan(0);
        for (const row of rows) expect(row, title).toHaveLength(columns.length);
      }
    });

    it('has the figures that write-ups are said to show', () => {
      const named = writeUps
        .flatMap(({ exhibits }) => exhibits)
        .flatMap(({ studies: tested, figures = [] }) => (tested.includes(name) ? figures : []));
      expect(named.filter((prefix) => !result.figures.some(({ id }) => id.startsWith(prefix)))).toEqual([]);
    });

    it('comes to the same again from its cells, none of which is repeated', async () => {
      const again = await run();
      expect(again.map(({ folder }) => folder)).toEqual(cells.map(({ folder }) => folder));
      expect(plan.decide(again)).toEqual(result);
    });
  });
});

/** Examples enough for any batch, of which nothing is looked at. */
const many = { images: new Uint8Array(), labels: new Uint8Array(), count: 60_000 };

describe('the registry of studies', () => {
  it('has names that are unique, and found by name, paper and tag', () => {
    const names = studies.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(selectStudies([])).toEqual(studies);
    for (const study of studies) {
      expect(findStudy(study.name)).toBe(study);
      for (const word of [study.name, study.paper, ...study.tags]) expect(selectStudies([word])).toContain(study);
    }
  });

  it('suggests the nearest claim', () => {
    expect(() => selectStudies(['santurkar2018/landscap'])).toThrow(
      "Unknown claim 'santurkar2018/landscap'; did you mean 'santurkar2018/landscape'?",
    );
    expect(() => selectStudies(['keskar2017/something-else'])).toThrow(
      "Unknown claim 'keskar2017/something-else'; known: keskar2017/sharpness",
    );
    expect(() => selectStudies(['xyzzyxyzzy'])).toThrow(
      /^Unknown claim 'xyzzyxyzzy'; known: ioffe2015, goodfellow2016, [a-z0-9, ]+$/,
    );
    expect(() => findStudy('santurkar2018')).toThrow(/^Unknown claim 'santurkar2018'; /);
  });

  it('has no hash on record of a study or budget that does not exist', () => {
    const recorded = JSON.parse(readFileSync(ledger, 'utf8')) as Record<string, Record<string, string>>;
    expect(Object.keys(recorded)).toEqual(studies.map(({ name }) => name));
    for (const hashes of Object.values(recorded)) expect(Object.keys(hashes)).toEqual([...budgets]);
  });
});
