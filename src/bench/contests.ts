/** @file Which contests a bench holds: as data, and as the command line narrows them. */

import { heldProbe } from '../probes/index.ts';
import type { ModelName } from '../models/index.ts';
import type { NormName } from '../norms/index.ts';
import type { HeldProbe } from '../records/cell.ts';
import { checkSubject, type Subject } from './subject.ts';

/** A step with probes, to be timed beside the plain step of the same subject. */
export interface ProbedSubject {
  readonly title: string;
  readonly subject: Subject;
  readonly probes: readonly HeldProbe[];
}

/** A norm whose step is timed beside that of batch norm, as cells train: several at once, each on its own thread. */
export interface NormSubject {
  readonly subject: Subject;
  readonly norm: NormName;
  readonly cells: number;
}

/** What the command line names; what it does not name is as the defaults have it. */
export interface Named {
  readonly model?: readonly ModelName[];
  readonly width?: number;
  readonly norm?: readonly NormName[];
  readonly batch?: readonly number[];
  readonly threads: readonly number[];
}

type Work = Omit<Subject, 'threads'>;
const work = (model: ModelName, norm: NormName = 'batch', batchSize = 128): Work => ({
  model,
  width: 1,
  norm,
  batchSize,
});

const defaultSteps: readonly Work[] = [
  work('resnet20'),
  work('resnet56'),
  work('resnet110'),
  work('vgg16'),
  work('resnet20', 'none'),
  work('vgg16', 'none'),
  work('resnet20', 'batch', 8),
];

interface ProbeContest extends Pick<ProbedSubject, 'title' | 'probes'> {
  /** The norm that it is measured with where none is named. */
  readonly norm: NormName;
}

/** Step sizes of the landscape where its cost is measured: a gradient for each. */
export const sevenMultiples: readonly number[] = [0.01, 0.5, 1, 1.5, 2, 3, 4];

/** Products of a step by which the largest eigenvalue is followed: the cheapest, and as many as an overtaking takes. */
export const followedBy: readonly number[] = [1, 4];

/** What the titles of their contests begin with. */
export const FOLLOWED = 'sharpness, followed';

/** Each probe measures at every step, so that its whole cost shows. */
const probeContests: readonly ProbeContest[] = [
  { title: 'norms', norm: 'batch', probes: [heldProbe('norms', { every: 1 })] },
  { title: 'activations', norm: 'none', probes: [heldProbe('activation-moments', { every: 1 })] },
  { title: 'histograms', norm: 'batch', probes: [heldProbe('gradient-histograms', { every: 1 })] },
  {
    title: 'landscape × 7',
    norm: 'batch',
    probes: [heldProbe('landscape', { every: 1, multiples: sevenMultiples, random: false })],
  },
  { title: 'batch sharpness', norm: 'batch', probes: [heldProbe('batch-sharpness', { every: 1 })] },
  ...followedBy.map(
    (products): ProbeContest => ({
      title: `${FOLLOWED} × ${products}`,
      norm: 'batch',
      probes: [heldProbe('sharpness', { every: 1, warm: true, iterations: 1, warmIterations: products })],
    }),
  ),
];

/**
 * The subjects whose plain step is timed. Where networks, norms or batches are named: every combination of them.
 * @throws {SettingError} for networks that cannot be trained; so do the others.
 */
export function stepSubjects(named: Named): readonly Subject[] {
  const { width, threads } = named;
  const works = combinations(named) ?? defaultSteps.map((each) => ({ ...each, width: width ?? each.width }));
  return threads.flatMap((count) => works.map((each) => checked({ ...each, threads: count })));
}

/** The subjects whose step is timed without and with probes, at the first of the numbers of threads. */
export function probedSubjects(named: Named): readonly ProbedSubject[] {
  const [threads = 1] = named.threads;
  return probeContests.flatMap(({ norm, title, probes }) => {
    const works = combinations(named, norm) ?? [{ ...work('resnet20', norm), width: named.width ?? 1 }];
    return works.map((each) => ({ title, subject: checked({ ...each, threads }), probes }));
  });
}

/**
 * The norms whose step is timed beside that of batch norm, two cells at once: noise, which must not cost more than the
 * training that it disturbs, on the network that it is studied on, or what is named.
 */
export function normSubjects(named: Named): readonly NormSubject[] {
  const { model = ['vgg11'], width = named.model === undefined ? 0.25 : 1, batch = [128] } = named;
  const norms = (named.norm ?? ['noisy-batch']).filter((norm) => norm !== 'batch');
  return norms.flatMap((norm) => {
    const works = combinations({ ...named, model, width, norm: ['batch'], batch }) ?? [];
    return works.map((each) => ({ subject: checked({ ...each, threads: 1 }), norm, cells: 2 }));
  });
}

/** Every combination of what is named, the default for what is not; undefined where nothing is. */
function combinations({ model, width = 1, norm, batch }: Named, defaultNorm: NormName = 'batch'): Work[] | undefined {
  if (model === undefined && norm === undefined && batch === undefined) return undefined;
  return (model ?? ['resnet20']).flatMap((eachModel) =>
    (norm ?? [defaultNorm]).flatMap((eachNorm) =>
      (batch ?? [128]).map((batchSize) => ({ model: eachModel, width, norm: eachNorm, batchSize })),
    ),
  );
}

function checked(subject: Subject): Subject {
  checkSubject(subject);
  return subject;
}
