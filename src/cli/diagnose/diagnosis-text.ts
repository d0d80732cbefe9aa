/** @file A diagnosis as text of 80 columns, and as JSON: the likeliest cause first, then findings, then what was measured. */

import { average } from '../../math/statistics.ts';
import { counted } from '../../counted.ts';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import type { Finding } from '../../diagnosis/finding.ts';
import { deadUnits } from '../../diagnosis/layer-counts.ts';
import type { Ceiling } from '../../diagnosis/trials.ts';
import type { Finding as FileFinding } from '../../inspection/finding.ts';
import { printable } from '../../onnx/shown.ts';
import { columns } from '../../report/plain-text.ts';
import { formatInterval3 } from '../../studies/number-text.ts';
import type { FileWords } from './file-words.ts';
import { indented, WIDTH, wrap } from '../lines.ts';

/** What stands above a diagnosis. */
export interface DiagnosisAbout {
  readonly network: string;
  readonly data: string;
  /** What is made of the input. */
  readonly fed: string;
  readonly batchSize: number;
  /** Of an ONNX file: what it says of itself. */
  readonly file?: FileWords | undefined;
}

export function diagnosisText(about: DiagnosisAbout, diagnosis: Diagnosis): string {
  const { findings } = diagnosis;
  const problems = findings.filter(({ level }) => level === 'problem');
  const notes = findings.filter(({ level }) => level === 'note');
  const parts = [
    ...firstWords(about, diagnosis).map((words) => paragraph(words, 0)),
    paragraph(`${about.network}, fed ${about.fed}, batches of ${about.batchSize}, on ${about.data}`, 0),
    findings.length === 0
      ? undefined
      : columns([['level', 'rule', 'layer', 'number', 'threshold'], ...findings.map(row)]),
    ...problems.map(findingText),
    notes.length === 0 ? undefined : ['notes', ...noteTexts(notes).map((text) => paragraph(text, 2))].join('\n'),
    ...(about.file?.findings ?? []).map(fileFindingText),
    measuredText(diagnosis),
  ];
  return parts.filter((part) => part !== undefined).join('\n\n');
}

/** The likeliest cause, and what the file says: that first where measurements have come to no problem and the file has one. */
export function firstWords({ file }: DiagnosisAbout, { sentence, findings }: Diagnosis): readonly string[] {
  if (file?.sentence === undefined) return [sentence];
  const isMeasured = findings.some(({ level }) => level === 'problem');
  const isOfFile = file.findings.some(({ level }) => level === 'problem');
  return isOfFile && !isMeasured ? [file.sentence, sentence] : [sentence, file.sentence];
}

/** Whether anything that was measured, or that the file says, is to be repaired. */
export function hasProblem({ file }: DiagnosisAbout, { findings }: Diagnosis): boolean {
  return [...findings, ...(file?.findings ?? [])].some(({ level }) => level === 'problem');
}

function fileFindingText({ level, rule, layer, text, repair }: FileFinding): string {
  const where = layer === undefined ? '' : ` at ${layer}`;
  return [
    printable(`${level} of the file: ${rule}${where}`),
    paragraph(text, 2),
    paragraph(`repair: ${repair}`, 2),
  ].join('\n');
}

/** What a diagnosis comes to as plain data; what is no number is null. */
export function diagnosisJson(about: DiagnosisAbout, diagnosis: Diagnosis): object {
  const { findings, measured, restoration, preprocessing, sizes, ceiling, bareCeiling, landscape } = diagnosis;
  return {
    sentence: firstWords(about, diagnosis)[0],
    ...about,
    findings,
    losses: measured && {
      frozen: measured.frozen,
      evaluation: measured.evaluation,
      gap: measured.gap,
    },
    norms: measured?.norms.map(({ place, staleness, distance, ratio, wander }) => ({
      layer: place.layer,
      channels: place.channels,
      epsilon: place.epsilon,
      kept: place.kept,
      staleness,
      distance: distance.interval,
      ratio: ratio.interval,
      wander,
    })),
    layers: measured?.layers.map(({ about: { name, activation, units }, spread, active }) => ({
      name,
      activation,
      units,
      spread,
      dead: active && deadUnits(active),
    })),
    weights: measured?.weights.map(({ about: { name, layer }, length, gradient }) => ({
      name,
      layer,
      length,
      gradient,
    })),
    restoration: restoration && { ...restoration, alone: Object.fromEntries(restoration.alone) },
    preprocessing: preprocessing && {
      best: preprocessing.best.name,
      gain: preprocessing.gain,
      tried: preprocessing.tried.map(({ scaling, accuracy, loss }) => ({ name: scaling.name, accuracy, loss })),
    },
    sizes,
    ceiling,
    bareCeiling,
    landscape,
  };
}

function row({ level, rule, layer, number, threshold, echoOf }: Finding): readonly string[] {
  return [echoOf === undefined ? level : 'echo', rule, printable(layer ?? '–'), figure(number), figure(threshold)];
}

function findingText({
  rule,
  layer,
  text,
  repair,
  interval,
  over = 'batches',
  what,
  counterfactual,
  echoOf,
}: Finding): string {
  const range = interval === undefined ? '' : ` [${figure(interval.lower)}, ${figure(interval.upper)}] over ${over}`;
  return [
    printable(
      `${rule}${layer === undefined ? '' : ` at ${layer}`}${echoOf === undefined ? '' : `, an echo of ${echoOf}`}`,
    ),
    paragraph(text, 2),
    paragraph(`measured: ${what}${range}`, 2),
    counterfactual && paragraph(`tried: ${counterfactual.run}: ${counterfactual.result}`, 2),
    paragraph(`repair: ${repair}`, 2),
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

/** One sentence for notes that differ in the layer alone. */
function noteTexts(notes: readonly Finding[]): readonly string[] {
  const alike = new Map<string, Finding[]>();
  for (const note of notes) {
    const key = note.layer === undefined ? note.text : note.text.replaceAll(note.layer, '');
    alike.set(key, [...(alike.get(key) ?? []), note]);
  }
  return [...alike.values()].map(([first, ...others]) => {
    const layers = others.map(({ layer }) => layer).join(', ');
    return `${first?.text ?? ''}${layers === '' ? '' : `; the same of ${layers}`}`;
  });
}

/** What is worth knowing though no rule speaks. */
function measuredText({
  measured,
  sizes,
  ceiling,
  bareCeiling,
  landscape,
  preprocessing,
}: Diagnosis): string | undefined {
  if (measured === undefined) return undefined;
  const [evaluation, frozen] = [measured.evaluation.loss, measured.frozen.loss].map(average);
  const rows: (readonly string[])[] = [
    ['loss, evaluation mode', figure(evaluation ?? Number.NaN)],
    [
      'loss, batch statistics',
      (sizes ?? [{ batchSize: measured.batchSize, loss: frozen ?? Number.NaN }])
        .map(({ batchSize, loss }) => `${figure(loss)} at ${batchSize}`)
        .join(', '),
    ],
  ];
  if (measured.evaluation.accuracy.length > 0) {
    rows.push(['accuracy, evaluation', `${(100 * average(measured.evaluation.accuracy)).toFixed(1)} %`]);
  }
  if (preprocessing !== undefined)
    rows.push(['best scaling', `${preprocessing.best.name} of ${preprocessing.tried.length}`]);
  if (ceiling !== undefined) rows.push(['largest rate, 30 steps', ceilingWords(ceiling)]);
  if (bareCeiling !== undefined) rows.push(['the same without norms', ceilingWords(bareCeiling)]);
  if (landscape !== undefined) {
    rows.push(['sharpness', `${figure(landscape.sharpness)}; 2 / sharpness = ${figure(landscape.edge)}`]);
    rows.push([
      'loss along the step',
      landscape.ray.map(({ s, loss }) => `${figure(loss)} at ${figure(s)}`).join(', '),
    ]);
  }
  return columns(rows.map(([word = '', ...rest]) => [word, ...rest]))
    .split('\n')
    .flatMap((line) => (line.length <= WIDTH ? [line] : wrap(line, WIDTH)))
    .join('\n');
}

/** Between which rates the ceiling lies, as far as both ends are known; or its interval over seeds. */
export function ceilingWords({ holds, fails, seeds }: Ceiling): string {
  if (seeds?.interval !== undefined)
    return `${formatInterval3(seeds.interval)} over ${counted(seeds.brackets.length, 'seed')}`;
  const without = seeds === undefined ? '' : '; no interval, as not every seed has an end within what is tried';
  if (holds === undefined) return `none: ${figure(fails ?? Number.NaN)} fails too`;
  return `${fails === undefined ? `${figure(holds)} and more` : `${figure(holds)} holds, ${figure(fails)} does not`}${without}`;
}

function figure(number: number): string {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : 'infinite';
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return number.toExponential(1);
  return String(Number(number.toPrecision(3)));
}

function paragraph(text: string, by: number): string {
  return indented(printable(text), by);
}
