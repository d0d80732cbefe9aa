/** @file The web worker of a device of a browser. Its first message says with how many threads it computes. */

import * as web from 'onnxruntime-web/wasm';
import { answerWith } from '../answer.ts';
import type { RequestMessage, WorkerData } from '../messages.ts';
import { wasmOrt } from '../wasm-ort.ts';

let answer: ReturnType<typeof answerWith> | undefined;

addEventListener<WorkerData | RequestMessage>('message', ({ data }) => {
  if ('request' in data) void answer?.(data).then((answered) => postMessage(answered));
  else answer = answerWith(data.threads, async () => wasmOrt(web));
});
