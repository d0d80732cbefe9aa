/** @file A device whose engine is reached by messages: in a worker of Node, in one of a browser, or in this thread. */

import { NumericError, SettingError, ShapeError, UnsupportedOpError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { answerWith } from './answer.ts';
import type { Device, DeviceSettings, Program, Tensors } from './device.ts';
import { type LoweringSettings, resolveLowering } from './lowering-choice.ts';
import type { Answer, AnswerMessage, Answers, Request, RequestMessage } from './messages.ts';
import type { Ort } from './ort.ts';
import { compile } from './program.ts';
import type { DrawKey } from './random-inputs.ts';
import type { NamedTensor, TensorData } from './tensor-data.ts';

/** Carries messages to an engine and its answers back. */
export interface Channel {
  post(message: RequestMessage): void;
  /** Told once where answers go, and whom to tell that there will be none any more. */
  listen(onAnswer: (message: AnswerMessage) => void, onEnd: (error: Error) => void): void;
  /** Ends the thread behind it, if there is one. */
  end(): Promise<void>;
}

/** A device over a channel, which ends with it. */
export function channelDevice(settings: DeviceSettings, channel: Channel): Device {
  return new ChannelDevice(settings, new Line(channel));
}

/** A device without a thread of its own: a run blocks whoever asks for it. */
export function inThreadDevice(settings: DeviceSettings, loadOrt: () => Promise<Ort>): Device {
  const answer = answerWith(settings.threads, loadOrt);
  let deliver: (message: AnswerMessage) => void = () => undefined;
  return channelDevice(settings, {
    listen: (onAnswer) => (deliver = onAnswer),
    post: (message) => void answer(message).then((answered) => deliver(answered)),
    end: async () => undefined,
  });
}

/** Errors keep their class on their way. */
const errorClasses = { ShapeError, SettingError, UnsupportedOpError, NumericError };

/** Whoever waits for an answer. */
interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** The requests under way on a channel, and the numbers given to what lies behind it. */
class Line {
  readonly #channel: Channel;
  readonly #pending = new Map<number, Pending>();
  #nextNumber = 0;
  #ended: Error | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.listen(
      (message) => this.#settle(message),
      (error) => this.#fail(error),
    );
  }

  newNumber(): number {
    return this.#nextNumber++;
  }

  async ask<Kind extends Request['kind']>(request: Extract<Request, { kind: Kind }>): Promise<Answers[Kind]> {
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.newNumber();
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#channel.post({ id, request });
    });
    return answer as Answers[Kind];
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) await this.ask({ kind: 'close' }).catch(() => undefined);
    this.#ended ??= new Error('The device is closed');
    await this.#channel.end();
  }

  #settle(message: AnswerMessage): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('answer' in message) pending?.resolve(message.answer);
    else pending?.reject(revive(message.failure));
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

class ChannelDevice implements Device {
  readonly settings: DeviceSettings;
  readonly #line: Line;
  readonly #state: number;
  /** A sibling did not start the thread and does not end it. */
  readonly #isSibling: boolean;
  #isClosed = false;

  constructor(settings: DeviceSettings, line: Line, isSibling = false) {
    this.settings = settings;
    this.#line = line;
    this.#state = line.newNumber();
    this.#isSibling = isSibling;
  }

  async load(graph: Graph, mayWrite: 'state' | 'scratch' = 'scratch'): Promise<Program> {
    this.#requireOpen();
    const compiled = compile(graph, this.settings, mayWrite);
    const line = this.#line;
    const program = line.newNumber();
    await line.ask<'load'>({ kind: 'load', program, state: this.#state, compiled });
    return {
      name: graph.name,
      run: (feeds: Tensors, key?: DrawKey) => line.ask<'run'>({ kind: 'run', program, feeds, key }),
      // What ends the thread has freed its programs.
      release: () => line.ask<'release'>({ kind: 'release', program }).catch(() => undefined),
    };
  }

  async write(tensors: ReadonlyMap<string, TensorData>): Promise<void> {
    this.#requireOpen();
    await this.#line.ask<'write'>({ kind: 'write', state: this.#state, tensors });
  }

  async read(names: readonly string[]): Promise<ReadonlyMap<string, NamedTensor>> {
    this.#requireOpen();
    return this.#line.ask<'read'>({ kind: 'read', state: this.#state, names });
  }

  sibling(lowering?: LoweringSettings): Device {
    this.#requireOpen();
    const own = lowering === undefined ? this.settings : { ...this.settings, ...resolveLowering(lowering) };
    return new ChannelDevice(own, this.#line, true);
  }

  async close(): Promise<void> {
    if (!this.#isSibling) return this.#line.close();
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#line.ask<'forget'>({ kind: 'forget', state: this.#state }).catch(() => undefined);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new Error('The device is closed');
  }
}

function revive({ name, message }: { readonly name: string; readonly message: string }): Error {
  const known = Object.entries(errorClasses).find(([key]) => key === name)?.[1];
  return known === undefined ? new Error(message) : new known(message);
}
