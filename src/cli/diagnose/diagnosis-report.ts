/** @file A diagnosis as a report: one page with the likeliest cause, each finding with its figure, and all that was measured. */

import { counted } from '../../counted.ts';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import { printable } from '../../onnx/shown.ts';
import { formatNumber } from '../../report/format.ts';
import { describeMachine } from '../../report/node/machine.ts';
import { renderReport } from '../../report/report.ts';
import { loweringText } from '../../runtime/lowering-choice.ts';
import type { DiagnosisSection, MeasuredGroup, ReportDocument } from '../../studies/document.ts';
import type { Figure, Table } from '../../studies/figure.ts';
import { depthFigure, type DepthFigureName, isDepthFigure } from './diagnosis-depth-figures.ts';
import { fileBlock, findingBlocks, type RuleFigures } from './diagnosis-findings.ts';
import {
  ceilingFigure,
  growthFigure,
  landscapeFigure,
  modesFigure,
  scalingFigures,
  sizesFigure,
  trialsFigure,
} from './diagnosis-loss-figures.ts';
import { layerTable, lossTable, rateTable, ruleTable, scalingTable } from './diagnosis-tables.ts';
import { type DiagnosisAbout, firstWords } from './diagnosis-text.ts';
import { machineLines } from '../report/manifest.ts';
import { errorText, type TrustedDevice } from '../trusted-device.ts';

/** What a report says beside the diagnosis itself. */
export interface DiagnosisMade {
  /** The name of the scaling that the network was fed by. */
  readonly scaling: string;
  /** Keys the order of the examples. */
  readonly seed: number;
  /** The user's learning rate, where one was named. */
  readonly rate: number | undefined;
  /** What repeats it, with what each command does; the last is the diagnosis itself. */
  readonly commands: DiagnosisSection['commands'];
  readonly wallSeconds: number;
  /** ISO time. */
  readonly created: string;
  /** Machine, versions, lowering. */
  readonly manifest: ReportDocument['manifest'];
}

/** With the machine that it was made on, and the time. */
export function madeBy(
  { device, check }: TrustedDevice,
  made: Omit<DiagnosisMade, 'created' | 'manifest'>,
): DiagnosisMade {
  return {
    ...made,
    created: new Date().toISOString(),
    manifest: [
      ...machineLines(describeMachine()),
      ['computation', `lowering ${loweringText(device)}, float32, ${counted(device.threads, 'thread')}`],
      ['self-check', `${errorText(check)} on a small network with all its gradients`],
    ],
  };
}

export function diagnosisReport(about: DiagnosisAbout, diagnosis: Diagnosis, made: DiagnosisMade): string {
  return renderReport({
    title: `Diagnosis of ${printable(about.network)}`,
    created: made.created,
    manifest: made.manifest,
    sections: [sectionOf(about, diagnosis, made)],
    writeUps: [],
  });
}

function sectionOf(about: DiagnosisAbout, diagnosis: Diagnosis, made: DiagnosisMade): DiagnosisSection {
  const figures = new FigureShelf(diagnosis, made);
  const findings = [
    ...findingBlocks(diagnosis, (rule) => figures.takeFor(rule)),
    ...(about.file?.findings ?? []).map(fileBlock),
  ];
  const hasProblem = findings.some(({ level }) => level === 'problem');
  return {
    kind: 'diagnosis',
    title: hasProblem ? 'The likeliest cause' : 'What was found',
    sentences: firstWords(about, diagnosis).map(printable),
    about: aboutPairs(about, diagnosis, made),
    findings,
    measured: groupsOf(diagnosis, figures),
    commands: made.commands,
    wallSeconds: made.wallSeconds,
  };
}

function aboutPairs(
  { network, data, fed, batchSize }: DiagnosisAbout,
  { measured }: Diagnosis,
  { seed, rate }: DiagnosisMade,
): DiagnosisSection['about'] {
  const batches = measured?.frozen.loss.length;
  return [
    ['network', printable(network)],
    ['data', printable(data)],
    ['fed', printable(fed)],
    [
      'batch',
      batches === undefined ? String(batchSize) : `${batchSize}; ${counted(batches, 'batch', 'batches')} looked at`,
    ],
    ['learning rate', rate === undefined ? 'none named' : formatNumber(rate)],
    ['seed', String(seed)],
  ];
}

type LossFigures = ReturnType<typeof lossFigures>;
type FigureName = keyof LossFigures | DepthFigureName;

/** Every figure that there can be of losses and rates, by name; each drawn when asked for. */
function lossFigures(diagnosis: Diagnosis, { scaling, rate }: Pick<DiagnosisMade, 'scaling' | 'rate'>) {
  return {
    modes: () => modesFigure(diagnosis),
    sizes: () => sizesFigure(diagnosis),
    accuracies: () => scalingFigures(diagnosis, scaling)[0],
    losses: () => scalingFigures(diagnosis, scaling)[1],
    rates: () => ceilingFigure(diagnosis, rate),
    trials: () => trialsFigure(diagnosis),
    growth: () => growthFigure(diagnosis),
    landscape: () => landscapeFigure(diagnosis),
  } satisfies Readonly<Record<string, () => Figure | undefined>>;
}

/** Figures of one diagnosis, each of which stands on the page once: with the first finding that it belongs to. */
class FigureShelf {
  readonly #diagnosis: Diagnosis;
  readonly #losses: LossFigures;
  /** By which rule each was taken; undefined where by none. */
  readonly #taken = new Map<FigureName, string | undefined>();

  constructor(diagnosis: Diagnosis, made: DiagnosisMade) {
    this.#diagnosis = diagnosis;
    this.#losses = lossFigures(diagnosis, made);
  }

  /** Those that are still there and have something to show. */
  take(names: readonly FigureName[], by?: string): readonly Figure[] {
    return names.flatMap((name) => {
      if (this.#taken.has(name)) return [];
      const figure = this.#drawn(name);
      if (figure === undefined) return [];
      this.#taken.set(name, by);
      return [figure];
    });
  }

  #drawn(name: FigureName): Figure | undefined {
    if (!isDepthFigure(name)) return this.#losses[name]();
    const { measured, findings } = this.#diagnosis;
    return measured && depthFigure(name, measured, findings);
  }

  takeFor(rule: string): RuleFigures {
    const names = figuresOfRule[rule] ?? [];
    const others = new Set(names.flatMap((name) => this.#taken.get(name) ?? []));
    return { here: this.take(names, rule), with: [...others] };
  }
}

/** What shows a finding best, first. */
const figuresOfRule: Readonly<Record<string, readonly FigureName[]>> = {
  'poisoned-statistics': ['poisoned'],
  'never-updated': ['ratio', 'distance'],
  'stale-mean': ['distance'],
  'stale-variance': ['ratio'],
  'train-eval-gap': ['modes'],
  'momentum-convention': ['modes'],
  'small-batch': ['wander'],
  'batch-noise': ['sizes'],
  'dead-relu': ['dead'],
  'idle-relu': ['dead'],
  'constant-channel': ['constant'],
  'dead-gamma': ['gammas'],
  'gradient-spread': ['gradients'],
  'gradient-ratio': ['gradients'],
  'vanishing-gradient': ['gradients'],
  'zero-gradients': ['zeroGradients'],
  'saturated-tanh': ['saturated'],
  'activation-growth': ['spread'],
  'bare-depth': ['spread'],
  'epsilon-share': ['epsilon'],
  preprocessing: ['accuracies', 'losses'],
  'rate-ceiling': ['trials'],
  'weight-growth': ['growth'],
};

/** What is shown of every network, as far as no finding has taken it. */
const groups: readonly {
  readonly title: string;
  readonly isFolded?: boolean;
  readonly figures: readonly FigureName[];
  readonly tables: readonly ((diagnosis: Diagnosis) => Table | undefined)[];
}[] = [
  { title: 'What it gets right', figures: ['modes', 'sizes', 'accuracies'], tables: [lossTable, scalingTable] },
  {
    title: 'Learning rates and landscape',
    figures: ['rates', 'trials', 'landscape'],
    tables: [rateTable],
  },
  {
    title: 'Layers',
    figures: ['spread', 'gradients', 'distance', 'ratio', 'wander', 'dead', 'saturated'],
    tables: [({ measured }) => measured && layerTable(measured)],
  },
  { title: 'What was looked for', isFolded: true, figures: [], tables: [ruleTable] },
];

function groupsOf(diagnosis: Diagnosis, shelf: FigureShelf): readonly MeasuredGroup[] {
  return groups.flatMap(({ figures, tables, ...about }) => {
    const group = {
      ...about,
      figures: shelf.take(figures),
      tables: tables.flatMap((table) => table(diagnosis) ?? []),
    };
    return group.figures.length + group.tables.length === 0 ? [] : [group];
  });
}
