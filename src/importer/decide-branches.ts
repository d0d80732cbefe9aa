/**
 * @file Branches of a file, decided before anything is measured: by constants, by a run of what leads to the condition, or, where the
 * condition follows the data, by each example for itself.
 */

import { DataError, UnsupportedOpError } from '../errors.ts';
import { constantsOf } from '../onnx/constants.ts';
import { exposed } from '../onnx/expose.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from '../onnx/model.ts';
import { readOnnx } from '../onnx/read.ts';
import type { ExternalLoader } from '../onnx/tensors.ts';
import { type Decisions, withoutBranches } from '../onnx/without-branches.ts';
import type { RunForeign } from '../runtime/foreign.ts';
import { fedInput } from './fed-input.ts';
import { feedOf, sample } from './measure.ts';
import { dynamicValues, makersOf, readsOf } from './walks.ts';

interface File {
  readonly bytes: Uint8Array;
  readonly graph: OnnxGraph;
}

interface Settings {
  /** Sizes of one example. */
  readonly example: readonly number[];
  readonly external?: ExternalLoader | undefined;
}

const isBranch = ({ op, domain }: OnnxNode): boolean => op === 'If' && domain === '';

/**
 * The file itself where nothing branches; else one that computes the same for a batch of one.
 * @throws {UnsupportedOpError} where the size of the batch decides
 * @throws {DataError} where the file does not run, or answers otherwise with its branches written out
 */
export async function decided(
  run: RunForeign,
  bytes: Uint8Array,
  { graph }: OnnxModel,
  settings: Settings,
): Promise<File> {
  let file: File = { bytes, graph };
  const sources = { ...(settings.external && { external: settings.external }) };
  while (file.graph.nodes.some(isBranch)) {
    const rewritten = withoutBranches(file.bytes, await decisionsFor(run, file, settings));
    file = { bytes: rewritten, graph: readOnnx(rewritten, sources).graph };
  }
  if (file.bytes !== bytes) await requireSameExamples(run, { bytes, graph }, file, settings);
  return file;
}

async function decisionsFor(run: RunForeign, file: File, settings: Settings): Promise<Decisions> {
  const { graph } = file;
  const dynamic = dynamicValues(graph, fedInput(graph).name);
  const constants = constantsOf(graph);
  const conditions = new Set(graph.nodes.filter(isBranch).map(({ inputs: [condition = ''] }) => condition));
  const decisions = new Map<string, 'then' | 'else' | 'both'>();
  const open: string[] = [];
  for (const condition of conditions) {
    const constant = constants.get(condition)?.data[0];
    if (dynamic.has(condition)) decisions.set(condition, 'both');
    else if (constant !== undefined) decisions.set(condition, Number(constant) === 0 ? 'else' : 'then');
    else if (!behindBranch(graph, condition)) open.push(condition);
  }
  if (open.length > 0)
    for (const [name, isTaken] of await measured(run, file, open, settings))
      decisions.set(name, isTaken ? 'then' : 'else');
  return decisions;
}

/** Whether a value is made, somewhere before, by an If: that is decided first. */
function behindBranch(graph: OnnxGraph, name: string): boolean {
  return ancestors(graph, [name]).some(isBranch);
}

function ancestors(graph: OnnxGraph, names: readonly string[]): readonly OnnxNode[] {
  const makers = makersOf(graph);
  const needed = new Set<OnnxNode>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = makers.get(name);
    if (node === undefined || needed.has(node)) continue;
    needed.add(node);
    waiting.push(...readsOf(node));
  }
  return [...needed];
}

/** Conditions that do not follow the data, by running what leads to them at two batches. */
async function measured(
  run: RunForeign,
  { bytes, graph }: File,
  names: readonly string[],
  { example, external }: Settings,
): Promise<ReadonlyMap<string, boolean>> {
  const input = fedInput(graph);
  const shapes = new Map([[input.name, [undefined, ...example]]]);
  const model = exposed(bytes, { shapes, outputs: names, external, isPruned: true });
  const runs = [3, 2].map((batch) => ({
    feeds: { [input.name]: feedOf(input, sample(batch, example), [batch, ...example]) },
    fetch: names,
  }));
  const [three, two] = await run({ model, runs });
  return new Map(
    names.map((name) => {
      const [a, b] = [three?.[name]?.data?.[0], two?.[name]?.data?.[0]];
      if (a === undefined || b === undefined)
        throw new DataError(`A condition must be one truth value, got none at '${name}'`);
      if (Number(a) === Number(b)) return [name, Number(a) !== 0];
      throw new UnsupportedOpError(
        `Cannot train through the If of '${name}': the size of the batch decides it; export the network for batches of any size`,
      );
    }),
  );
}

/** Of the largest number of the output; float32 on both sides. */
const TOLERANCE = 1e-4;

/** Throws unless three examples, one by one, are answered as the file itself does with its branches. */
async function requireSameExamples(
  run: RunForeign,
  original: File,
  rewritten: File,
  { example, external }: Settings,
): Promise<void> {
  const input = fedInput(original.graph);
  const output = original.graph.outputs.find(({ name }) => dynamicValues(original.graph, input.name).has(name))?.name;
  if (output === undefined) return;
  // Sizes stay as stated: with all of them known, ONNX Runtime refuses what a branch does that is never taken.
  const shapes = new Map<string, readonly number[]>();
  const rows = sample(3, example);
  const size = rows.length / 3;
  const runs = [0, 1, 2].map((i) => ({
    feeds: { [input.name]: feedOf(input, rows.slice(i * size, (i + 1) * size), [1, ...example]) },
    fetch: [output],
  }));
  const answers = async ({ bytes }: File): Promise<readonly number[]> => {
    const results = await run({ model: exposed(bytes, { shapes, outputs: [output], external }), runs });
    return results.flatMap((result) => Array.from(result[output]?.data ?? [], Number));
  };
  const [expected, actual] = [await answers(original), await answers(rewritten)];
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const isSame = (value: number, i: number): boolean =>
    Math.abs(value - (actual[i] ?? Number.NaN)) <= TOLERANCE * scale;
  if (expected.length === actual.length && expected.every(isSame)) return;
  throw new DataError(
    `A file must answer the same with its branches written out, and differs at '${output}'; export it without If`,
  );
}
