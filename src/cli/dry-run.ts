/** @file What `--dry-run` says: which cells are there already, and how long the others would take. */

import { counted } from '../counted.ts';
import type { CellSpec } from '../cells/cell-spec.ts';
import { estimateSeconds } from '../cells/node/estimate.ts';
import { isFinished } from '../cells/node/run-cells.ts';
import { columns, formatBytes } from '../report/plain-text.ts';
import { formatDuration } from './output.ts';
import { createProgressLine } from './progress.ts';
import type { PlannedStudy, Workplace } from './reproduction.ts';

const NOTHING_LEFT = 'Nothing is left to do; the report would take seconds.';

export async function describeWork(
  planned: readonly PlannedStudy[],
  place: Workplace,
): Promise<{ readonly text: string; readonly json: unknown }> {
  const studies: DescribedStudy[] = [];
  for (const study of planned) {
    const dataset = await place.open(study);
    const cells = study.specs.map((spec) => ({ spec, found: isFinished(spec, dataset, place.root) }));
    const missing = cells.filter(({ found }) => !found).map(({ spec }) => spec);
    const trains = missing.some((spec) => 'training' in spec);
    const line = createProgressLine();
    if (trains) line.begin('timing a few steps of each kind of network');
    const { seconds, bytes } = await estimateSeconds(missing, dataset, place.parallel).finally(() => line.done());
    place.signal.throwIfAborted();
    studies.push({
      name: study.study.name,
      budget: study.budget,
      cells,
      missing: missing.length,
      trains,
      seconds,
      bytes,
    });
  }
  const json = studies.map(({ cells, ...study }) => ({
    ...study,
    cells: cells.map(({ spec, found }) => ({ arm: spec.arm, ...settingsOf(spec), found })),
  }));
  const [only, ...others] = studies;
  return { text: only !== undefined && others.length === 0 ? wholeText(only) : overview(studies), json };
}

interface DescribedStudy {
  readonly name: string;
  readonly budget: string;
  readonly cells: readonly { readonly spec: CellSpec; readonly found: boolean }[];
  readonly missing: number;
  /** Whether any of the missing cells trains: only then is the time measured, and is there much to store. */
  readonly trains: boolean;
  readonly seconds: number;
  readonly bytes: number;
}

/** A study that was asked for alone, cell by cell. */
function wholeText({ name, budget, cells, missing, trains, seconds, bytes }: DescribedStudy): string {
  const measured = trains ? ` on this machine, going by a few steps just now; ${formatBytes(bytes)} on disk` : '';
  return [
    `${name}, budget ${budget}: ${counted(cells.length, 'cell')}, ${cells.length - missing} finished already`,
    columns(cells.map(({ spec, found }) => [`  ${cellText(spec)}`, found ? 'finished' : 'to run'])),
    missing === 0 ? NOTHING_LEFT : `About ${formatDuration(seconds)}${measured}.`,
  ].join('\n');
}

/** Many studies, one in a line, and how long they take together. */
function overview(studies: readonly DescribedStudy[]): string {
  const rows = studies.map(({ name, cells, missing, seconds }) => [
    name,
    counted(cells.length, 'cell'),
    missing === 0 ? 'finished' : `about ${formatDuration(Math.max(1, seconds))}`,
  ]);
  const sum = (of: (study: DescribedStudy) => number): number => studies.reduce((total, study) => total + of(study), 0);
  const cells = sum((study) => study.cells.length);
  const missing = sum((study) => study.missing);
  const size = studies.some(({ trains }) => trains) ? `; ${formatBytes(sum((study) => study.bytes))} on disk` : '';
  return [
    columns(rows),
    `${counted(studies.length, 'claim')}, budget ${studies[0]?.budget ?? ''}: ${counted(cells, 'cell')}, ${cells - missing} finished already`,
    missing === 0 ? NOTHING_LEFT : `About ${formatDuration(sum((study) => study.seconds))} in all${size}.`,
  ].join('\n');
}

function settingsOf(spec: CellSpec): object {
  if ('training' in spec) return { ...spec.problem.about, ...spec.training };
  const { seed, settings } = spec.measurement;
  return { ...settings, seed };
}

function cellText(spec: CellSpec): string {
  const { arm } = spec;
  if ('measurement' in spec) return `${arm.padEnd(8)}  seed ${spec.measurement.seed}`;
  const { learningRate, seed, steps } = spec.training;
  const model = spec.problem.about.network;
  return `${arm.padEnd(8)}  ${model}  lr ${learningRate}  seed ${seed}  ${counted(steps, 'step')}`;
}
