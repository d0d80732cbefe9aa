/**
 * @file What Node and browsers both have beside the language, and no more of it than is used: the only globals that a
 * file of platform `any` may name. Read by tsconfig.any.json alone.
 */

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes?: ArrayBufferView | ArrayBufferLike): string;
}

declare class AbortSignal {
  private constructor();
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  readonly href: string;
  readonly pathname: string;
}

/** A number in browsers, an object in Node. */
declare class Timer {
  private constructor();
  readonly timer: true;
}

/** The callback is given nothing, so that the `resolve` of a promise of anything can be one. */
declare function setTimeout(callback: (nothing: void) => void, milliseconds?: number): Timer;
declare function clearTimeout(timer: Timer | undefined): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;
declare const performance: { now(): number };

interface ImportMeta {
  readonly url: string;
}
