/** @file The worker thread: an engine behind messages, answered in the order in which they came. */

import { parentPort, workerData } from 'node:worker_threads';
import { Engine } from './engine.ts';
import type { AnswerMessage, Answers, Request, RequestMessage, WorkerData } from './messages.ts';
import { loadOrt } from './ort.ts';

const { threads, runtime } = workerData as WorkerData;
let opened: Promise<Engine> | undefined;
let last: Promise<unknown> = Promise.resolve();

async function answer(request: Request): Promise<Answers[keyof Answers]> {
  // Opened by the first request, which is then told why where it cannot be.
  opened ??= loadOrt(runtime).then((ort) => new Engine(threads, ort));
  const engine = await opened;
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
