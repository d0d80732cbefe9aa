/** @file The decisions that ReLUs take, one per element: read off a gradient, or prescribed to it. */

import { grad } from '../../src/autodiff/reverse.ts';
import { need } from '../../src/errors.ts';
import { type Graph, type Node, parametersOf, type Value } from '../../src/graph/graph.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { batch, problemOf, type Protocol } from './inputs.ts';
import type { Precision } from './precisions.ts';

type Tensors = ReadonlyMap<string, Float32Array | Float64Array>;

export interface DecidedGradients {
  /** By parameter. */
  readonly gradients: Tensors;
  /** What each ReLU is given, by the name of its result; it lets through what is positive. */
  readonly given: Tensors;
}

export interface DecidedNetwork {
  readonly graph: Graph;
  /**
   * The gradients of a seed's first batch.
   * @param given - what decides, where decisions are prescribed
   */
  gradients(seed: number, state: ReadonlyMap<string, TensorData>, given?: Tensors): Promise<DecidedGradients>;
  close(): Promise<void>;
}

/** @param decided - by the computation itself, or prescribed to it at each run */
export async function openNetwork(
  protocol: Omit<Protocol, 'seed'>,
  { float, settings }: Pick<Precision, 'float' | 'settings'>,
  decided: 'itself' | 'prescribed' = 'itself',
): Promise<DecidedNetwork> {
  const built = problemOf(protocol, float).build({ mode: 'frozen', batchSize: protocol.images[0] });
  const { g, loss } = built;
  const parameters = parametersOf(built.g);
  const gradients = grad(g, loss, parameters);
  const named = new Map<string, Value>(
    parameters.map(({ name }, i) => [name, need(gradients[i], `a gradient of ${name}`)]),
  );
  const relus = g.nodes.flatMap(({ op, inputs: [x], outputs: [y] }) => (op === 'Relu' && x && y ? [{ x, y }] : []));
  for (const { x, y } of relus) named.set(y.name, x);
  const own = g.finish('gradients', Object.fromEntries(named));
  const graph = decided === 'itself' ? own : withPrescribedDecisions(own);
  const toFloat = float === 'float32' ? Float32Array : Float64Array;
  const device = threadlessDevice({ ...settings, threads: 2 });
  const program = await device.load(graph);
  return {
    graph,
    async gradients(seed, state, given = new Map()) {
      const kept = [...state].map(([name, data]) => [name, toFloat.from(data as Float64Array)] as const);
      await device.write(new Map(kept));
      const masks = [...given].map(([name, x]) => [maskOf(name), toFloat.from(x.map((v) => Number(v > 0)))] as const);
      const feeds = { ...batch({ ...protocol, seed }, 0, float), ...Object.fromEntries(masks) };
      const found = await program.run(feeds);
      const read = (names: readonly string[]): Tensors =>
        new Map(names.map((name) => [name, found[name] as Float32Array | Float64Array]));
      return {
        gradients: read(parameters.map(({ name }) => name)),
        given: read(relus.map(({ y }) => y.name)),
      };
    },
    close: () => device.close(),
  };
}

/** How many elements two computations decide differently. */
export function countFlips(a: DecidedGradients, b: DecidedGradients): number {
  let flips = 0;
  for (const [name, left] of a.given) {
    const right = b.given.get(name) ?? [];
    left.forEach((x, i) => (flips += Number(x > 0 !== (right[i] ?? Number.NaN) > 0)));
  }
  return flips;
}

/** Every Relu and ReluGrad as a product with a fed mask: the same function and derivative, where the mask is its own. */
function withPrescribedDecisions(graph: Graph): Graph {
  const results = graph.nodes.filter(({ op }) => op === 'Relu').flatMap(({ outputs }) => outputs);
  const masks = new Map(results.map((y) => [y, { ...y, name: maskOf(y.name) }]));
  const decided = (node: Node): Node => {
    const [first, second] = node.inputs;
    const result = node.op === 'Relu' ? node.outputs[0] : node.op === 'ReluGrad' ? second : undefined;
    const mask = result && masks.get(result);
    return first && mask ? { op: 'Mul', inputs: [first, mask], outputs: node.outputs, attrs: {} } : node;
  };
  const fed = [...masks.values()].map((value) => ({ value, role: { kind: 'data' } as const }));
  return { ...graph, inputs: [...graph.inputs, ...fed], nodes: graph.nodes.map(decided) };
}

function maskOf(name: string): string {
  return `${name}/decisions`;
}
