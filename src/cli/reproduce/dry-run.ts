/** @file What `--dry-run` says: which cells are there already, and how long the others would take. */

import { counted } from '../../counted.ts';
import { type CellJob, cellText, type JobCell } from '../../cells/job.ts';
import { type Estimate, Estimates } from '../../cells/node/estimate.ts';
import { isFinished } from '../../cells/node/run-cells.ts';
import { columns, formatBytes } from '../../report/plain-text.ts';
import { formatDuration } from '../output.ts';
import { createProgressLine, type ProgressLine } from '../progress.ts';
import type { PlannedStudy, Workplace } from './reproduction.ts';

const NOTHING_LEFT = 'Nothing is left to do; the report would take seconds.';

export async function describeWork(
  planned: readonly PlannedStudy[],
  place: Workplace,
): Promise<{ readonly text: string; readonly json: unknown }> {
  const line = createProgressLine();
  const { studies, all } = await timedStudies(planned, place, line).finally(() => line.done());
  const json = studies.map(({ cells, ...study }) => ({
    ...study,
    cells: cells.map(({ job, cell: { arm, seed, place: setting }, found }) => ({
      arm,
      ...job.settings,
      ...setting,
      seed,
      found,
    })),
  }));
  const [only, ...others] = studies;
  return { text: only !== undefined && others.length === 0 ? wholeText(only) : overview(studies, all), json };
}

/** What is there of each study, and how long the rest would take; says once that it takes a while. */
async function timedStudies(
  planned: readonly PlannedStudy[],
  place: Workplace,
  line: ProgressLine,
): Promise<{ readonly studies: readonly DescribedStudy[]; readonly all: Estimate }> {
  const studies: DescribedStudy[] = [];
  const estimates = new Estimates();
  let isSaid = false;
  for (const [i, study] of planned.entries()) {
    const { jobs } = study.plan;
    const cells = jobs.flatMap((job) =>
      job.cells.map((cell) => ({ job, cell, found: isFinished(cell, place.circumstances, place.root) })),
    );
    const missing = cells.filter(({ found }) => !found);
    const isTimed = missing.some(({ job }) => job.pace.isTried);
    if (isTimed && !isSaid) line.begin('timing a few steps of each kind of network');
    isSaid ||= isTimed;
    if (isTimed)
      line.update(`timing a few steps of each kind of network | ${i + 1}/${planned.length} ${study.study.name}`);
    const { seconds, bytes } = await estimates.of({ ...place, jobs });
    place.signal.throwIfAborted();
    studies.push({
      name: study.study.name,
      budget: study.budget,
      cells,
      missing: missing.length,
      isTimed,
      seconds,
      bytes,
    });
  }
  return { studies, all: estimates.all };
}

interface DescribedStudy {
  readonly name: string;
  readonly budget: string;
  readonly cells: readonly { readonly job: CellJob; readonly cell: JobCell; readonly found: boolean }[];
  readonly missing: number;
  /** Whether the time of any of the missing cells was measured: only then is there much to store. */
  readonly isTimed: boolean;
  readonly seconds: number;
  readonly bytes: number;
}

/** A study that was asked for alone, cell by cell. */
function wholeText({ name, budget, cells, missing, isTimed, seconds, bytes }: DescribedStudy): string {
  const measured = isTimed ? ` on this machine, going by a few steps just now; ${formatBytes(bytes)} on disk` : '';
  return [
    `${name}, budget ${budget}: ${counted(cells.length, 'cell')}, ${cells.length - missing} finished already`,
    columns(cells.map(({ cell, found }) => [`  ${cellText(cell)}`, found ? 'finished' : 'to run'])),
    missing === 0 ? NOTHING_LEFT : `About ${formatDuration(seconds)}${measured}.`,
  ].join('\n');
}

function timeText(cells: number, missing: number, seconds: number): string {
  if (cells === 0) return 'not at this budget';
  return missing === 0 ? 'finished' : `about ${formatDuration(Math.max(1, seconds))}`;
}

/** Many studies, one in a line, and how long they take together. @param all - what studies share counted once */
function overview(studies: readonly DescribedStudy[], all: Estimate): string {
  const rows = studies.map(({ name, cells, missing, seconds }) => [
    name,
    counted(cells.length, 'cell'),
    timeText(cells.length, missing, seconds),
  ]);
  const sum = (of: (study: DescribedStudy) => number): number => studies.reduce((total, study) => total + of(study), 0);
  const cells = sum((study) => study.cells.length);
  const missing = sum((study) => study.missing);
  const size = studies.some(({ isTimed }) => isTimed) ? `; ${formatBytes(all.bytes)} on disk` : '';
  const shared = all.seconds < 0.99 * sum((study) => study.seconds) ? ', what claims share counted once' : '';
  return [
    columns(rows),
    `${counted(studies.length, 'claim')}, budget ${studies[0]?.budget ?? ''}: ${counted(cells, 'cell')}, ${cells - missing} finished already`,
    missing === 0 ? NOTHING_LEFT : `About ${formatDuration(all.seconds)} in all${shared}${size}.`,
  ].join('\n');
}
