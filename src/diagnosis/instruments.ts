/** @file What measures a subject: its graphs, compiled once and run with any state, and the batches that they see. */

import { exampleBatches, type ExampleBatches } from '../data/examples.ts';
import type { Scaling } from '../data/scalings.ts';
import { need } from '../errors.ts';
import { type Graph, isStored } from '../graph/graph.ts';
import { type Device, type Program, scalarOf, type Tensors } from '../runtime/device.ts';
import { startOf } from '../train/start-of.ts';
import { lookGraph, type LookGraph } from './look-graph.ts';
import { type NormPlace, normPlaces } from './norm-places.ts';
import { feedsOf, type State, type Subject } from './subject.ts';

export interface InstrumentSettings {
  /** N: the user's own. */
  readonly batchSize: number;
  /** Keys the order of the examples; default 0. */
  readonly seed?: number;
}

/** Loss and accuracy of each batch. */
export interface Losses {
  readonly loss: readonly number[];
  /** Empty where the problem tells none. */
  readonly accuracy: readonly number[];
}

/** At least so many batches, and so many examples in all: fewer leave population statistics to chance. */
const [LEAST_BATCHES, LEAST_EXAMPLES] = [12, 512] as const;

/** Of a size that is not the user's, so many batches or examples are enough to compare its loss. */
const [MOST_OTHER_BATCHES, MOST_OTHER_EXAMPLES] = [64, 512] as const;

/**
 * A subject on a device. Nothing that is measured changes the state: `write` alone does.
 */
export class Instruments {
  readonly device: Device;
  readonly subject: Subject;
  readonly batchSize: number;
  readonly seed: number;
  readonly norms: readonly NormPlace[];
  readonly look: LookGraph;
  /** B, how many batches of N are looked at. */
  readonly batches: number;
  #programs = new Map<string, Promise<Program>>();
  #fed = new Map<string, ReadonlySet<string>>();

  constructor(device: Device, subject: Subject, { batchSize, seed = 0 }: InstrumentSettings) {
    this.device = device;
    this.subject = subject;
    this.batchSize = batchSize;
    this.seed = seed;
    this.norms = normPlaces(subject.problem, batchSize);
    this.look = lookGraph(subject.problem, batchSize);
    this.batches = Math.max(LEAST_BATCHES, Math.ceil(LEAST_EXAMPLES / batchSize));
  }

  /** The same, fed by another scaling; what is compiled is shared. */
  with(scaling: Scaling): Instruments {
    const { device, subject, batchSize, seed } = this;
    const other = new Instruments(device, { ...subject, scaling }, { batchSize, seed });
    other.#programs = this.#programs;
    other.#fed = this.#fed;
    return other;
  }

  /** What the network starts from where nothing else is given: of an imported one, the numbers of its file. */
  get initial(): State {
    const { subject, batchSize, seed } = this;
    return startOf(subject.problem, { batchSize, seed });
  }

  /** Sets parameters and running statistics; what else a state holds, as an optimiser's, is left out. */
  async write(state: State): Promise<void> {
    const graphs = { look: this.look.graph, eval: this.#lossGraph('eval', this.batchSize) };
    for (const [key, graph] of Object.entries(graphs)) await this.#program(key, () => graph);
    const stored = Object.values(graphs).flatMap(({ inputs }) => inputs.filter(({ role }) => isStored(role)));
    const names = new Set(stored.map(({ value }) => value.name));
    await this.device.write(new Map([...state].filter(([name]) => names.has(name))));
  }

  /** All outputs of the look on each batch. */
  async takeLooks(scaling: Scaling = this.subject.scaling, count: number = this.batches): Promise<readonly Tensors[]> {
    return this.#run('look', () => this.look.graph, this.#draw(this.batchSize, scaling), count);
  }

  /** By running statistics, on the batches of the look. */
  async evaluate(scaling: Scaling = this.subject.scaling, count: number = this.batches): Promise<Losses> {
    const graph = (): Graph => this.#lossGraph('eval', this.batchSize);
    return lossesOf(await this.#run('eval', graph, this.#draw(this.batchSize, scaling), count));
  }

  /** By the statistics of batches of another size. */
  async lossesAt(batchSize: number): Promise<Losses> {
    const count = Math.min(MOST_OTHER_BATCHES, Math.max(2, Math.floor(MOST_OTHER_EXAMPLES / batchSize)));
    const graph = (): Graph => this.#lossGraph('frozen', batchSize);
    return lossesOf(await this.#run(`frozen-${batchSize}`, graph, this.#draw(batchSize, this.subject.scaling), count));
  }

  /** The feeds of batch i, as the look sees it. @param seed - of another order of the examples */
  feedsAt(batchSize: number = this.batchSize, seed: number = this.seed): (index: number) => Tensors {
    const draw = exampleBatches(this.subject.data, this.subject.scaling, { batchSize, seed });
    return (index) => {
      const { x, labels } = draw(index);
      return feedsOf(this.subject, x, labels);
    };
  }

  /** Frees what is compiled; it is compiled again where it is asked for. */
  async release(): Promise<void> {
    const programs = await Promise.all(this.#programs.values());
    this.#programs.clear();
    await Promise.all(programs.map((program) => program.release()));
  }

  #draw(batchSize: number, scaling: Scaling): ExampleBatches {
    return exampleBatches(this.subject.data, scaling, { batchSize, seed: this.seed });
  }

  #lossGraph(mode: 'frozen' | 'eval', batchSize: number): Graph {
    const { g, loss, outputs } = this.subject.problem.build({ mode, batchSize });
    return g.finish(`${mode}-${batchSize}`, { ...outputs, loss });
  }

  async #program(key: string, graph: () => Graph): Promise<Program> {
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const built = graph();
    this.#fed.set(key, new Set(built.inputs.map(({ value }) => value.name)));
    const program = this.device.load(built);
    this.#programs.set(key, program);
    return program;
  }

  async #run(key: string, graph: () => Graph, draw: ExampleBatches, count: number): Promise<readonly Tensors[]> {
    const program = await this.#program(key, graph);
    const fed = need(this.#fed.get(key), `the inputs of '${key}'`);
    const all: Tensors[] = [];
    for (let i = 0; i < count; i++) {
      const { x, labels } = draw(i);
      const feeds = Object.entries(feedsOf(this.subject, x, labels)).filter(([name]) => fed.has(name));
      all.push(await program.run(Object.fromEntries(feeds), { seed: this.seed, step: i }));
    }
    return all;
  }
}

/** Loss and accuracy of runs. */
export function lossesOf(runs: readonly Tensors[]): Losses {
  return {
    loss: runs.map((outputs) => scalarOf(outputs, 'loss')),
    accuracy: runs.flatMap((outputs) => ('accuracy' in outputs ? [scalarOf(outputs, 'accuracy')] : [])),
  };
}
