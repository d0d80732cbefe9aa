/**
 * @file The lab computes the same in Chromium as under Node, bit for bit, by the built page's own worker. A few norms and networks;
 * `tools/lab-bits.ts` compares them all.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../src/lab/node/page-files.ts';
import { serveLab } from '../../src/lab/node/server.ts';
import { nodeDevice } from '../../src/runtime/node/node-device.ts';
import { findChromium } from './chromium.ts';
import { Browser, type Page } from './devtools.ts';
import { bitsInPage, bitsUnderNode, compared } from './lab-bits.ts';

const chromium = findChromium();
if (chromium === undefined) console.log('No Chromium here: install the package chromium to compare it with Node');

const cases = [
  ['mlp', 'batch'],
  ['mlp', 'noisy-batch'],
  ['vgg11', 'group'],
] as const;

describe.skipIf(chromium === undefined)('an arm in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let lab: Awaited<ReturnType<typeof serveLab>>;
  const device = nodeDevice({ runtime: 'wasm', lowering: 'portable', threads: 1 });
  beforeAll(async () => {
    lab = await serveLab(readPage(), 0);
    browser = await Browser.open(chromium ?? '');
    // One that is paused: a tour asks before it trains.
    page = await browser.page(`${lab.address}#tour=large-rates`);
    await page.until("document.querySelector('.arm') !== null");
  });
  afterAll(async () => {
    await device.close();
    await browser.close();
    await lab.close();
  });

  it.each(cases)('trains %s with %s to the bits of Node', async (network, norm) => {
    const settings = compared(network, norm);
    const [inPage, underNode] = [await bitsInPage(page, settings), await bitsUnderNode(device, settings)];
    expect(Object.keys(underNode).length).toBeGreaterThan(5);
    expect(inPage).toEqual(underNode);
  });
});
