/** @file From the cells of a sweep to its section of the report. */

import type { StudySection, TrainingSection } from '../../studies/document.ts';
import { curveFigures, trainingFigures } from '../../sweeps/curves.ts';
import { mapFigures } from '../../sweeps/maps.ts';
import { LOSS_DEFINITION } from '../../sweeps/measures.ts';
import type { SweepAxis } from '../../sweeps/plan.ts';
import { settingResults, type SweptCell } from '../../sweeps/results.ts';
import { outcomeText, settingTable } from '../../sweeps/table.ts';
import { definitionsOf } from '../reproduce/study-section.ts';

export interface SweepToShow {
  /** "mlp over lr and norm". */
  readonly title: string;
  readonly axes: readonly SweepAxis[];
  /** In the order of the plan, those that are missing too. */
  readonly cells: readonly SweptCell[];
  /** What all cells share, as pairs of a word and its value. */
  readonly settings: readonly (readonly [string, string])[];
  /** What repeats it, or goes on with it. */
  readonly command: string;
  readonly wallSeconds: number | undefined;
}

/** @throws {SettingError} where cells and axes do not fit each other. */
export function sweepSection(sweep: SweepToShow): TrainingSection {
  const { title, axes, cells, settings, command, wallSeconds } = sweep;
  const results = settingResults(axes, cells);
  return {
    kind: 'training',
    eyebrow: 'Sweep',
    title,
    sentence: outcomeText(axes, results),
    figures: [...mapFigures(axes, results), ...curveFigures(axes, results), ...trainingFigures(axes, results)],
    tables: [settingTable(axes, results)],
    settings: [...axes.map(({ name, values }) => [name, values.join(', ')] as const), ...settings],
    definitions: definitionsShown(cells),
    command,
    wallSeconds,
  };
}

/** Those of a cell that is whole, which all share, and that of what is made of them. */
function definitionsShown(cells: readonly SweptCell[]): StudySection['definitions'] {
  const whole = cells.flatMap(({ finished }) => finished ?? []);
  // Only one that diverged says by what rule it did.
  const found = whole.find(({ summary }) => typeof summary['divergedAt'] === 'number');
  const records = [whole[0], found].flatMap((cell) => cell?.records() ?? []);
  return [{ quantity: 'final-training-loss', mode: 'train', definition: LOSS_DEFINITION }, ...definitionsOf(records)];
}
