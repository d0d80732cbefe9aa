import { describe, expect, it } from 'vitest';
import { device, tinyCell, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { need } from '../errors.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import { add } from '../graph/arithmetic.ts';
import { printGraph } from '../graph/print.ts';
import type { Mode } from '../nn/network.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { heldProbe } from '../probes/index.ts';
import { classifier, type ClassifierSettings } from '../problems/classifier.ts';
import type { NetworkFunction } from '../problems/network-function.ts';
import { type Problem, withoutRunningStatistics } from '../problems/problem.ts';
import { adam } from '../train/optimisers/adam.ts';
import { rmsProp } from '../train/optimisers/rms-prop.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { buildFrozen, buildStep } from '../train/step-graph.ts';
import type { TrainingSettings } from '../train/training-settings.ts';
import { cellHash, type Circumstances } from './job.ts';
import { trainingJob } from './training.ts';
import type { TrainingSpec } from './training-spec.ts';

const circumstances: Circumstances = {
  device,
  ort: '1.0.0',
  code: () => 'code 1',
  checksum: (dataset) => `checksum of ${dataset}`,
};
const cell = (spec: TrainingSpec) => need(trainingJob(spec).cells[0], 'a cell');
const hashOf = (spec: TrainingSpec, changes: Partial<Circumstances> = {}): string =>
  cellHash(cell(spec), { ...circumstances, ...changes });
const configOf = (spec: TrainingSpec): JsonObject => cell(spec).config(circumstances);

const spec: TrainingSpec = tinyCell();
const hash = hashOf(spec);
const training = (changes: Partial<TrainingSettings>): TrainingSpec => tinyCell(changes);
const trained = (problem: Problem): TrainingSpec => ({ ...spec, problem });
const network = (changes: Partial<ClassifierSettings>): TrainingSpec => trained(tinyProblem(changes));

describe('the hash of a training', () => {
  it('is 32 hexadecimal digits, the same each time and in any order of the settings', () => {
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    const reversed = Object.fromEntries(Object.entries(tinySettings).toReversed());
    const turned = JSON.parse(JSON.stringify(reversed)) as TrainingSettings;
    expect(hashOf({ ...spec, training: turned })).toBe(hash);
    const rebuilt = classifier('mlp', { width: 0.07, norm: 'batch', classes: 4, input: [2, 3, 5] });
    expect(hashOf(trained(rebuilt))).toBe(hash);
  });

  it.each<[string, TrainingSpec]>([
    ['the seed', training({ seed: 4 })],
    ['the learning rate', training({ learningRate: 0.06 })],
    ['the number of steps', training({ steps: 13 })],
    ['the batch size', training({ batchSize: 8 })],
    ['augmentation', training({ augment: true })],
    ['momentum', training({ optimiser: sgd({ momentum: 0.8, weightDecay: 1e-3 }) })],
    ['weight decay', training({ optimiser: sgd({ momentum: 0.9 }) })],
    ['Nesterov', training({ optimiser: sgd({ momentum: 0.9, weightDecay: 1e-3, nesterov: true }) })],
    ['a limit of weights', training({ optimiser: { ...tinySettings.optimiser, clip: 1 } })],
    ['multiples of the rate', training({ optimiser: { ...tinySettings.optimiser, multiples: { 'head/bias': 2 } } })],
    ['RMSProp', training({ optimiser: rmsProp() })],
    ['Adam', training({ optimiser: adam() })],
    ['the schedule', training({ schedule: { kind: 'cosine' } })],
    ['the evaluations, which are records', training({ evaluateEvery: 3 })],
    ['the data set’s name', training({ dataset: 'mnist' })],
    ['the model', trained(classifier('vgg11', { input: [2, 3, 5], classes: 4, width: 0.07, initialiser: 'glorot' }))],
    ['the norm', network({ norm: 'none' })],
    ['the form of the norm', network({ norm: 'batch-composed' })],
    ['a setting of the norm', network({ normSettings: { ...defaultNormSettings, epsilon: 1e-3 } })],
    ['the placement', network({ placement: 'after' })],
    ['the normalised layers', network({ normalised: 'last' })],
    ['the activation', network({ activation: 'tanh' })],
    ['the initialiser', network({ initialiser: 'he' })],
    ['the width', network({ width: 0.08 })],
    ['the shape of an image', network({ input: [2, 5, 3] })],
    ['the number of classes', network({ classes: 5 })],
    ['statistics of the batch alone', trained(withoutRunningStatistics(spec.problem))],
  ])('changes with %s', (_, changed) => {
    expect(hashOf(changed)).not.toBe(hash);
  });

  it.each<[string, Partial<Circumstances>]>([
    ['the threads', { device: { ...device, threads: 2 } }],
    ['the lowering', { device: { ...device, lowering: 'reference' } }],
    ['how it convolves', { device: { ...device, convolution: 'winograd2' } }],
    ['the data', { checksum: () => 'another' }],
    ['the code', { code: () => 'code 2' }],
    ['ONNX Runtime', { ort: '1.0.1' }],
  ])('changes with %s', (_, changes) => {
    expect(hashOf(spec, changes)).not.toBe(hash);
  });

  it.each<[string, TrainingSpec]>([
    ['the name of the arm', { ...spec, arm: 'treatment' }],
    ['the name of what varies', { ...spec, place: { width: 3 } }],
    ['probes', { ...spec, probes: [heldProbe('landscape'), heldProbe('gradient-moments')] }],
    ['the schedule of a probe', { ...spec, probes: [heldProbe('landscape', { every: 3 })] }],
  ])('does not change with %s', (_, changed) => {
    expect(hashOf(changed)).toBe(hash);
  });

  it('is the same whether the usual form of convolution is named or not', () => {
    expect(hashOf(spec, { device: { ...device, convolution: 'winograd4' } })).toBe(hash);
  });
});

describe('its config', () => {
  it('is plain JSON that says in words what the hash covers', () => {
    const config = configOf(spec);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    expect(config).toMatchObject({
      problem: { problem: 'classifier', network: 'mlp', input: [2, 3, 5], classes: 4, norm: 'batch', width: 0.07 },
      training: { ...tinySettings },
      device: { lowering: 'portable', convolution: 'winograd4', threads: 1 },
      data: 'checksum of synthetic',
      ort: '1.0.0',
      code: 'code 1',
    });
  });

  it('names the same graphs for all seeds and rates, and others for another network, batch or optimiser', () => {
    const graphsOf = (asked: TrainingSpec): unknown => configOf(asked)['graphs'];
    expect(graphsOf(spec)).toMatch(/^[0-9a-f]{64}$/);
    expect(graphsOf(training({ seed: 9, learningRate: 1, steps: 5 }))).toBe(graphsOf(spec));
    const others = [network({ norm: 'none' }), training({ batchSize: 8 }), training({ optimiser: sgd() })];
    for (const other of others) expect(graphsOf(other)).not.toBe(graphsOf(spec));
  });
});

describe('two problems that nothing but their functions tells apart', () => {
  /** A network that doubles its input in one mode; weight norm, so that a first batch has something to write. */
  const doublingIn = (doubled: Mode | undefined): Problem =>
    classifier(
      function net({ network: { g, mode }, dense, flatten, linear }) {
        return (x) => linear('head', dense('hidden', flatten(mode === doubled ? add(g, x, x) : x), 5), 4);
      } satisfies NetworkFunction,
      { input: [2, 3, 5], classes: 4, norm: 'weight' },
    );
  const plain = doublingIn(undefined);
  const text = (build: typeof buildFrozen, problem: Problem): string => printGraph(build(problem, 9));
  const step = (problem: Problem): string => printGraph(buildStep('step', problem, 9, tinySettings.optimiser));

  it('are one cell where they compute the same', () => {
    expect(hashOf(trained(doublingIn(undefined)))).toBe(hashOf(trained(plain)));
  });

  it.each<Mode>(['first', 'train', 'frozen', 'eval'])('are two cells where they differ in mode %s alone', (mode) => {
    const other = doublingIn(mode);
    expect(other.about).toEqual(plain.about);
    expect(step(other) === step(plain)).toBe(mode !== 'train');
    expect(text(buildFrozen, other) === text(buildFrozen, plain)).toBe(mode !== 'frozen');
    expect(hashOf(trained(other))).not.toBe(hashOf(trained(plain)));
  });
});
