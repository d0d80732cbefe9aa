/** @file From findings to blocks of a report: what one rule says of many layers is one block, with one figure. */

import { capitalised } from '../../capitalised.ts';
import { counted } from '../../counted.ts';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import type { Finding } from '../../diagnosis/finding.ts';
import { ranked } from '../../diagnosis/likeliest-cause.ts';
import { type RuleName, thresholds } from '../../diagnosis/thresholds.ts';
import type { Finding as FileFinding } from '../../inspection/finding.ts';
import { printable, shown } from '../../onnx/shown.ts';
import { formatInterval, formatNumber } from '../../report/format.ts';
import type { FindingBlock } from '../../studies/document.ts';
import type { Figure, Table } from '../../studies/figure.ts';

/** The figures of a rule that stand with it, and the rules with which others of its figures stand. */
export interface RuleFigures {
  readonly here: readonly Figure[];
  readonly with: readonly string[];
}

/** Names that fit on a line of a heading. */
const MOST_NAMED = 3;

/** Causes first, then problems that others explain, then notes; in each the likeliest first. @param figuresOf - of a rule */
export function findingBlocks(
  { findings }: Diagnosis,
  figuresOf: (rule: string) => RuleFigures,
): readonly FindingBlock[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of ranked(findings)) groups.set(finding.rule, [...(groups.get(finding.rule) ?? []), finding]);
  // In the order of the page, so that a figure stands with the first of the rules that it belongs to.
  return order.flatMap((level) =>
    [...groups].flatMap(([rule, alike]) =>
      levelOfAll(alike) === level ? [blockOf(rule, alike, figuresOf(rule))] : [],
    ),
  );
}

const order: readonly FindingBlock['level'][] = ['problem', 'echo', 'note'];

function levelOfAll(alike: readonly Finding[]): FindingBlock['level'] {
  const levels = alike.map(levelOf);
  return order.find((one) => levels.includes(one)) ?? 'note';
}

function levelOf({ level, echoOf }: Pick<Finding, 'level' | 'echoOf'>): FindingBlock['level'] {
  return echoOf === undefined ? level : 'echo';
}

function blockOf(rule: string, alike: readonly Finding[], figures: RuleFigures): FindingBlock {
  const level = levelOfAll(alike);
  // What the block is headed by is said of a layer at that level.
  const sorted = alike.toSorted((a, b) => Number(levelOf(b) === level) - Number(levelOf(a) === level));
  const [first] = sorted as [Finding, ...Finding[]];
  return {
    level,
    rule,
    where: whereOf(sorted),
    text: sentence(first.text),
    facts: [
      ...factsOf(first, alike.length > 1 ? `${shownLayer(first)}: ` : ''),
      ...figures.with.map((other) => ['figure', `stands with ${other}`] as const),
    ],
    tables: alike.length > 1 ? [layersTable(rule, sorted)] : [],
    figures: figures.here,
  };
}

function whereOf(alike: readonly Finding[]): string {
  const layers = alike.map(shownLayer);
  const more = layers.length - MOST_NAMED;
  return more > 0 ? `${layers.slice(0, MOST_NAMED).join(', ')} and ${counted(more, 'more layer')}` : layers.join(', ');
}

function shownLayer({ layer }: Pick<Finding, 'layer'>): string {
  return layer === undefined ? 'the whole network' : shown(layer);
}

function factsOf(finding: Finding, of: string): FindingBlock['facts'] {
  const { rule, what, number, threshold, interval, over = 'batches', level, counterfactual, repair, echoOf } = finding;
  const range = interval === undefined ? '' : `, 95 % over ${over}: ${formatInterval(interval)}`;
  const source = isRule(rule) ? `; ${thresholds[rule].source}` : '';
  const facts: (readonly [string, string])[] = [
    ['measured', `${of}${Number.isNaN(number) ? 'no number' : formatNumber(number)}${range}`],
    ['which is', what],
    ['threshold', `a ${level} beyond ${formatNumber(threshold)}${source}`],
  ];
  if (counterfactual !== undefined) {
    facts.push(['tried', counterfactual.run]);
    facts.push(['came of it', `${counterfactual.result}${counterfactual.helps ? '' : '; it does not help'}`]);
  }
  if (echoOf !== undefined) facts.push(['explained by', echoOf]);
  facts.push(['repair', sentence(repair)]);
  return facts.map(([word, value]) => [word, printable(value)]);
}

function isRule(name: string): name is RuleName {
  return Object.hasOwn(thresholds, name);
}

/** What differs from layer to layer. */
function layersTable(rule: string, alike: readonly Finding[]): Table {
  const none = Number.NaN;
  const columns: readonly (readonly [string, (finding: Finding) => string | number])[] = [
    ['layer', shownLayer],
    ['level', levelOf],
    ['number', ({ number }) => number],
    ['lower', ({ interval }) => interval?.lower ?? none],
    ['upper', ({ interval }) => interval?.upper ?? none],
    ['came of it', ({ counterfactual }) => printable(counterfactual?.result ?? '')],
  ];
  const differing = columns.filter(([, of], i) => i < 3 || new Set(alike.map(of)).size > 1);
  return {
    title: `${rule}, by layer`,
    caption: differing.some(([name]) => name === 'lower')
      ? 'Lower and upper are the 95 % interval over batches; what is the same for all stands above.'
      : 'What is the same for all stands above.',
    columns: differing.map(([name]) => name),
    rows: alike.map((finding) => differing.map(([, of]) => of(finding))),
  };
}

/** What the file says of itself, without a measurement. */
export function fileBlock({ level, rule, layer, number, text, repair }: FileFinding): FindingBlock {
  const facts: readonly (readonly [string, string])[] = [
    ...(number === undefined ? [] : [['number', formatNumber(number)] as const]),
    ['repair', sentence(repair)],
  ];
  const where = layer === undefined ? 'of the file' : `of the file, ${shown(layer)}`;
  return { level, rule, where, text: sentence(text), facts, tables: [], figures: [] };
}

function sentence(text: string): string {
  return `${capitalised(printable(text))}.`;
}
