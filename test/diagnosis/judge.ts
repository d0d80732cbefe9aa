/** @file One network under all faults: what was found, what was missed, and what was said without cause. */

import type { Examples } from '../../src/data/examples.ts';
import { asGiven, type Scaling, scalingsFor } from '../../src/data/scalings.ts';
import { type Diagnosis, diagnose, type DiagnoseSettings } from '../../src/diagnosis/diagnose.ts';
import { Instruments } from '../../src/diagnosis/instruments.ts';
import type { State } from '../../src/diagnosis/subject.ts';
import { need } from '../../src/errors.ts';
import type { Problem } from '../../src/problems/problem.ts';
import type { Device } from '../../src/runtime/device.ts';
import { type Fault, scalingNamed } from './faults.ts';

export interface Judged {
  readonly diagnosis: Diagnosis;
  /** Where the fault was put. */
  readonly layer: string;
  /** Whether a problem of one of the fault's rules was reported, of the right layer where it is of one. */
  readonly isFound: boolean;
  /** Whether the first sentence is about it: its rule's problem comes first, or its layer is named. */
  readonly isFirst: boolean;
}

interface Usual {
  readonly scaling: string;
  readonly batchSize: number;
  /** What is not looked at, beside what takes longest. */
  readonly without?: DiagnoseSettings['without'];
}

/** What takes longest: the landscape has no rule, and of trainings only some faults ask. */
const longest = ['sizes', 'landscape'] as const;

/** Judges one network again and again, with its graphs compiled once. */
export class Judge {
  readonly #device: Device;
  readonly #problem: Problem;
  readonly #data: Examples;
  readonly #healthy: State;
  readonly #usual: Usual;
  readonly #instruments = new Map<number, Instruments>();

  constructor(device: Device, problem: Problem, data: Examples, healthy: State, usual: Usual) {
    this.#device = device;
    this.#problem = problem;
    this.#data = data;
    this.#healthy = healthy;
    this.#usual = usual;
  }

  /** Of the network as it is. */
  healthy(): Promise<Diagnosis> {
    return diagnose(this.#at(this.#usual), {
      state: this.#healthy,
      without: [...longest, 'training', ...(this.#usual.without ?? [])],
    });
  }

  /** Why a fault cannot be seeded; undefined where it can. */
  obstacle({ needsRelu = false, isOfPixels = false }: Fault, place: number): string | undefined {
    if (isOfPixels && !this.#data.isPixels) return 'the examples are no pixels';
    const { norms, look } = this.#at(this.#usual);
    const { layer } = need(norms[place % norms.length], 'a norm');
    const isTaken = look.layers.some(({ name, activation }) => name === layer && activation === 'relu');
    return needsRelu && !isTaken ? 'no ReLU takes what the norm gives' : undefined;
  }

  /** @param place - which of the norms, counted from 0, wrapping around */
  async of(fault: Fault, place: number): Promise<Judged> {
    const usual = this.#at(this.#usual);
    const norm = need(usual.norms[place % usual.norms.length], 'a norm');
    const { state, rate, ...other } = await fault.seed(this.#healthy, norm, usual);
    const diagnosis = await diagnose(this.#at({ ...this.#usual, ...other }), {
      state,
      rate,
      without: [...longest, rate === undefined ? 'training' : 'preprocessing', ...(this.#usual.without ?? [])],
    });
    const matches = diagnosis.findings.filter(
      ({ rule, level, layer, echoOf }) =>
        level === 'problem' &&
        echoOf === undefined &&
        fault.rules.includes(rule) &&
        (fault.isOfOneLayer !== true || layer === norm.layer),
    );
    const text = matches.map((finding) => finding.text.slice(1));
    return {
      diagnosis,
      layer: norm.layer,
      isFound: matches.length > 0,
      isFirst: text.some((words) => diagnosis.sentence.includes(words)),
    };
  }

  /** The device holds one state: whoever looks writes it. */
  #at({ scaling, batchSize }: Usual): Instruments {
    const known = this.#instruments.get(batchSize) ?? this.#make(batchSize);
    this.#instruments.set(batchSize, known);
    return scaling === this.#usual.scaling ? known : known.with(this.#scaling(scaling));
  }

  #scaling(name: string): Scaling {
    return name === asGiven.name ? asGiven : scalingNamed(scalingsFor(this.#data), name);
  }

  #make(batchSize: number): Instruments {
    const scaling = this.#scaling(this.#usual.scaling);
    const subject = { name: 'judged', problem: this.#problem, data: this.#data, scaling };
    return new Instruments(this.#device, subject, { batchSize });
  }
}
