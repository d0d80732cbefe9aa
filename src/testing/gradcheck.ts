/** @file Gradients against central differences: the oracle for every derivative, whatever it is built from. */

import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { add, dot } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { elementCount, type Shape } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import { ops } from '../ops/index.ts';
import { allFed, evaluate, type Feeds, openProgram } from './evaluate.ts';

export interface GradcheckCase {
  /** Differentiated inputs, by name; values of the given shapes, which must keep clear of kinks by more than 1e-4. */
  readonly inputs: Readonly<Record<string, { readonly shape: Shape; readonly data: Float64Array }>>;
  /** Inputs that `f` declares itself, such as a layer's parameters, by full name: differentiated too. */
  readonly declared?: Readonly<Record<string, Float64Array>>;
  /** Other inputs, fed as they are. */
  readonly constants?: Feeds;
  /**
   * Whether what passes a StopGradient keeps its value while inputs are moved, as its derivative takes it; default true.
   * Otherwise differences are those of the whole function.
   */
  readonly holds?: boolean;
  /** The function: any values; their elements are summed with fixed random weights into one number. */
  readonly f: (g: GraphBuilder, inputs: Readonly<Record<string, Value>>) => readonly Value[];
}

/**
 * Step of the central difference (f(x+h) − f(x−h)) / 2h in float64: truncation h²·f‴/6 ≈ 2e-11, rounding
 * 1e-16·|f|/h ≈ 1e-11, both for derivatives and values of order one.
 */
const STEP = 1e-5;

/**
 * Largest relative error of the gradient, and of the gradient of a fixed random projection of the gradient (which
 * exercises every second derivative): max |analytic − numeric| / max(1, max |numeric|), over all inputs.
 */
export async function gradcheck(test: GradcheckCase): Promise<{ first: number; second: number }> {
  return { first: await checkOrder(test, 1), second: await checkOrder(test, 2) };
}

/** Bound for {@link gradcheck}: a hundred times the error that its step predicts for values up to about ten. */
export const GRADCHECK_TOLERANCE = 1e-7;

async function checkOrder(test: GradcheckCase, order: 1 | 2): Promise<number> {
  const g = new GraphBuilder(ops, 'float64');
  const inputs = Object.fromEntries(
    Object.entries(test.inputs).map(([name, { shape }]) => [name, g.input(name, shape, { kind: 'data' })]),
  );
  let loss = project(g, test.f(g, inputs), 'value');
  const declared = g.inputs.map(({ value }) => value).filter(({ name }) => name in (test.declared ?? {}));
  const wrt = [...Object.values(inputs), ...declared];
  if (order === 2) loss = project(g, grad(g, loss, wrt), 'gradient');
  const gradients = grad(g, loss, wrt);
  const outputs = Object.fromEntries(
    wrt.map(({ name }, i) => [`d${name}`, need(gradients[i], `a gradient of ${name}`)]),
  );
  const graph = allFed(g.finish('gradcheck', { loss, ...outputs }));
  const held = test.holds === false ? [] : stopped(graph);
  const heldFeeds = await heldValues(graph, held, test);
  const cut = cutAt(graph, held);
  const program = await openProgram(cut);
  // Thousands of differences need the loss alone, whose graph is a small part of that of its gradients.
  const lossProgram = await openProgram({ ...cut, outputs: cut.outputs.filter(({ name }) => name === 'loss') });
  try {
    const given = Object.entries(test.inputs).map(([name, { data }]) => [name, data] as const);
    const feeds = Object.fromEntries(
      [...given, ...Object.entries(test.declared ?? {})].map(([name, data]) => [name, data.slice()]),
    );
    const allFeeds = { ...feeds, ...test.constants, ...heldFeeds };
    const analytic = (await program.run(allFeeds)) as Record<string, Float64Array>;
    const lossThere = async (): Promise<number> => (await lossProgram.run(allFeeds))['loss']?.[0] as number;
    let error = 0;
    let scale = 1;
    for (const [name, data] of Object.entries(feeds)) {
      for (let i = 0; i < data.length; i++) {
        const x = data[i] as number;
        data[i] = x + STEP;
        const above = await lossThere();
        data[i] = x - STEP;
        const below = await lossThere();
        data[i] = x;
        const numeric = (above - below) / (2 * STEP);
        error = Math.max(error, Math.abs((analytic[`d${name}`]?.[i] as number) - numeric));
        scale = Math.max(scale, Math.abs(numeric));
      }
    }
    return error / scale;
  } finally {
    await Promise.all([program.close(), lossProgram.close()]);
  }
}

/** What passes a StopGradient. */
function stopped(graph: Graph): readonly Value[] {
  return graph.nodes.flatMap(({ op, outputs }) => (op === 'StopGradient' ? outputs : []));
}

/** The values held, where nothing has been moved. */
async function heldValues(graph: Graph, held: readonly Value[], test: GradcheckCase): Promise<Feeds> {
  if (held.length === 0) return {};
  const outputs = held.map((value) => ({ name: value.name, value }));
  const data = Object.entries(test.inputs).map(([name, input]) => [name, input.data] as const);
  return await evaluate({ ...graph, outputs }, { ...Object.fromEntries(data), ...test.declared, ...test.constants });
}

/** The graph with some of its values fed. */
function cutAt(graph: Graph, values: readonly Value[]): Graph {
  return {
    ...graph,
    inputs: [...graph.inputs, ...values.map((value) => ({ value, role: { kind: 'data' } as const }))],
    nodes: graph.nodes.filter(({ outputs }) => !outputs.some((output) => values.includes(output))),
  };
}

/** Σ weights · elements over all values, with weights in [−1, 1) from a stream of their own. */
function project(g: GraphBuilder, values: readonly Value[], layer: string): Value {
  const terms = values.map((value, i) => {
    const weights = randomArray(elementCount(value.shape), `${layer}${i}`);
    return dot(g, value, g.constant([...weights], value.shape));
  });
  return terms.reduce((a, b) => add(g, a, b));
}

/** Numbers in [low, high) from a fixed stream per name. */
export function randomArray(count: number, name: string, low = -1, high = 1): Float64Array {
  const data = new Float64Array(count);
  createStream({ seed: 1, purpose: 'probe', layer: name }).fillUniform(data, low, high);
  return data;
}
