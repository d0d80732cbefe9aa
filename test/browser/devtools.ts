/**
 * @file Chromium under command, by its DevTools protocol over a pipe: pages are opened, asked and looked at from outside, whatever
 * their content policy says, and no library is needed.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { need } from '../../src/errors.ts';

type Parameters = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
}

/** What a page starts with. */
export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  /** Where the page sees a system that is dark, or wants less motion. */
  readonly media?: Readonly<Partial<Record<'prefers-color-scheme' | 'prefers-reduced-motion', string>>>;
  /** Emulated: bytes per second and milliseconds. */
  readonly network?: { readonly bytesPerSecond: number; readonly latency: number };
  readonly isOffline?: boolean;
}

export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #pages = new Map<string, Page>();
  #last = 0;
  #unread = '';
  #end: Error | undefined;

  private constructor(chromium: string, flags: readonly string[]) {
    this.#profile = mkdtempSync(join(tmpdir(), 'normscope-chromium-'));
    const usual = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
    const own = ['--remote-debugging-pipe', `--user-data-dir=${this.#profile}`];
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    this.#process = spawn(chromium, [...usual, ...own, ...flags, 'about:blank'], { stdio: [...stdio], detached: true });
    this.#process.on('error', (error) => this.#failAll(error));
    this.#process.on('exit', (code) => this.#failAll(new Error(`Chromium ended with code ${code}`)));
    // A browser that is gone has already said so.
    this.#input.on('error', () => undefined);
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (part: string) => this.#read(part));
  }

  /** @param flags - of Chromium, beside those without which it does not run here */
  static async open(chromium: string, flags: readonly string[] = []): Promise<Browser> {
    const browser = new Browser(chromium, flags);
    await browser.send('Browser.getVersion');
    return browser;
  }

  /** Opens a page in a tab of its own; it may still be loading. */
  async page(url: string, options: PageOptions = {}): Promise<Page> {
    const { width = 1280, height = 800, media, network, isOffline = false } = options;
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, String(targetId), String(sessionId));
    this.#pages.set(page.session, page);
    await page.send('Runtime.enable');
    await page.send('Log.enable');
    await page.send('Page.enable');
    await page.resize(width, height);
    const features = Object.entries(media ?? {}).map(([name, value]) => ({ name, value }));
    if (features.length > 0) await page.send('Emulation.setEmulatedMedia', { features });
    if (network !== undefined || isOffline) {
      // -1: as fast as it goes.
      const { latency, bytesPerSecond: speed } = network ?? { latency: 0, bytesPerSecond: -1 };
      const limits = { offline: isOffline, latency, downloadThroughput: speed, uploadThroughput: speed };
      await page.send('Network.enable');
      await page.send('Network.emulateNetworkConditions', limits);
    }
    await page.send('Page.navigate', { url });
    return page;
  }

  /** One command of the protocol. @throws {Error} with Chromium's own words where it refuses. */
  send(method: string, params: Parameters = {}, sessionId?: string): Promise<Record<string, unknown>> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const id = ++this.#last;
    this.#input.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    const isGone = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#end === undefined) {
      // With all that it has started, which would go on writing into its profile.
      process.kill(-need(this.#process.pid, 'a process that was started'), 'SIGKILL');
      await isGone;
    }
    try {
      rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    } catch {
      // A file that a dying process still wrote is left to the system's temporary folder: it fails no test.
    }
  }

  get #input(): Writable {
    return this.#process.stdio[3] as Writable;
  }

  #read(part: string): void {
    const messages = (this.#unread + part).split('\0');
    this.#unread = messages.pop() ?? '';
    for (const text of messages) {
      const { id, method, params, result, error, sessionId } = JSON.parse(text) as Message;
      if (id === undefined) {
        this.#pages.get(sessionId ?? '')?.hear(method ?? '', params ?? {});
        continue;
      }
      const asked = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) asked?.resolve(result ?? {});
      else asked?.reject(new Error(`Chromium refuses: ${error.message}`));
    }
  }

  #failAll(error: Error): void {
    this.#end = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export class Page {
  /** What was thrown and not caught, and what the browser itself says was wrong (a policy, a missing file). */
  readonly errors: string[] = [];
  readonly session: string;
  readonly #browser: Browser;
  readonly #target: string;

  constructor(browser: Browser, target: string, session: string) {
    this.#browser = browser;
    this.#target = target;
    this.session = session;
  }

  send(method: string, params: Parameters = {}): Promise<Record<string, unknown>> {
    return this.#browser.send(method, params, this.session);
  }

  /** The value of an expression in the page, as JSON; promises are waited for. @throws {Error} where it throws. */
  async evaluate(expression: string): Promise<unknown> {
    const asked = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', asked);
    if (exceptionDetails !== undefined) throw new Error(`${expression} threw ${thrownText(exceptionDetails)}`);
    return (result as { readonly value?: unknown }).value;
  }

  /**
   * Waits until an expression is true (or anything but false, null, 0 and ''), and gives its value.
   * @throws {Error} after `seconds`, with the errors that the page met.
   */
  async until(expression: string, seconds = 60): Promise<unknown> {
    const end = Date.now() + 1000 * seconds;
    while (Date.now() < end) {
      // A page that is being left has no context for a moment.
      const value = await this.evaluate(expression).catch(() => undefined);
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const met = this.errors.length === 0 ? 'it met no error' : this.errors.join('\n');
    throw new Error(`${expression} did not become true within ${seconds} s; ${met}`);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  }

  /** A PNG of what is in view, or of the whole page. */
  async screenshot({ isWhole = false }: { readonly isWhole?: boolean } = {}): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: isWhole });
    return Buffer.from(String(data), 'base64');
  }

  /** Presses and releases a key by its name: 'Tab', 'Enter', 'ArrowRight', or a character. */
  async press(key: string): Promise<void> {
    const text = key.length === 1 ? key : key === 'Enter' ? '\r' : undefined;
    const codes: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, Escape: 27, ' ': 32 };
    const arrows = ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown'].indexOf(key);
    const code = arrows < 0 ? (codes[key] ?? key.toUpperCase().charCodeAt(0)) : 37 + arrows;
    const sent = { key, code: key, windowsVirtualKeyCode: code };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...sent, ...(text !== undefined && { text }) });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...sent });
  }

  async close(): Promise<void> {
    await this.#browser.send('Target.closeTarget', { targetId: this.#target });
  }

  /** An event of the protocol. */
  hear(method: string, params: Record<string, unknown>): void {
    if (method === 'Runtime.exceptionThrown') this.errors.push(thrownText(params['exceptionDetails']));
    if (method !== 'Log.entryAdded') return;
    const { level, text, url } = params['entry'] as { level: string; text: string; url?: string };
    if (level === 'error') this.errors.push(url === undefined ? text : `${text} (${url})`);
  }
}

function thrownText(details: unknown): string {
  const { text, exception } = details as { text: string; exception?: { description?: string; value?: unknown } };
  return exception?.description ?? `${text} ${JSON.stringify(exception?.value)}`;
}
