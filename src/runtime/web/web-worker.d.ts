/** What this folder uses of a browser: declared here, since all of a browser's globals would hide what other folders lack. */

interface WorkerEvent<Data> {
  readonly data: Data;
}

declare class Worker {
  constructor(url: URL, options: { readonly type: 'module' });
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener<Data>(type: 'message' | 'messageerror', listener: (event: WorkerEvent<Data>) => void): void;
  addEventListener(type: 'error', listener: (event: { readonly message: string }) => void): void;
}

/** Of the scope of a worker. */
declare function addEventListener<Data>(type: 'message', listener: (event: WorkerEvent<Data>) => void): void;
declare function postMessage(message: unknown): void;
