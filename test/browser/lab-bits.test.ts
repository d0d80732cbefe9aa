/** @file The lab computes the same in Chromium as under Node, bit for bit, by the built page's own worker. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../src/lab/node/page-files.ts';
import { serveLab } from '../../src/lab/node/server.ts';
import { norms } from '../../src/norms/index.ts';
import { findChromium } from './chromium.ts';
import { Browser, type Page } from './devtools.ts';
import { armSettings, bitsInPage, bitsUnderNode } from './lab-bits.ts';

const chromium = findChromium();
if (chromium === undefined) console.log('No Chromium here: install the package chromium to compare it with Node');

/** Every norm on the network that is quick to build; on the others those that compute in a way of their own. */
const cases = [
  ...Object.keys(norms).map((norm) => ['mlp', norm] as const),
  ...['batch', 'noisy-batch', 'group'].flatMap((norm) => [['vgg11', norm] as const, ['resnet20', norm] as const]),
];

describe.skipIf(chromium === undefined)('an arm in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let lab: Awaited<ReturnType<typeof serveLab>>;
  beforeAll(async () => {
    lab = await serveLab(readPage(), 0);
    browser = await Browser.open(chromium ?? '');
    // One that is paused: a tour asks before it trains.
    page = await browser.page(`${lab.address}#tour=large-rates`);
    await page.until("document.querySelector('.arm') !== null");
  });
  afterAll(async () => {
    await browser.close();
    await lab.close();
  });

  it.each(cases)('trains %s with %s to the bits of Node', async (network, norm) => {
    const settings = armSettings({ network, norm, width: 0.25, batchSize: 32, learningRate: 0.05 });
    const [inPage, underNode] = [await bitsInPage(page, settings), await bitsUnderNode(settings)];
    expect(Object.keys(underNode).length).toBeGreaterThan(5);
    expect(inPage).toEqual(underNode);
  });
});
