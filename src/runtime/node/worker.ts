/** @file The worker thread of a device of Node. */

import { parentPort, workerData } from 'node:worker_threads';
import { answerWith } from '../answer.ts';
import type { RequestMessage, WorkerData } from '../messages.ts';
import { loadOrt } from './load-ort.ts';

const { threads, runtime } = workerData as WorkerData;
const answer = answerWith(threads, () => loadOrt(runtime));

parentPort?.on('message', (message: RequestMessage) => {
  void answer(message).then((answered) => parentPort?.postMessage(answered));
});
