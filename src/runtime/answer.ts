/** @file An engine behind messages, answered in the order in which they came; whoever carries them does not matter. */

import { Engine } from './engine.ts';
import type { Answer, AnswerMessage, Request, RequestMessage } from './messages.ts';
import type { Ort } from './ort.ts';

/** @param loadOrt - called by the first request, which is told why where it fails */
export function answerWith(
  threads: number,
  loadOrt: () => Promise<Ort>,
): (message: RequestMessage) => Promise<AnswerMessage> {
  let opened: Promise<Engine> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return ({ id, request }) => {
    const answered = last
      .then(() => (opened ??= loadOrt().then((ort) => new Engine(threads, ort))))
      .then((engine) => answer(engine, request))
      .then(
        (result): AnswerMessage => ({ id, answer: result }),
        (error: unknown): AnswerMessage => {
          const { name, message } = error instanceof Error ? error : new Error(String(error));
          return { id, failure: { name, message } };
        },
      );
    last = answered;
    return answered;
  };
}

async function answer(engine: Engine, request: Request): Promise<Answer> {
  switch (request.kind) {
    case 'load':
      await engine.load(request.program, request.state, request.compiled);
      return undefined;
    case 'write':
      engine.write(request.state, request.tensors);
      return undefined;
    case 'read':
      return engine.read(request.state, request.names);
    case 'run':
      return engine.run(request.program, request.feeds, request.key);
    case 'release':
      await engine.release(request.program);
      return undefined;
    case 'forget':
      await engine.forget(request.state);
      return undefined;
    case 'close':
      await engine.close();
      return undefined;
  }
}
