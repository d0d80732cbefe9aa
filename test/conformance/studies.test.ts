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
import { device, runAll } from '../tiny-training.ts';

const circumstances = circumstancesOf(device, (name) => name);

/** A small network on few images, which it learns within a hundred steps. */
const tinyVgg = { model: 'mlp', width: '0.1', batchSize: '16', steps: '120', seeds: '3' };
const tinyImages = syntheticDataset({ classes: 10, shape: [3, 32, 32], count: 80, seed: 11 });

const tinyDigits = syntheticDataset({ classes: 10, shape: [1, 28, 28], count: 80, seed: 12 });
/** keskar2017's, of which all images are looked at. */
const tinyPerceptron = { examples: '80', layers: '2', units: '11', evaluations: '9', seeds: '3' };

/** A deep linear network whose gradients are compared. */
const tinyLinearShift = {
  depth: '4',
  width: '4',
  examples: '16',
  steps: '80',
  every: '10',
  layers: '2,3',
  seeds: '3',
  learningRate: '0.0005',
};
/** One step of a residual network. */
const tinyResnet = { model: 'resnet20', width: '0.1', batchSize: '3', seeds: '3', controlSeeds: '1', sizes: '3' };

/** Two small layers that descend fast enough to come to the edge of stability. */
const tinyEdge = { examples: '40', units: '8', every: '10', products: '6', seeds: '3' };
const halfImages = syntheticDataset({ classes: 10, shape: [3, 16, 16], count: 40, seed: 13 });

/** What falls by less than 99 % of itself is a plateau to it. */
const tinyAccuracy = {
  model: 'mlp',
  width: '0.1',
  examples: '80',
  batchSize: '16',
  augment: 'false',
  smallRateEpochs: '24',
  largeRateEpochs: '24',
  improvement: '0.99',
  smallRate: '0.005',
  largeRate: '0.05',
  seeds: '3',
};

/** Per study a protocol that is over in seconds, and data to run it on if it trains. */
const tiny: Readonly<Record<string, { readonly set: Record<string, string>; readonly dataset?: Dataset }>> = {
  'ioffe2015/backward': { set: { cases: '2' } },
  'ioffe2015/scale': { set: { cases: '3' } },
  'ioffe2015/inference': { set: { populations: '3', populationSize: '4', batchSize: '2', batches: '5' } },
  'ioffe2015/one-pass-variance': { set: { channels: '3', examples: '5', exponents: '1,2,3,4' } },
  'ioffe2015/jacobian': {
    set: {
      width: '5',
      batches: '7',
      coupledWidth: '2',
      coupledBatch: '5',
      idealWidth: '3',
      idealBatch: '7',
      idealCases: '1',
    },
  },
  'goodfellow2016/chain': { set: { chains: '2', deepest: '4' } },
  'kohler2018/length-direction': { set: { cases: '3', problems: '2', steps: '5' } },
  'salimans2016/weight-norm': { set: { cases: '3', seeds: '2', steps: '5' } },
  'dinh2017/rescaling': { set: { seeds: '2', examples: '23', steps: '40' } },
  'cai2019/least-squares': { set: { seeds: '2', steps: '30', inputs: '5', examples: '9' } },
  'li2020/exponential-rate': { set: { seeds: '2', steps: '4' } },
  'santurkar2018/observation-4-3': { set: { seeds: '2', units: '3', sizes: '4' } },
  'santurkar2018/theorem-4-1': { set: { seeds: '2', units: '3', model: 'mlp', width: '0.1', batchSize: '5' } },
  'santurkar2018/theorem-4-2': { set: { seeds: '2', units: '9', sizes: '4,7' } },
  'santurkar2018/theorem-4-4': { set: { seeds: '2', units: '3', sizes: '4', lossScales: '0.1,1' } },
  'santurkar2018/theorem-c-1': { set: { seeds: '2', units: '8', sizes: '4' } },
  'santurkar2018/lemma-4-5': { set: { seeds: '2', units: '3', sizes: '4' } },
  'bjorck2018/sgd-noise': { set: { draws: '50', examples: '12', sizes: '2,3', size: '2' } },
  'bjorck2018/random-products': { set: { seeds: '2', rows: '30', factors: '1,2', sweepRows: '10', sweepFactors: '3' } },
  'yang2019/gradient-explosion': {
    set: { seeds: '2', width: '20', depth: '6', from: '1', until: '5', batches: '5,8,32' },
  },
  'daneshmand2020/rank': {
    set: { widths: '3,5', layers: '40', burnIn: '20', every: '10', layersPerRun: '5', plainLayers: '150' },
  },
  'balduzzi2017/shattering': { set: { seeds: '2', depths: '1,3', units: '7', points: '20', traced: '3' } },
  'de2020/branch-scaling': {
    set: { seeds: '2', blocks: '3', images: '3', channels: '4', size: '3', resnetImages: '2', resnetSize: '4' },
  },
  'miyato2018/spectral-norm': { set: { seeds: '2', weights: '2', iterations: '60', points: '12', walkSteps: '2' } },
  'arjovsky2017/weight-clipping': {
    set: { seeds: '2', clips: '0.01,0.1', points: '12', walkSteps: '2', steps: '20', every: '10', testSize: '50' },
  },
  'ioffe2015/mnist': {
    set: {
      width: '0.1',
      batchSize: '16',
      steps: '150',
      seeds: '3',
      units: '2',
      evaluateEvery: '30',
      learningRates: '0.5,1',
    },
    dataset: tinyDigits,
  },
  'santurkar2018/robustness': {
    set: {
      width: '0.1',
      batchSize: '16',
      steps: '80',
      seeds: '3',
      initialScales: '0.5,2',
      learningRates: '0.1,0.3',
    },
    dataset: tinyDigits,
  },
  'santurkar2018/shift-linear': { set: tinyLinearShift },
  'santurkar2018/shift-linear-large-rate': { set: tinyLinearShift },
  'santurkar2018/landscape-linear': {
    set: { depth: '3', width: '4', examples: '16', steps: '160', every: '10', seeds: '3', learningRate: '0.0005' },
  },
  'santurkar2018/lp-linear': {
    set: { depth: '3', width: '4', examples: '16', steps: '40', seeds: '3', learningRate: '0.0005' },
  },
  'santurkar2018/faster': { set: { ...tinyVgg, layers: '1,3' }, dataset: tinyImages },
  'santurkar2018/larger-rates': { set: { ...tinyVgg, learningRates: '0.1,0.8' }, dataset: tinyImages },
  'santurkar2018/noisy': { set: { ...tinyVgg, layers: '1,3' }, dataset: tinyImages },
  'santurkar2018/noise-alone': { set: tinyVgg, dataset: tinyImages },
  'santurkar2018/shift': { set: { ...tinyVgg, layers: '2,3', every: '10' }, dataset: tinyImages },
  'santurkar2018/shift-small-rate': {
    set: { ...tinyVgg, layers: '2,3', every: '10', learningRate: '0.05' },
    dataset: tinyImages,
  },
  'santurkar2018/landscape': { set: { ...tinyVgg, every: '10', learningRates: '0.1,0.2' }, dataset: tinyImages },
  'santurkar2018/definitions': {
    set: {
      ...tinyVgg,
      width: '0.05',
      batchSize: '8',
      every: '8',
      layers: '2',
      multiples: '0.01,0.5,1',
      denseMultiples: '2',
      learningRates: '0.05,0.1',
      adamRate: '0.005',
      envelopeSeeds: '2',
    },
    dataset: tinyImages,
  },
  'santurkar2018/lp-norms': { set: { ...tinyVgg, normedSteps: '60' }, dataset: tinyImages },
  'santurkar2018/linf-average': { set: tinyVgg, dataset: tinyImages },
  'santurkar2018/histograms': { set: { ...tinyVgg, steps: '60', layers: '1,3', every: '20' }, dataset: tinyImages },
  'bjorck2018/moments-over-depth': { set: tinyResnet, dataset: tinyImages },
  'bjorck2018/class-gradients': { set: { ...tinyResnet, examples: '3' }, dataset: tinyImages },
  'bjorck2018/cancelling-sums': { set: { ...tinyResnet, layers: '2,5' }, dataset: tinyImages },
  'bjorck2018/gradient-tails': { set: { ...tinyResnet, layers: '2,5' }, dataset: tinyImages },
  'bjorck2018/diverging-update': {
    set: {
      ...tinyResnet,
      drawnLayers: '2,5',
      smallest: '0.01',
      largest: '1000',
      besideSmallest: '0.01',
      besideLargest: '1000',
    },
    dataset: tinyImages,
  },
  'bjorck2018/depth': {
    set: { models: 'vgg11,vgg13', width: '0.05', batchSize: '8', steps: '10', seeds: '3', ratio: '4', most: '1e9' },
    dataset: tinyImages,
  },
  'bjorck2018/learning-rate': {
    set: { ...tinyAccuracy, smallBatchSizes: '8', controlSeeds: '1' },
    dataset: tinyImages,
  },
  'bjorck2018/last-layer': { set: { ...tinyAccuracy, smallRate: '0.001' }, dataset: tinyImages },
  'de2020/skip-init': {
    set: {
      ...tinyAccuracy,
      model: 'resnet20',
      width: '0.15',
      smallRateEpochs: '5',
      largeRateEpochs: '9',
      largeRate: '0.1',
      seeds: '5',
      smallRate: '0.007',
    },
    dataset: tinyImages,
  },
  'cohen2021/edge': { set: { ...tinyEdge, learningRates: '0.2,0.3', time: '30' }, dataset: halfImages },
  'andreyev2024/batch-sharpness': {
    set: { ...tinyEdge, initialScale: '0.5', learningRate: '1', steps: '200', batchSizes: '10,20', stretch: '20' },
    dataset: halfImages,
  },
  'lyu2022/spherical-sharpness': {
    set: { ...tinyEdge, units: '16', learningRate: '0.1', weightDecay: '0.03', steps: '200' },
    dataset: halfImages,
  },
  'bjorck2018/step-size': { set: { ...tinyResnet, steps: '4', sizes: '4' }, dataset: tinyImages },
  'keskar2017/sharpness': {
    set: { ...tinyPerceptron, smallBatch: '8', largeBatch: '40', epochs: '12' },
    dataset: tinyDigits,
  },
  'bjorck2018/flatness': {
    set: { ...tinyPerceptron, batchSize: '16', learningRates: '0.1,0.3', epochs: '12' },
    dataset: tinyDigits,
  },
  'ghorbani2019/outliers': {
    set: { ...tinyVgg, steps: '60', every: '20', eigenvalues: '3', products: '8' },
    dataset: tinyImages,
  },
  'yao2020/shallow': {
    set: { layers: '2,3', channels: '3', batchSize: '8', steps: '30', from: '10', seeds: '3' },
    dataset: tinyImages,
  },
  'frankle2021/affine-alone': {
    set: {
      models: 'vgg11,vgg13,vgg16',
      compared: 'vgg11',
      width: '0.1',
      batchSize: '16',
      steps: '60',
      learningRate: '0.2',
      drawnGamma: 'false',
      seeds: '3',
    },
    dataset: halfImages,
  },
};

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
