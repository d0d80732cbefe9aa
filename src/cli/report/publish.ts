/** @file Writes what studies came to into a run's folder, and says it in a few lines. */

import type { CellRecord } from '../../records/record.ts';
import type { RecordFormat, RunFolder } from '../../records/node/run-folder.ts';
import { renderFigure } from '../../report/figure/figure.ts';
import type { PageEngine } from '../../report/page-engine.ts';
import { renderReport } from '../../report/report.ts';
import type { ReportDocument, StudySection, TrainingSection } from '../../studies/document.ts';
import type { Figure } from '../../studies/figure.ts';
import type { Verdict } from '../../studies/verdict.ts';
import { writeUps, writeUpsAbout } from '../../studies/write-ups/index.ts';
import type { CheckedReport } from '../reproduce/check-figures.ts';
import { describeRun, type Manifest, type NamedCell, namedCells, type RunMade } from './manifest.ts';
import { tellingSettings } from '../run/probe-settings-text.ts';
import { runEvents } from './stored-run.ts';
import { createProgressLine, type ProgressLine } from '../progress.ts';
import type { RunCell, StudyRun } from '../reproduce/study-section.ts';
import { tally } from '../reproduce/verdict-text.ts';

export interface Published {
  readonly verdicts: readonly Verdict[];
  readonly text: string;
  readonly json: unknown;
}

/**
 * Records, figures, manifest and report of studies, of which `sections` are in the order of the runs.
 * @param checked - of a report whose figures can be checked where it is read
 */
export function publish(
  folder: RunFolder,
  runs: readonly StudyRun[],
  sections: readonly StudySection[],
  made: RunMade,
  formats: readonly RecordFormat[],
  checked?: CheckedReport,
): Published {
  const cells = runs.flatMap(({ outcome }) => (typeof outcome === 'string' ? [] : outcome.cells));
  const report = writeDocument(
    folder,
    'Claims about batch normalisation, tested',
    sections,
    cells,
    describeRun(made, cells, runs),
    formats,
    checked?.engine,
  );
  const verdicts = sections.flatMap(({ result }) => (result === undefined ? [] : [result.verdict]));
  return {
    verdicts,
    text: [tally(sections), ...(checked === undefined ? [] : [checked.text]), `Report: ${report}`].join('\n'),
    json: {
      report,
      folder: folder.path,
      ...(checked !== undefined && { checkable: checked.studies }),
      studies: sections.map(({ name, budget, result, notRun }) => ({
        name,
        budget,
        ...(result === undefined
          ? { notRun }
          : { verdict: result.verdict, sentence: result.sentence, parts: result.parts, notes: result.notes }),
      })),
    },
  };
}

/** Writes everything of a run that is derived from its cells. @returns the path of the report. */
export function writeDocument(
  folder: RunFolder,
  title: string,
  sections: readonly (StudySection | TrainingSection)[],
  cells: readonly RunCell[],
  manifest: Manifest,
  formats: readonly RecordFormat[],
  engine?: PageEngine,
): string {
  const line = createProgressLine();
  try {
    folder.writeRecords({ [Symbol.iterator]: () => tables(cells, line) }, formats);
  } finally {
    line.done();
  }
  folder.writeManifest(manifest.json);
  for (const section of sections) {
    const figures = figuresOf(section);
    for (const figure of figures) folder.writeFigure(figure.id, renderFigure(figure));
  }
  const names = sections.flatMap((section) => (section.kind === 'study' ? [section.name] : []));
  const document: ReportDocument = {
    title,
    // When the last of its work ended, so that whoever writes it again writes the same.
    created: runEvents(folder.path).at(-1)?.time ?? new Date().toISOString(),
    manifest: manifest.lines,
    sections,
    // A report on one claim shows what is said of that claim alone.
    writeUps: names.length > 1 ? writeUps : writeUpsAbout(names),
  };
  return folder.writeReport(renderReport(document, engine));
}

function figuresOf(section: StudySection | TrainingSection): readonly Figure[] {
  if (section.kind === 'study') return section.result?.figures ?? [];
  const { rows = [], folded = [] } = section.distributions ?? {};
  return [...section.figures, ...rows.flat(), ...folded];
}

/** Records of a long run take a minute, of which whoever waits is told; of most they take no time. */
const PATIENCE_MS = 2000;

function* tables(cells: readonly RunCell[], line: ProgressLine): Generator<readonly CellRecord[]> {
  const started = Date.now();
  const named = namedCells(cells);
  for (const [written, cell] of named.entries()) {
    if (Date.now() - started > PATIENCE_MS) line.update(`writing records | ${written}/${named.length} cells`);
    yield cellRecords(cell);
  }
}

/** All records of a cell; where it holds a probe more than once, by which settings each was measured. */
function cellRecords({ arm, seed, setting, cell }: NamedCell): readonly CellRecord[] {
  const probeText = tellingSettings(cell.probes);
  return cell.allRecords().map((record) => {
    const settings = record.probe === undefined ? undefined : probeText[record.probe];
    const place = settings !== undefined && { place: { ...record.place, probe: settings } };
    // Spread last: named fields after a spread make each of millions of rows a hash table, of three times the memory.
    return { cell: cell.hash, arm, seed, setting, ...record, ...place };
  });
}
