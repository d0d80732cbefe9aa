/**
 * @file Simulates how busy hosts are kept by three ways to divide a sweep among them, beside figures published of the same:
 * `npx tsx tools/chunk-simulator.ts [--draws 24]`. 10,000 cells, 6 s of overhead per task, hosts ±15 %, estimates ±20 %.
 *
 * What the published table leaves open is read so:
 * - hosts: one takes 1 + 0.15 z times as long as usual, z standard normal;
 * - estimates: what a cell takes is its estimate times exp(0.2 z);
 * - cells: a third each takes half, once and one and a half times the time that is named (a grid has light settings and
 *   heavy ones): with cells that are all alike there were 6,165 tasks in the last row in place of 8,180;
 * - equal chunks: 4 per worker of as many cells, in the order of the plan; whoever is free takes the next;
 * - a queue: one cell at a time, heaviest first, at 0.05 s of overhead each, since it leaves 0.5 % of 10 s and 0.1 % of 60 s.
 * Utilisation is the time spent on cells over workers × time to the end. The table was of one draw; means of 24 agree with it to
 * 1 point where work tapers, in a queue, and for equal chunks in the rows of 60 s. For equal chunks they are 87 in place of 77 in
 * the first row, where draws lie between 83 and 91, and 69 in place of 76 in the last, between 64 and 75. Numbers of tasks agree to
 * 5 %.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mean } from '../src/math/statistics.ts';
import { createStream } from '../src/math/random.ts';
import { columns } from '../src/report/plain-text.ts';
import { taperedChunks } from '../src/sweeps/chunks.ts';

const CELLS = 10_000;
const TASK_OVERHEAD = 6;
const QUEUE_OVERHEAD = 0.05;
const FLOOR_SECONDS = 60;
const CHUNKS_PER_WORKER = 4;
const HOST_SPREAD = 0.15;
const ESTIMATE_SPREAD = 0.2;
const WEIGHTS = [0.5, 1, 1.5] as const;

/** Utilisations in %. */
interface Figures {
  readonly equal: number;
  readonly tapered: number;
  readonly tasks: number;
  readonly queue: number;
}

interface Row {
  /** Of a cell, on average. */
  readonly seconds: number;
  readonly workers: number;
  readonly published: Figures;
}

export interface SimulatedRow extends Row {
  /** Each figure of each draw of hosts, weights and errors. */
  readonly draws: readonly Figures[];
}

const rows: readonly Row[] = [
  { seconds: 10, workers: 32, published: { equal: 77, tapered: 96.6, tasks: 278, queue: 99.5 } },
  { seconds: 60, workers: 32, published: { equal: 86, tapered: 99.4, tasks: 409, queue: 99.9 } },
  { seconds: 60, workers: 256, published: { equal: 81, tapered: 95, tasks: 2318, queue: 98.5 } },
  { seconds: 600, workers: 1000, published: { equal: 76, tapered: 93.6, tasks: 8180, queue: 93 } },
];

/** The table, drawn so often. */
export function simulatedTable(draws: number): readonly SimulatedRow[] {
  return rows.map((row) => ({ ...row, draws: Array.from({ length: draws }, (_, draw) => simulated(row, draw)) }));
}

/** What estimates of cells come to that are `seconds` long on average. */
export function drawnEstimates(seconds: number, seed: number): readonly number[] {
  const stream = createStream({ seed, purpose: 'noise', layer: 'weights' });
  return Array.from({ length: CELLS }, () => seconds * (WEIGHTS[stream.integer(WEIGHTS.length)] ?? 1));
}

function simulated({ seconds, workers }: Row, seed: number): Figures {
  const slowness = normals(workers, seed, 'hosts').map((z) => 1 + HOST_SPREAD * z);
  const estimates = drawnEstimates(seconds, seed);
  const errors = normals(CELLS, seed, 'estimates');
  const takes = estimates.map((estimate, cell) => estimate * Math.exp(ESTIMATE_SPREAD * (errors[cell] ?? 0)));
  const inTasks = (tasks: readonly (readonly number[])[]): readonly number[] =>
    tasks.map((task) => task.reduce((sum, cell) => sum + (takes[cell] ?? 0), 0));

  const tapered = taperedChunks(estimates, { workers, floorSeconds: FLOOR_SECONDS });
  const heaviestFirst = estimates.map((_, cell) => cell).sort((a, b) => (estimates[b] ?? 0) - (estimates[a] ?? 0));
  return {
    equal: utilisation(inTasks(equalChunks(CHUNKS_PER_WORKER * workers)), slowness, TASK_OVERHEAD),
    tapered: utilisation(inTasks(tapered), slowness, TASK_OVERHEAD),
    tasks: tapered.length,
    queue: utilisation(
      heaviestFirst.map((cell) => takes[cell] ?? 0),
      slowness,
      QUEUE_OVERHEAD,
    ),
  };
}

function normals(count: number, seed: number, layer: string): readonly number[] {
  const values = new Float64Array(count);
  createStream({ seed, purpose: 'noise', layer }).fillNormal(values, 0, 1);
  return [...values];
}

/** So many stretches of the plan, whose lengths differ by one cell at most. */
function equalChunks(count: number): readonly (readonly number[])[] {
  const startOf = (chunk: number): number => Math.floor((chunk * CELLS) / count);
  return Array.from({ length: count }, (_, chunk) =>
    Array.from({ length: startOf(chunk + 1) - startOf(chunk) }, (__, i) => startOf(chunk) + i),
  );
}

/** In %, where whichever host is free first takes the next task. @param takes - on a usual host, s */
function utilisation(takes: readonly number[], slowness: readonly number[], overhead: number): number {
  const freeAt = slowness.map(() => 0);
  let spent = 0;
  for (const seconds of takes) {
    let first = 0;
    for (let host = 1; host < freeAt.length; host++) {
      if ((freeAt[host] as number) < (freeAt[first] as number)) first = host;
    }
    const atWork = seconds * (slowness[first] as number);
    freeAt[first] = (freeAt[first] as number) + overhead + atWork;
    spent += atWork;
  }
  return (100 * spent) / (slowness.length * Math.max(...freeAt));
}

/** The mean of a figure over the draws, and the least and the largest of them. */
export function rangeOf(
  { draws }: SimulatedRow,
  figure: keyof Figures,
): { readonly mean: number; readonly least: number; readonly most: number } {
  const values = draws.map((draw) => draw[figure]);
  return { mean: mean(values), least: Math.min(...values), most: Math.max(...values) };
}

function print(draws: number): void {
  const cellText = (row: SimulatedRow, figure: keyof Figures): string => {
    const { mean: middle, least, most } = rangeOf(row, figure);
    const decimals = figure === 'tasks' ? 0 : 1;
    const [shown, from, to] = [middle, least, most].map((value) => value.toFixed(decimals));
    return `${row.published[figure]}: ${shown} (${from}–${to})`;
  };
  const named = ['equal', 'tapered', 'tasks', 'queue'] as const;
  const lines = simulatedTable(draws).map((row) => [
    `${row.seconds} s, ${row.workers}`,
    ...named.map((figure) => cellText(row, figure)),
  ]);
  console.log(`Published: mean over ${draws} draws (least–most); utilisation in %.\n`);
  console.log(columns([['cell, workers', ...named], ...lines]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { draws: { type: 'string', default: '24' } } });
  print(Number(values.draws));
}
