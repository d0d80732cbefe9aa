/** @file What a sweep of one's own came to, so far: table and figures of its grid, in a report like any other. */

import { counted } from '../../counted.ts';
import { SettingError } from '../../errors.ts';
import { plainJson } from '../../records/canonical-json.ts';
import { maybeMaker } from '../../records/node/maker.ts';
import { openRunFolder, type RecordFormat } from '../../records/node/run-folder.ts';
import { loweringText } from '../../runtime/lowering-choice.ts';
import type { PlanFile } from '../../sweeps/node/plan-file.ts';
import type { Plan, TrainingsRequest } from '../../sweeps/plan.ts';
import type { SweptCell } from '../../sweeps/results.ts';
import { shellWord } from '../../shell-word.ts';
import type { Manifest } from '../report/manifest.ts';
import { writeDocument } from '../report/publish.ts';
import { foundCell } from '../reproduce/stored-study.ts';
import type { RunCell } from '../reproduce/study-section.ts';
import { armOfNorm } from '../run/chosen-network.ts';
import { sweepSection } from './sweep-section.ts';
import { sweepText } from './sweep-text.ts';
import { combinations, parsedTraining } from './swept-options.ts';

interface Published {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The request of a sweep of trainings. @throws {SettingError} for one of claims. */
function trainingsOf({ plan, path }: PlanFile): TrainingsRequest {
  if (plan.request.kind === 'trainings') return plan.request;
  throw new SettingError(
    `${path} is a sweep of claims, which have rules of their own; normscope reproduce --plan ${path} decides them`,
  );
}

/** Writes table, figures, records and manifest of what is finished. @throws {SettingError} for a sweep of claims. */
export function publishSweep(file: PlanFile, formats: readonly RecordFormat[], root: string = file.cells): Published {
  const { plan, folder } = file;
  const request = trainingsOf(file);
  const swept = sweptCells(request, plan, root);
  const cells = swept.flatMap(({ arm, setting, seed, finished }): readonly RunCell[] =>
    finished === undefined ? [] : [{ asked: { arm, seed, place: setting }, cell: finished }],
  );
  const { axes } = request;
  const over = axes.map(({ name }) => name).join(', ');
  const section = sweepSection({
    title: over === '' ? request.model : `${request.model} over ${over}`,
    axes,
    cells: swept,
    settings: [['options of all', request.words.map(shellWord).join(' ') || 'the usual ones']],
    command: plan.command,
    wallSeconds: undefined,
  });
  const report = writeDocument(
    openRunFolder(folder),
    section.title,
    [section],
    cells,
    manifestOf(file, cells),
    formats,
  );
  const missing = swept.length - cells.length;
  const rest =
    missing === 0
      ? ''
      : `\n${counted(missing, 'cell is', 'cells are')} missing yet; normscope submit ${folder} has them done.`;
  return {
    text: `${sweepText({ axes, cells: swept })}${rest}\nReport: ${report}`,
    json: { report, folder, finished: cells.length, missing },
  };
}

interface NamedCell extends SweptCell {
  /** As studies call it: without norms, or by the norm. */
  readonly arm: string;
}

/** In the order of the plan's jobs. */
function sweptCells({ words, axes, seeds }: TrainingsRequest, plan: Plan, root: string): readonly NamedCell[] {
  return combinations(axes).flatMap(({ setting, words: own }, i) => {
    const { norm } = parsedTraining([...words, ...own]).given;
    return seeds.map((seed, j): NamedCell => {
      const planned = plan.jobs[i * seeds.length + j]?.cells[0];
      const finished = planned && foundCell(root, planned.hash, plan.probes[planned.probes] ?? []);
      // The network of a file has the norms that it has, whatever the option's default.
      const made = finished?.config['problem'] as { readonly norm?: string } | undefined;
      return { arm: armOfNorm(made?.norm ?? norm), setting, seed, finished };
    });
  });
}

/** What all cells were made with, and on which machines. */
function manifestOf({ plan }: PlanFile, cells: readonly RunCell[]): Manifest {
  const { fixed } = plan;
  const machines = new Map<string, number>();
  for (const { cell } of cells) {
    const maker = maybeMaker(cell.folder);
    const machine =
      maker === undefined ? 'unknown' : `${maker.host}: ${maker.processor}, ${maker.instructions}, Node ${maker.node}`;
    machines.set(machine, (machines.get(machine) ?? 0) + 1);
  }
  const data = Object.entries(fixed.data);
  return {
    json: plainJson({
      command: 'sweep',
      fixed,
      machines: Object.fromEntries(machines),
      cells: cells.map(({ asked, cell }) => ({ ...asked, hash: cell.hash })),
    }),
    lines: [
      ['normscope', `${fixed.normscope}, code ${fixed.code.slice(0, 12)}, ONNX Runtime ${fixed.onnxruntime}`],
      [
        'computation',
        `lowering ${loweringText(fixed.device)}, float32; ${counted(fixed.device.threads, 'thread')} per cell`,
      ],
      ...[...machines].map(([machine, count]) => ['machine', `${machine} (${counted(count, 'cell')})`] as const),
      ...data.map(([name, checksum]) => ['data checksum', `${name}: ${checksum}`] as const),
    ],
  };
}
