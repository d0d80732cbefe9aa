import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import type { Finding } from '../../diagnosis/finding.ts';
import type { Spread } from '../../diagnosis/groups.ts';
import type { Measured, MeasuredLayer, MeasuredNorm, MeasuredWeight } from '../../diagnosis/measure.ts';
import { standardScaling } from '../../data/scalings.ts';
import type { Trial } from '../../diagnosis/trials.ts';
import { type DiagnosisMade, diagnosisReport } from './diagnosis-report.ts';

// Made-up numbers of a network of three layers whose names are as bad as a file can make them: none was measured.
const evil = '<script>alert("x")</script>\u001B[31m\u202E';
const names = ['conv1', evil, 'head'] as const;
const spread = (value: number): Spread => ({
  value,
  interval: { mean: value, lower: 0.9 * value, upper: 1.1 * value, count: 4 },
});

function normAt(layer: string, ratio: number): MeasuredNorm {
  const ones = Float64Array.of(1, 1, 1);
  return {
    place: {
      layer,
      channels: 3,
      perExample: 49,
      epsilon: 1e-5,
      gamma: `${layer}/gamma`,
      beta: undefined,
      runningMean: `${layer}/mean`,
      runningVariance: `${layer}/variance`,
      kept: 0.9,
      redundant: [],
    },
    population: { mean: ones, variance: ones, wander: ones },
    running: { mean: ones, variance: ones },
    staleness: { distance: 0.01, ratio },
    distance: spread(0.01),
    ratio: spread(ratio),
    wander: spread(0.02),
  };
}

const layerAt = (name: string): MeasuredLayer => ({
  about: { name, activation: 'relu', units: 3, hasNorm: true, hasShortcut: false },
  active: Float64Array.of(0, 0.5, 0.005),
  spread: spread(2),
  saturated: undefined,
});

const weightAt = (layer: string): MeasuredWeight => ({
  about: { name: `${layer}/weight`, layer, shape: [3, 2, 5, 5], count: 150, isNormalised: layer !== 'head' },
  length: 3,
  gradient: spread(0.6),
  reached: 1,
});

function measuredOf(ratios: readonly number[]): Measured {
  const normed = names.slice(0, 2);
  return {
    state: new Map(normed.map((layer) => [`${layer}/gamma`, Float32Array.of(1, 1, 1)])),
    batchSize: 7,
    looks: [],
    norms: normed.map((layer, i) => normAt(layer, ratios[i] as number)),
    layers: normed.map(layerAt),
    weights: names.map(weightAt),
    frozen: { loss: [0.1, 0.2, 0.3], accuracy: [1, 1, 0.9] },
    evaluation: { loss: [1.1, 1.2, 1.3], accuracy: [0.5, 0.6, 0.7] },
    gap: spread(1),
  };
}

const trial = (rate: number, holds: boolean): Trial => ({
  rate,
  losses: holds ? [2, 1, 0.5] : [2, 1e9],
  holds,
  fault: holds ? undefined : 'diverges',
  growth: 1.1,
  unchanged: [],
});

const stale = (layer: string): Finding => ({
  rule: 'stale-variance',
  level: 'problem',
  layer,
  number: 4,
  what: 'R: median over channels',
  threshold: 1,
  interval: { mean: 4, lower: 3.6, upper: 4.4, count: 4 },
  text: `the running variances of ${layer} are off by a factor of 16`,
  repair: 'compute them anew',
  counterfactual: {
    run: `population statistics put into ${layer} alone`,
    result: 'evaluation loss 0.2',
    helps: true,
  },
});

const healthy: Diagnosis = {
  sentence: 'Nothing was found that ails this network.',
  findings: [],
  measured: measuredOf([0.02, 0.03]),
  preprocessing: {
    tried: [{ scaling: standardScaling({ mean: [0], std: [1] }), accuracy: 0.9, loss: 0.2 }],
    best: standardScaling({ mean: [0], std: [1] }),
    gain: { value: 0, interval: undefined },
    loss: 0.2,
    accuracy: 0.9,
  },
  sizes: [
    { batchSize: 2, loss: 0.5 },
    { batchSize: 7, loss: 0.2 },
  ],
  ceiling: { holds: 1.6, fails: undefined, trials: [trial(0.2, true), trial(1.6, true)] },
  bareCeiling: {
    holds: 0.1,
    fails: 0.2,
    trials: [trial(0.2, false), trial(0.1, true)],
    seeds: { brackets: [{ holds: 0.1, fails: 0.15 }], interval: { mean: 0.12, lower: 0.1, upper: 0.15, count: 1 } },
  },
  landscape: {
    ray: [
      { s: 0, loss: 0.2 },
      { s: 0.1, loss: 0.1 },
    ],
    sharpness: 8,
    residual: 0,
    edge: 0.25,
  },
};

/** Both layers, so that one rule speaks twice. */
const faulted: Diagnosis = {
  ...healthy,
  sentence: `The running variances of ${evil} are off.`,
  findings: [stale(evil), { ...stale('conv1'), echoOf: evil }],
  measured: measuredOf([2, 4]),
  restoration: {
    frozen: 0.2,
    before: 1.2,
    target: 0.2,
    all: 0.19,
    alone: new Map([
      [evil, 0.21],
      ['conv1', Number.NaN],
    ]),
    cause: [evil],
    after: 0.21,
  },
};

const made: DiagnosisMade = {
  scaling: 'standard',
  seed: 0,
  rate: 0.1,
  commands: [{ what: 'This diagnosis', command: "normscope diagnose 'a b.onnx' --data mnist" }],
  wallSeconds: 12,
  created: '2026-11-29T02:00:00.000Z',
  manifest: [['normscope', '0']],
};

const about = { network: `${evil}.onnx`, data: 'made-up data', fed: 'pixel / 255', batchSize: 7 };

function pageOf(diagnosis: Diagnosis) {
  const text = diagnosisReport(about, diagnosis, made);
  return { text, document: parseHTML(text).document };
}

const titlesIn = (of: ReturnType<typeof pageOf>['document']): readonly string[] =>
  [...of.querySelectorAll('figure:not(.table) h4')].map(({ textContent }) => textContent);

describe('the report of a faulted network', () => {
  const { text, document } = pageOf(faulted);
  const articles = [...document.querySelectorAll('.finding')];

  it('says the likeliest cause first, then each rule once, with number, interval, trial, repair and one figure', () => {
    expect(document.querySelector('.verdict p')?.textContent).toMatch(/^The running variances of/);
    expect(articles).toHaveLength(1);
    const article = articles[0] as (typeof articles)[number];
    expect(article.querySelector('.badge')?.textContent).toBe('problem');
    expect(article.querySelector('.facts')?.textContent).toMatch(
      /4, 95 % over batches: 4\.00 \[3\.60, 4\.40\].*a problem beyond 1.*put into .* alone.*evaluation loss 0\.2.*Compute them anew\./,
    );
    expect(titlesIn(article)).toEqual(['Running variances against those of the data']);
    const rows = [...article.querySelectorAll('tbody tr')].map((row) => row.textContent);
    expect(rows.map((row) => /problem|echo/.exec(row)?.[0])).toEqual(['problem', 'echo']);
  });

  it('marks the layers that are beyond the threshold, and draws no figure twice', () => {
    const caption = articles[0]?.querySelector('figcaption')?.textContent;
    expect(caption).toMatch(/Problem: .*script.*\. Echo of another finding: conv1\./);
    const titles = titlesIn(document);
    expect(new Set(titles).size).toBe(titles.length);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names what is no number where it cannot be drawn', () => {
    const modes = [...document.querySelectorAll('figure')].find(({ textContent }) =>
      textContent.includes('Loss in evaluation and in training mode'),
    );
    expect(modes?.querySelector('figcaption')?.textContent).toContain('not drawn: conv1.');
  });

  it('escapes names of the file, and leaves out what cannot be seen', () => {
    expect(text).toContain('&lt;script&gt;alert(');
    // The page's own scripts alone.
    expect([...document.querySelectorAll('script')].filter((script) => script.textContent.includes('alert'))).toEqual(
      [],
    );
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('<code>normscope diagnose &#39;a b.onnx&#39; --data mnist</code>');
  });
});

describe('the report of a healthy network', () => {
  const { document } = pageOf(healthy);

  it('shows losses by mode and batch, rates with and without norms, the landscape, and every depth profile', () => {
    expect(document.querySelectorAll('.finding')).toHaveLength(0);
    expect(titlesIn(document)).toEqual([
      'Loss in evaluation and in training mode',
      'Loss by batch size',
      'Accuracy by scaling of the input',
      'Learning rates that hold',
      'Short trainings',
      'Loss along the step',
      'Size of what layers compute, before their norms',
      'Gradients beside their weights',
      'Running means against those of the data',
      'Running variances against those of the data',
      'How far batch means move, at batches of 7',
      'Units that are 0 on every example',
    ]);
    expect(document.body.textContent).toMatch(
      /The largest with its norms: 1\.6 and more\. The largest without norms: 0\.12 \[/,
    );
    expect(document.body.textContent).toContain('diverges');
  });

  it('has a row for each layer, in a box that scrolls by itself', () => {
    const table = [...document.querySelectorAll('figure.table')].find(
      ({ firstElementChild }) => firstElementChild?.textContent === 'Layer by layer',
    );
    const columns = [...(table?.querySelectorAll('thead th') ?? [])].map(({ textContent }) => textContent);
    const rows = [...(table?.querySelectorAll('tbody tr') ?? [])].map((row) =>
      [...row.children].map(({ textContent }) => textContent),
    );
    expect(rows.map(([, number]) => number)).toEqual(['1', '2', '3']);
    const of = (column: string): readonly (string | undefined)[] => rows.map((row) => row[columns.indexOf(column)]);
    expect(of('kind')).toEqual([
      ...Array<string>(2).fill('convolution 5 × 5, 2 → 3; batch norm; ReLU'),
      'convolution 5 × 5, 2 → 3',
    ]);
    expect(of('R')).toEqual(['0.02', '0.03', '–']);
    // One of three units is never above 0, two less than 1 % of the time.
    expect([of('dead %')[0], of('idle %')[0]]).toEqual(['33.3', '66.7']);
    expect(columns).not.toContain('saturated %');
    expect(table?.querySelector('.scroll table')).not.toBeNull();
  });
});

it('has a page for parameters that are no numbers, of which nothing else is measured', () => {
  const notFinite = { ...stale('conv1'), rule: 'not-finite', interval: undefined, counterfactual: undefined };
  const { document } = pageOf({ sentence: 'Nothing is a number.', findings: [notFinite] });
  expect(document.querySelector('.finding')?.id).toBe('finding-not-finite-conv1');
  expect(titlesIn(document)).toEqual([]);
});
