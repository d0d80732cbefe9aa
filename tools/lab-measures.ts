/**
 * @file What can be measured of the lab's page in Chromium: how fast it comes and trains, how long its frames take, how soon it
 * pauses, and what memory it holds.
 */

import { readdirSync, readFileSync } from 'node:fs';
import type { Browser, Page, PageOptions } from '../test/browser/devtools.ts';

/** Runs before the page's own scripts: notes steps, and how long the main thread works for a frame. */
const watching = `(() => {
  const seen = (window.seen = { firstStep: undefined, lastStep: 0, changes: [], frames: [], longTasks: [] });
  new MutationObserver(() => {
    const step = Number(document.documentElement.dataset.labStep);
    if (!(step > 0)) return;
    seen.firstStep ??= performance.now();
    seen.lastStep = performance.now();
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-lab-step'] });
  new PerformanceObserver((list) => seen.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
  // From the first callback of a frame to the first task after it: callbacks, style, layout and paint are between them.
  const { port1, port2 } = new MessageChannel();
  let began = 0;
  port2.onmessage = () => seen.frames.push(performance.now() - began);
  const frame = () => {
    began = performance.now();
    requestAnimationFrame(frame);
    port1.postMessage(undefined);
  };
  requestAnimationFrame(frame);
})()`;

const LIMIT_SECONDS = 300;

/** Steps that all arms have taken together, as their cards say. */
const allSteps =
  "[...document.querySelectorAll('.progress')].reduce((sum, one) => sum + Number(/^step (\\d+)/.exec(one.textContent)?.[1] ?? 0), 0)";

/** A page that is watched from its beginning. */
export async function watchedPage(browser: Browser, address: string, options: PageOptions = {}): Promise<Page> {
  const page = await browser.page('about:blank', options);
  await page.send('Page.addScriptToEvaluateOnNewDocument', { source: watching });
  await page.send('Page.navigate', { url: address });
  return page;
}

/** What a load up to the first step takes: over the wire, with headers, and from the navigation on. */
export async function firstLoad(
  browser: Browser,
  address: string,
): Promise<{ readonly bytes: number; readonly milliseconds: number }> {
  const page = await watchedPage(browser, address);
  const milliseconds = Number(await page.until('window.seen?.firstStep', LIMIT_SECONDS));
  const entries = "[...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')]";
  const bytes = Number(await page.evaluate(`${entries}.reduce((sum, { transferSize }) => sum + transferSize, 0)`));
  await page.close();
  return { bytes, milliseconds };
}

/** Seconds from the navigation until one arm is lost and the other has gone on, at a speed of the network. */
export async function secondsToSurprise(browser: Browser, address: string, megabits: number): Promise<number> {
  const network = { bytesPerSecond: (megabits * 1e6) / 8, latency: 40 };
  const page = await watchedPage(browser, address, { network });
  const isThere = `document.querySelector('.arms')?.textContent.includes('not finite since') && ${allSteps} >= 20`;
  const milliseconds = Number(await page.until(`${isThere} && performance.now()`, LIMIT_SECONDS));
  await page.close();
  return milliseconds / 1000;
}

/** Steps per second, of all arms together, some time after the first of them. */
export async function stepsPerSecond(browser: Browser, address: string, seconds: number): Promise<number> {
  const page = await watchedPage(browser, address);
  await page.until(`${allSteps} >= 5`, LIMIT_SECONDS);
  await pass(2);
  const counted = async (): Promise<readonly [number, number]> =>
    (await page.evaluate(`[performance.now(), ${allSteps}]`)) as readonly [number, number];
  const [from, before] = await counted();
  await pass(seconds);
  const [to, after] = await counted();
  await page.close();
  return (1000 * (after - before)) / (to - from);
}

export interface MainThread {
  /** Milliseconds of work per frame, of 95 % of the frames at most. */
  readonly p95: number;
  readonly frames: number;
  /** Milliseconds; tasks below 50 are not told of. */
  readonly longTasks: readonly number[];
}

/** What the main thread does while arms train. */
export async function mainThread(browser: Browser, address: string, seconds: number): Promise<MainThread> {
  const page = await watchedPage(browser, address);
  await page.until(`${allSteps} >= 20`, LIMIT_SECONDS);
  await page.evaluate('seen.frames.length = 0; seen.longTasks.length = 0');
  await pass(seconds);
  const { frames, longTasks } = (await page.evaluate('seen')) as Record<'frames' | 'longTasks', readonly number[]>;
  await page.close();
  const p95 = frames.toSorted((a, b) => a - b)[Math.floor(0.95 * frames.length)] ?? Number.NaN;
  return { p95, frames: frames.length, longTasks };
}

/** From the click to the last step that came: in milliseconds, and in steps; the worst of some tries. */
export async function pause(
  browser: Browser,
  address: string,
  tries: number,
): Promise<{ readonly milliseconds: number; readonly steps: number }> {
  const page = await watchedPage(browser, address);
  let [milliseconds, steps] = [0, 0];
  for (let i = 0; i < tries; i++) {
    await page.until(`document.querySelector('.play')?.textContent === 'Pause' && ${allSteps} >= 5`, LIMIT_SECONDS);
    await pass(1);
    const clicked =
      "document.querySelector('.play').click(); [performance.now(), document.documentElement.dataset.labStep]";
    const [at, before] = (await page.evaluate(clicked)) as readonly [number, string];
    await pass(2);
    const after = '[seen.lastStep, document.documentElement.dataset.labStep]';
    const [last, step] = (await page.evaluate(after)) as readonly [number, string];
    milliseconds = Math.max(milliseconds, last - at);
    steps = Math.max(steps, Number(step) - Number(before));
    await page.evaluate("document.querySelector('.play').click()");
  }
  await page.close();
  return { milliseconds, steps };
}

/** Megabytes that the browser's processes hold, and the page's own heap, after one restart and after five more. */
export async function memoryOfRestarts(
  browser: Browser,
  address: string,
  steps: number,
): Promise<Readonly<Record<'processes' | 'heap', readonly [number, number]>>> {
  const page = await watchedPage(browser, address);
  await page.send('Performance.enable');
  const isOver = `document.querySelector('.play')?.textContent === 'Train' && ${allSteps} >= ${steps}`;
  const restart = async (): Promise<void> => {
    await page.evaluate("[...document.querySelectorAll('.transport button')][2].click()");
    await page.until(`${allSteps} === 0`, LIMIT_SECONDS);
    await page.evaluate("document.querySelector('.play').click()");
    await page.until(isOver, LIMIT_SECONDS);
  };
  const held = async (): Promise<readonly [number, number]> => {
    await page.send('HeapProfiler.collectGarbage');
    await pass(3);
    const { metrics } = (await page.send('Performance.getMetrics')) as {
      readonly metrics: readonly { readonly name: string; readonly value: number }[];
    };
    const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
    return [residentBytes(process.pid) / 1e6, heap / 1e6];
  };
  await page.until(isOver, LIMIT_SECONDS);
  await restart();
  const [processes, heap] = await held();
  for (let i = 0; i < 5; i++) await restart();
  const [processesLater, heapLater] = await held();
  await page.close();
  return { processes: [processes, processesLater], heap: [heap, heapLater] };
}

/** Of all processes that descend from one, without itself; what they share is counted for each. */
function residentBytes(ancestor: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        const field = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
        return [{ pid: Number(name), parent: field('PPid'), bytes: 1024 * field('VmRSS') }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
  const sum = (parent: number): number =>
    processes.filter((one) => one.parent === parent).reduce((total, { pid, bytes }) => total + bytes + sum(pid), 0);
  return sum(ancestor);
}

async function pass(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
