/** @file What `normscope inspect` prints: at most 80 columns, with the file's names made fit for a terminal. */

import { counted } from '../../counted.ts';
import type { Finding } from '../../inspection/finding.ts';
import { exportRecipe } from '../../inspection/export-recipe.ts';
import type { InspectedLayer, Inspection } from '../../inspection/inspect-model.ts';
import type { OnnxPort } from '../../onnx/model.ts';
import { shown } from '../../onnx/shown.ts';
import { columns, formatBytes } from '../../report/plain-text.ts';
import { cut, WIDTH, wrap } from '../lines.ts';

/** A table with more rows than this shows as many of its beginning and its end as make so many. */
const MOST_ROWS = 32;
/** A list of names shows so many. */
const MOST_NAMES = 3;

/**
 * @param file - what to call the file
 * @param bytes - its size
 */
export function inspectionText(file: string, bytes: number, inspection: Inspection): string {
  return [
    header(file, bytes, inspection),
    ...layersTable(inspection.layers),
    normsText(inspection),
    findingsText(inspection.findings),
    trainingText(file, inspection),
  ].join('\n\n');
}

function header(file: string, bytes: number, inspection: Inspection): string {
  const { producer, irVersion, opsets, inputs, outputs, parameters, statistics, layers, nodes, nodesInBodies } =
    inspection;
  const maker = producer.name === '' ? 'an unnamed exporter' : shown(`${producer.name} ${producer.version}`.trim());
  const others = Object.entries(opsets).filter(([domain]) => domain !== '');
  const inBodies = nodesInBodies === 0 ? '' : `; ${nodesInBodies} of ${nodes} nodes inside branches and loops`;
  const rows: readonly (readonly [string, string])[] = [
    ['made by', `${maker}; ${formatBytes(bytes)}`],
    [
      'opset',
      [opsets[''] ?? 'none', ...others.map(([domain, version]) => `${shown(domain)} ${version}`)].join(', ') +
        `; IR ${irVersion}`,
    ],
    ...inputs.map((port): [string, string] => ['input', portText(port)]),
    ...outputs.map((port): [string, string] => ['output', portText(port)]),
    ['parameters', `${thousands(parameters)} in ${counted(layers.length, 'layer')}${inBodies}`],
    ...(statistics === 0 ? [] : [['statistics', `${thousands(statistics)} running means and variances`] as const]),
  ];
  const printed = rows.slice(0, MOST_ROWS).map(([word, text]) => labelled(word, text, 10));
  return [shown(file), ...printed].join('\n');
}

function portText({ name, type, shape }: OnnxPort): string {
  const sizes = shape?.map((size) => (typeof size === 'string' ? shown(size) : (size ?? '?')));
  return `${shown(name)}  ${type ?? 'no tensor'}${sizes === undefined ? '' : ` [${sizes.join(', ')}]`}`;
}

function layersTable(layers: readonly InspectedLayer[]): readonly string[] {
  if (layers.length === 0) return [];
  const rows = layers.map(({ name, op, weight, norm }) => [
    `  ${fit(name, 24)}`,
    fit(op, 13),
    `${fit(weight.name, 18)} [${fit(weight.shape.join(', '), 16)}]`,
    normText(norm, 80),
  ]);
  const left = rows.length - MOST_ROWS;
  const kept = left <= 0 ? rows : [...rows.slice(0, MOST_ROWS / 2), ...rows.slice(-MOST_ROWS / 2)];
  const lines = columns([['  layer', 'op', 'weight', 'norm'], ...kept])
    .split('\n')
    .map((line) => cut(line, WIDTH));
  if (left > 0) lines.splice(1 + MOST_ROWS / 2, 0, `  … ${counted(left, 'more layer')}; --json has all`);
  return [['Layers', ...lines].join('\n')];
}

function normText(norm: InspectedLayer['norm'], width: number): string {
  switch (norm.kind) {
    case 'kept':
      return fit(norm.name, width);
    case 'written-out':
      return 'written out';
    case 'folded':
      return 'folded in';
    case 'unclear':
      return 'unclear';
    case 'none':
      return '–';
  }
}

function normsText({ layers, norms }: Inspection): string {
  const of = (kind: InspectedLayer['norm']['kind']): readonly InspectedLayer[] =>
    layers.filter(({ norm }) => norm.kind === kind);
  const [folded, written, unclear] = [of('folded'), of('written-out'), of('unclear')];
  const lines: string[] = [];
  if (norms.length > 0) lines.push(labelled('kept', keptText(norms), 11));
  if (folded.length > 0) lines.push(labelled('folded in', foldedText(folded), 11));
  if (written.length > 0) {
    const text = `${written.length}, as a Mul and an Add by one number per channel: statistics can no longer be told from gamma and beta`;
    lines.push(labelled('written out', text, 11));
  }
  if (unclear.length > 0) {
    const text =
      `${counted(unclear.length, 'convolution has a bias', 'convolutions have biases')} of their own: a norm may have been folded ` +
      'in, or there never was one; the file does not tell';
    lines.push(labelled('unclear', text, 11));
  }
  if (lines.length === 0) lines.push('  absent: no batch norm in the file, and no sign that there was one');
  return ['Batch norms', ...lines].join('\n');
}

function keptText(norms: Inspection['norms']): string {
  const values = (of: (norm: Inspection['norms'][number]) => number): string =>
    [...new Set(norms.map((norm) => Number(of(norm).toPrecision(3))))].slice(0, MOST_NAMES).join(', ');
  const training = norms.filter(({ isTraining }) => isTraining).length;
  return (
    `${norms.length}; epsilon ${values(({ epsilon }) => epsilon)}, momentum ${values(({ momentum }) => momentum)} ` +
    `(the fraction kept)${training === 0 ? '' : `; ${training} in training mode`}`
  );
}

/** Who folded how many, and by which names one sees it. */
function foldedText(layers: readonly InspectedLayer[]): string {
  const groups = new Map<string, string[]>();
  for (const { norm } of layers) {
    if (norm.kind !== 'folded') continue;
    groups.set(norm.exporter, [...(groups.get(norm.exporter) ?? []), norm.sign]);
  }
  return [...groups]
    .map(([exporter, [sign = '', ...others]]) => {
      const who = exporter === 'its names' ? 'as the names of norms say' : `as ${exporter} leaves them`;
      return `${others.length + 1} into the weights, ${who}: '${shown(sign)}'`;
    })
    .join('; ');
}

function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'Findings: none';
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.level} ${finding.rule}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const count = `Findings: ${counted(problems, 'problem')}, ${counted(findings.length - problems, 'note')}`;
  return [count, ...[...groups.values()].map(groupText)].join('\n');
}

function groupText(group: readonly Finding[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const named = group.flatMap(({ layer }) => (layer === undefined ? [] : [shown(layer)]));
  const more = named.length > MOST_NAMES ? ` and ${named.length - MOST_NAMES} more` : '';
  const where = named.length === 0 ? '' : ` at ${named.slice(0, MOST_NAMES).join(', ')}${more}`;
  const text = group.length > 1 && named.length > 1 ? `the first: ${first.text}` : first.text;
  return [
    ...hang(`  ${first.level === 'problem' ? 'PROBLEM' : 'note'} ${first.rule}${where}`, 4),
    ...hang(`    ${text}`, 4),
    ...hang(`    repair: ${first.repair}`, 6),
  ].join('\n');
}

function trainingText(file: string, inspection: Inspection): string {
  const { coverage, layers, norms, producer, findings } = inspection;
  const { known, missing, static: fixed } = coverage;
  const isAll = missing.length === 0;
  const hasFolded = layers.some(({ norm }) => norm.kind === 'folded');
  const isWorthExporting =
    hasFolded ||
    findings.some(({ rule }) => rule === 'fixed-batch') ||
    layers.some(({ norm }) => norm.kind === 'unclear');
  const kinds = `${counted(known.length, 'kind')} of op`;
  const rows = [
    ...(isAll ? hang(`  all ${kinds} can be trained`, 4) : hang(`  ${kinds} can be trained; these cannot:`, 4)),
    ...missing.flatMap(({ op, count, repair }) => hang(`    ${fit(op, 40)} (${count}): ${repair}`, 6)),
    ...(fixed.length === 0
      ? []
      : hang(`  must not hang on the data: ${fixed.map(({ op, count }) => `${op} (${count})`).join(', ')}`, 4)),
  ];
  if (isAll) {
    const option = hasFolded ? ' --norms put-back' : '';
    rows.push('  measured on data:', `    $ normscope diagnose ${fit(file, 32)} --data DIR${option}`);
  }
  if (isWorthExporting && (producer.name === 'pytorch' || producer.name === '')) {
    const why =
      hasFolded || norms.length === 0
        ? 'To export it from PyTorch with its norms:'
        : 'To export it from PyTorch with an open batch:';
    rows.push('', `  ${why}`, '', ...exportRecipe.split('\n').map((line) => (line === '' ? '' : `    ${line}`)));
  }
  return ['To train it', ...rows].join('\n');
}

/** Text in lines of at most so many characters; of the middle of a word that is longer, some is left out. */
function brokenInto(text: string, width: number): readonly string[] {
  const words = text.split(' ').map((word) => (word.length > width ? fit(word, width) : word));
  return wrap(words.join(' '), width);
}

/** A label and a text beside it, in lines under each other. */
function labelled(label: string, text: string, width: number): string {
  const indent = width + 4;
  return `  ${label.padEnd(width)}  ${brokenInto(text, WIDTH - indent).join(`\n${' '.repeat(indent)}`)}`;
}

/** Lines that keep the first one's indent, and go on at another. */
function hang(text: string, indent: number): readonly string[] {
  const start = /^ */.exec(text)?.[0] ?? '';
  const [first = '', ...rest] = brokenInto(text.trim(), WIDTH - Math.max(start.length, indent));
  return [start + first, ...rest.map((line) => ' '.repeat(indent) + line)];
}

/** A name for a table: of its middle, what does not fit is left out. */
function fit(name: string, width: number): string {
  const letters = Array.from(shown(name));
  if (letters.length <= width) return letters.join('');
  const start = Math.floor((width - 1) / 2);
  return `${letters.slice(0, start).join('')}…${letters.slice(letters.length - (width - 1 - start)).join('')}`;
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
