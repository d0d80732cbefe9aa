/** @file The worker thread: an engine behind messages, answered in the order in which they came. */

import { parentPort, workerData } from 'node:worker_threads';
import { Engine } from './engine.ts';
import type { AnswerMessage, Answers, Request, RequestMessage } from './messages.ts';

const engine = new Engine((workerData as { threads: number }).threads);
let last: Promise<unknown> = Promise.resolve();

async function answer(request: Request): Promise<Answers[keyof Answers]> {
  switch (request.kind) {
    case 'load':
      await engine.load(request.program);
      return undefined;
    case 'write':
      engine.write(request.state);
      return undefined;
    case 'read':
      return engine.read(request.names);
    case 'run':
      return engine.run(request.program, request.feeds);
    case 'close':
      await engine.close();
      return undefined;
  }
}

parentPort?.on('message', ({ id, request }: RequestMessage) => {
  last = last
    .then(() => answer(request))
    .then(
      (result): AnswerMessage => ({ id, answer: result }),
      (error: unknown): AnswerMessage => {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        return { id, failure: { name, message } };
      },
    )
    .then((message) => parentPort?.postMessage(message));
});
