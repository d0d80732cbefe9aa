/** @file What every probe must keep to, read off the registry: a new probe is checked without a line of its own. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRODUCT_COST, PRODUCT_GRAPH } from '../../src/curvature/hessian.ts';
import { syntheticDataset } from '../../src/data/synthetic.ts';
import { need } from '../../src/errors.ts';
import { type NormName, norms } from '../../src/norms/index.ts';
import { defaultNormSettings } from '../../src/norms/norm.ts';
import { papers } from '../../src/papers.ts';
import { configuredProbe, heldProbe, type ProbeName, probeName, probes } from '../../src/probes/index.ts';
import { probeRecord } from '../../src/probes/probe.ts';
import type { JsonObject } from '../../src/records/canonical-json.ts';
import { encodeSafetensors } from '../../src/records/safetensors.ts';
import type { FinishedCell, HeldProbe } from '../../src/records/cell.ts';
import { recordKey, type StepRecord } from '../../src/records/record.ts';
import { classifier, type ClassifierSettings } from '../../src/problems/classifier.ts';
import { runAll, tinyCell, tinyRequest, watchedDevices } from '../tiny-training.ts';

const names = Object.keys(probes) as ProbeName[];
const data = syntheticDataset({ classes: 4, shape: [3, 6, 6], count: 40, seed: 9 });
const STEPS = 11;
const EVERY = 4;
/** 0, 4 and 8. */
const MEASUREMENTS = 3;

/** A probe with its usual settings, and with every switch of them turned on. */
const variants: readonly (readonly [string, ProbeName, JsonObject])[] = names.flatMap((name) => {
  const usual = heldProbe(name, { every: EVERY }).settings;
  const switches = Object.entries(probes[name].defaults).filter(([, value]) => value === false);
  const isSame = switches.length === 0;
  const all = { ...usual, ...Object.fromEntries(switches.map(([key]) => [key, true])) };
  return [[name, name, usual] as const, ...(isSame ? [] : [[`${name} with all its switches on`, name, all] as const])];
});

let root: string;
let folders = 0;
interface Outcome {
  readonly cell: FinishedCell;
  readonly records: readonly StepRecord[];
  /** Programs run on its device, in order, once for each gradient that they compute. */
  readonly runs: readonly string[];
  /** All parameters, optimiser state and running statistics after the last step. */
  readonly state: Uint8Array;
}

const network: ClassifierSettings = { input: data.shape, classes: 4, norm: 'batch' };
const vgg = classifier('vgg11', { ...network, width: 0.04 });

async function run(held: readonly HeldProbe[], problem = vgg, steps = STEPS): Promise<Outcome> {
  const spec = tinyCell({ batchSize: 7, steps, evaluateEvery: 5 }, held, problem);
  const watched = watchedDevices();
  const runs: string[] = [];
  // A sweep is as many runs as it has values, and a product of the Hessian as long as some gradients.
  watched.before = (program, { s }) => {
    const gradients = program === PRODUCT_GRAPH ? PRODUCT_COST : (s?.length ?? 1);
    runs.push(...Array.from({ length: gradients }, () => program));
  };
  const request = { ...tinyRequest([spec], join(root, String(folders++))), openDevice: watched.openDevice };
  const cell = need((await runAll({ ...request, dataset: async () => data }))[0], 'a cell');
  const tensors = cell.checkpoint()?.tensors ?? new Map();
  return { cell, records: cell.records(), runs, state: encodeSafetensors(tensors) };
}

let bare: Outcome;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'normscope-probes-'));
  bare = await run([]);
});
afterAll(() => rmSync(root, { recursive: true }));

/** What a cell records of the training itself. */
const training = (records: readonly StepRecord[]): readonly StepRecord[] => {
  const own = new Set(bare.records.map(({ quantity }) => quantity));
  return records.filter(({ quantity }) => own.has(quantity));
};

function expectSameTrajectory(outcome: Outcome): void {
  expect(Buffer.compare(outcome.state, bare.state)).toBe(0);
  expect(training(outcome.records)).toEqual(bare.records);
}

describe.each(variants)('%s', (_, name, settings) => {
  const probe = probes[name];
  let outcome: Outcome;
  let measured: readonly StepRecord[];
  beforeAll(async () => {
    outcome = await run([{ name, settings }]);
    measured = outcome.records.filter(({ quantity }) => quantity in probe.quantities);
  });

  it('leaves weights, norm state, optimiser state, losses and evaluations as they are, bit for bit', () => {
    expect(bare.records.map(({ quantity }) => quantity)).toContain('test-loss');
    expectSameTrajectory(outcome);
  });

  it('measures at 0, every, 2 · every, … and at no other step', () => {
    expect([...new Set(measured.map(({ step }) => step))]).toEqual([0, EVERY, 2 * EVERY]);
    for (const quantity of new Set(measured.map((record) => record.quantity))) {
      const steps = measured.filter((record) => record.quantity === quantity).map(({ step }) => step);
      expect(new Set(steps).size, quantity).toBe(MEASUREMENTS);
    }
  });

  it('records what it has declared, with definition and mode, once per step and place, and nothing else', () => {
    expect(measured.length + bare.records.length).toBe(outcome.records.length);
    for (const { quantity, definition, mode } of measured) {
      expect({ definition, mode }).toEqual({
        definition: probe.quantities[quantity]?.definition,
        mode: probe.quantities[quantity]?.mode,
      });
    }
    const places = measured.map(recordKey);
    expect(new Set(places).size).toBe(places.length);
  });

  it('gives finite numbers', () => {
    expect(measured.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
  });

  it('costs what it says: runs of its own per measurement, and none for what it reads off the step', () => {
    const steps = outcome.runs.filter((program) => program === 'step' || program === 'probed-step');
    expect(steps).toHaveLength(STEPS);
    const { cost, firstCost } = configuredProbe(name, settings);
    const [own, most] = [outcome.runs.length - bare.runs.length, MEASUREMENTS * cost + firstCost];
    expect(own).toBeLessThanOrEqual(most);
    expect(own).toBeGreaterThanOrEqual(probe.endsEarly === true ? 1 : most);
    expect(steps.filter((program) => program === 'probed-step')).toHaveLength(
      (probe.fromStep ?? probe.needs) ? MEASUREMENTS : 0,
    );
  });

  it('is held by the finished cell with its settings', () => {
    expect(outcome.cell.holds([{ name, settings }])).toBe(true);
    expect(outcome.cell.holds([{ name, settings: { ...settings, every: EVERY + 1 } }])).toBe(false);
  });
});

describe.each(names)('the declaration of %s', (name) => {
  const probe = probes[name];

  it('says what, by whom, and by which definition', () => {
    expect(probe.title).toMatch(/^[a-z]/);
    expect(probe.paper === undefined || probe.paper in papers).toBe(true);
    expect(Object.keys(probe.quantities).length).toBeGreaterThan(0);
    for (const [quantity, { definition }] of Object.entries(probe.quantities)) {
      expect(quantity).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(definition.length, quantity).toBeGreaterThan(30);
    }
  });

  it('says what each setting must be, and refuses a schedule that never comes', () => {
    const { shape } = probe.settings;
    expect(Object.keys(shape)).toEqual(Object.keys(probe.defaults));
    expect(Object.values(shape).filter(({ description }) => description === undefined)).toEqual([]);
    for (const every of [0, -1, 1.5, Number.NaN, '5']) {
      expect(() => configuredProbe(name, { every })).toThrow(
        expect.objectContaining({ name: 'SettingError', message: expect.stringContaining("Setting 'every' of probe") }),
      );
    }
  });

  it('reads off the step, or brings graphs of its own, or both', () => {
    const { outputs, open } = configuredProbe(name, {}).readout;
    expect([outputs, open].some((means) => means !== undefined)).toBe(true);
  });

  it('takes its settings by name, and suggests none that it lacks', () => {
    const { settings } = heldProbe(name, { every: 3 });
    expect(configuredProbe(name, settings).settings).toEqual({ ...probe.defaults, every: 3 });
    // What is newer than cells is not named where it is as usual.
    const named = Object.keys(probe.defaults).filter((key) => !(probe.newer ?? []).some((one) => one === key));
    expect(Object.keys(settings)).toEqual(named);
    expect(() => configuredProbe(name, { evry: 3 })).toThrow(`Probe '${name}' has no setting 'evry'; it has every`);
  });

  it('shares no quantity with another', () => {
    const others = names.filter((other) => other !== name).flatMap((other) => Object.keys(probes[other].quantities));
    expect(Object.keys(probe.quantities).filter((quantity) => others.includes(quantity))).toEqual([]);
  });
});

describe('all probes together', () => {
  const schedules = names.map((name, i) => heldProbe(name, { every: 1 + i }));
  let together: Outcome;
  beforeAll(async () => {
    together = await run(schedules);
  }, 300_000);

  it('leave the trajectory as it is', () => {
    expectSameTrajectory(together);
    expect(together.records.length).toBeGreaterThan(bare.records.length);
  });

  it.each(names)('measure what %s measures alone', async (name) => {
    const own = (records: readonly StepRecord[]): readonly StepRecord[] =>
      records.filter(({ quantity }) => quantity in probes[name].quantities);
    const alone = await run(schedules.filter((held) => held.name === name));
    expect(own(together.records)).toEqual(own(alone.records));
  });
});

describe('the registry', () => {
  it('finds probes by name and suggests the nearest', () => {
    expect(names.map(probeName)).toEqual(names);
    expect(() => probeName('landscap')).toThrow("Unknown probe 'landscap'; did you mean 'landscape'?");
  });

  it('names settings that are newer than cells where they are not as usual', () => {
    const { settings: usual } = heldProbe('landscape');
    expect(Object.keys(usual)).toEqual(['every', 'multiples', 'random', 'seed']);
    expect(heldProbe('landscape', { batch: 'same', statistics: 'batch', decay: false }).settings).toEqual(usual);
    expect(heldProbe('landscape', { statistics: 'frozen' }).settings).toEqual({ ...usual, statistics: 'frozen' });
    expect(heldProbe('landscape', { decay: true }).settings).toEqual({ ...usual, decay: true });
  });

  it('lets no probe record what it has not declared', () => {
    expect(() => probeRecord({ quantities: {} }, 'sharpness', 0, 1)).toThrow(
      "A probe must declare what it records, got 'sharpness'",
    );
  });
});

/** Norms whose layers keep state, or draw random numbers, as their graphs say. */
const stateful = (Object.keys(norms) as NormName[]).filter((norm) => {
  if (norms[norm].leastPooled > 1 && norms[norm].pools?.batch === 'none') return false;
  const { g } = classifier('mlp', { input: [1, 3, 3], norm, width: 0.5 }).build({ mode: 'train', batchSize: 32 });
  return g.inputs.some(({ role }) => role.kind === 'state' || role.kind === 'random');
});

describe('norms with state or noise', () => {
  it('are those that keep running statistics, singular vectors, or draw', () => {
    expect(stateful).toEqual(
      expect.arrayContaining(['batch', 'batch-renorm', 'noisy-batch', 'spectral', 'ghost-batch']),
    );
  });

  it.each(stateful)('%s trains alike, bit for bit, whatever probes look at it', async (norm) => {
    const normSettings = { ...defaultNormSettings, ghostSize: 7 };
    const problem = classifier('mlp', { ...network, width: 0.07, norm, normSettings });
    const all = names.map((name) => heldProbe(name, { every: 2 }));
    // Measured at steps 0 and 2: what the first left behind would show in the steps after it, and in the second.
    const [plain, probed] = [await run([], problem, 4), await run(all, problem, 4)];
    expect(Buffer.compare(probed.state, plain.state)).toBe(0);
    expect(probed.records.length).toBeGreaterThan(plain.records.length);
    expect(probed.records.filter(({ quantity }) => quantity === 'loss')).toEqual(
      plain.records.filter(({ quantity }) => quantity === 'loss'),
    );
    // The landscape at x itself is the loss of the step: the probe's own graph has seen the same statistics and noise.
    const at0 = probed.records.filter(({ quantity, at }) => quantity === 'ray-loss' && at === 0);
    const losses = probed.records.filter(({ quantity, step }) => quantity === 'loss' && step % 2 === 0);
    expect(at0.map(({ value }) => value)).toEqual(losses.map(({ value }) => value));
  });
});
