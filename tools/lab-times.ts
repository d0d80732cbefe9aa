/**
 * @file How fast the lab's page is on this machine, beside what was asked of it: `npm run build && npx tsx tools/lab-times.ts`, on a
 * machine that does nothing else; some three minutes. Rates are also given as they would be where one thread multiplies matrices
 * at the speed at which they were asked for.
 */

import { runChain } from '../src/bench/profile/chain.ts';
import { readPage } from '../src/lab/node/page-files.ts';
import { serveLab } from '../src/lab/node/server.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { findChromium } from '../test/browser/chromium.ts';
import { Browser } from '../test/browser/devtools.ts';
import { firstLoad, mainThread, memoryOfRestarts, pause, secondsToSurprise, stepsPerSecond } from './lab-measures.ts';

/** GFLOP/s of one thread, by which the rates below are what is asked. */
const USUAL_PRODUCTS = 34;

const arms = (settings: string, count = 1, look = ''): string =>
  `#all=${settings}&${['arm=batch', 'arm=standard,norm:none'].slice(0, count).join('&')}&steps=20000&look=${look}`;

const rates = [
  ['MLP, batch 64', 'network:mlp,batchSize:64', 450, 8],
  ['VGG-11 × 0.25, batch 64', 'network:vgg11,width:0.25,batchSize:64', 11, 12],
  ['ResNet-20, batch 32', 'network:resnet20,batchSize:32', 4.6, 15],
] as const;

const DEFAULT_LOOK = 'loss,accuracy,activations,gradients';

/** Shown at once, since the next takes a while. */
function show(what: string, asked: string, seen: string): void {
  console.log(`${what.padEnd(62)} ${asked.padEnd(22)} ${seen}`);
}
const fixed = (value: number, digits = 0): string => value.toFixed(digits);

const chromium = findChromium();
if (chromium === undefined) throw new Error('Chromium must be installed; install the package chromium');
const server = await serveLab(readPage());
const { address } = server;
const browser = await Browser.open(chromium);
try {
  show('what', 'asked', 'seen');
  const products = await gigaflops();
  show('products of matrices 1024³, one thread of Node, GFLOP/s', '', fixed(products, 1));
  // Once for what the browser itself prepares.
  await firstLoad(browser, address);
  const loads = [
    await firstLoad(browser, address),
    await firstLoad(browser, address),
    await firstLoad(browser, address),
  ];
  show('first load over the wire, MB', '', fixed((loads[0]?.bytes ?? 0) / 1e6, 2));
  const times = loads.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  show('navigation to first step, loopback, ms (median of 3)', '≤ 1500', fixed(times[1] ?? Number.NaN));
  const surprise = await secondsToSurprise(browser, address, 10);
  show('navigation to the surprise of the first scene, 10 Mbit/s, s', '≤ 10', fixed(surprise, 1));

  for (const [name, settings, asked, seconds] of rates) {
    const seen = await stepsPerSecond(browser, address + arms(settings), seconds);
    const scaled = (seen * USUAL_PRODUCTS) / products;
    show(
      `${name}, steps/s`,
      `≥ ${asked} at ${USUAL_PRODUCTS} GFLOP/s`,
      `${fixed(seen, 1)}, scaled ${fixed(scaled, 1)}`,
    );
  }
  const mlp = 'network:mlp,batchSize:64';
  const one = await stepsPerSecond(browser, address + arms(mlp), 8);
  const two = await stepsPerSecond(browser, address + arms(mlp, 2), 8);
  show('two MLPs against one, steps in all', '≥ 1.8 times', `${fixed(two / one, 2)} times`);

  const { p95, frames, longTasks } = await mainThread(browser, address + arms(mlp, 2, DEFAULT_LOOK), 12);
  show(`work per frame, two MLPs, first instruments, p95 of ${frames} frames, ms`, '≤ 8', fixed(p95, 1));
  const longest = longTasks.length === 0 ? 'none' : `${longTasks.length}, longest ${fixed(Math.max(...longTasks))} ms`;
  show('tasks of 50 ms or more meanwhile', 'none', longest);

  for (const [name, settings] of rates) {
    const { milliseconds, steps } = await pause(browser, address + arms(settings), 3);
    show(`pause, ${name}, worst of 3`, '≤ 50 ms or 1 step', `${fixed(milliseconds)} ms, ${steps} steps`);
  }

  const scene = `${address}#arm=batch&arm=standard,norm:none&steps=100&look=${DEFAULT_LOOK}`;
  const { processes, heap } = await memoryOfRestarts(browser, scene, 200);
  const change = ([before, after]: readonly [number, number]): string =>
    `${fixed(after - before)} more than ${fixed(before)}`;
  show("five more restarts, the browser's processes (RSS), MB", '≤ 30 more', change(processes));
  show('five more restarts, heap of the page, MB', '', change(heap));
} finally {
  await browser.close();
  await server.close();
}

/** Of a product of square matrices of 1024, by the engine under Node on one thread. */
async function gigaflops(): Promise<number> {
  const NODES = 4;
  const seconds = await runChain(
    threadlessDevice({ lowering: 'reference', threads: 1 }),
    'MatMul',
    [1024, 1024],
    NODES,
  );
  return (2 * 1024 ** 3 * NODES) / Math.min(...seconds) / 1e9;
}
