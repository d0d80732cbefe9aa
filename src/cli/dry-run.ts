/** @file What `--dry-run` says: the cells, which of them are there already, and how long the others would take. */

import type { CellSpec } from '../cells/cell-spec.ts';
import { estimateSeconds } from '../cells/estimate.ts';
import { isFinished } from '../cells/run-cells.ts';
import { columns, formatBytes, formatDuration } from './output.ts';
import { createProgressLine } from './progress.ts';
import type { PlannedStudy, Workplace } from './reproduction.ts';

export async function describeWork(
  planned: readonly PlannedStudy[],
  place: Workplace,
): Promise<{ readonly text: string; readonly json: unknown }> {
  const studies = [];
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
  const text = studies.map(({ name, budget, cells, missing, trains, seconds, bytes }) =>
    [
      `${name}, budget ${budget}: ${cells.length} cells, ${cells.length - missing} finished already`,
      columns(cells.map(({ spec, found }) => [`  ${cellText(spec)}`, found ? 'finished' : 'to run'])),
      missing === 0
        ? 'Nothing is left to do; the report would take seconds.'
        : `About ${formatDuration(seconds)}${trains ? ` on this machine, going by a few steps just now; ${formatBytes(bytes)} on disk` : ''}.`,
    ].join('\n'),
  );
  const json = studies.map(({ cells, ...study }) => ({
    ...study,
    cells: cells.map(({ spec, found }) => ({ arm: spec.arm, ...settingsOf(spec), found })),
  }));
  return { text: text.join('\n\n'), json };
}

function settingsOf(spec: CellSpec): object {
  if ('training' in spec) return spec.training;
  const { seed, settings } = spec.measurement;
  return { ...settings, seed };
}

function cellText(spec: CellSpec): string {
  const { arm } = spec;
  if ('measurement' in spec) return `${arm.padEnd(8)}  seed ${spec.measurement.seed}`;
  const { model, learningRate, seed, steps } = spec.training;
  return `${arm.padEnd(8)}  ${model}  lr ${learningRate}  seed ${seed}  ${steps} steps`;
}
