/** @file A network of a reader's own, dropped on the page: trained there, or refused with words, while the others go on. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../src/lab/node/page-files.ts';
import { serveLab } from '../../src/lab/node/server.ts';
import { findChromium } from './chromium.ts';
import { Browser } from './devtools.ts';
import { LabPage } from './lab-driver.ts';

const chromium = findChromium();
if (chromium === undefined) console.log('No Chromium here: install the package chromium to drop a file on the lab');

describe.skipIf(chromium === undefined)('a file dropped on the lab', () => {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof serveLab>>;
  let lab: LabPage;
  beforeAll(async () => {
    served = await serveLab(readPage(), 0);
    browser = await Browser.open(chromium ?? '');
    lab = await LabPage.open(browser, `${served.address}#arm=batch,batchSize:16&steps=12&look=loss,statistics`);
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });

  /** As who chooses a file: what is dropped takes the same way. */
  async function choose(name: string, bytes: Uint8Array): Promise<void> {
    await lab.page.evaluate(`(() => {
      const bytes = Uint8Array.from(atob('${Buffer.from(bytes).toString('base64')}'), (one) => one.charCodeAt(0));
      const chosen = new DataTransfer();
      chosen.items.add(new File([bytes], ${JSON.stringify(name)}));
      const input = document.querySelector('.own input');
      input.files = chosen.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    })()`);
  }

  it('trains beside the others, and what is no network is refused', async () => {
    await choose('healthy.onnx', readFileSync(new URL('../../docs/tutorial/healthy.onnx', import.meta.url)));
    await choose('words.onnx', new TextEncoder().encode('no model at all'));
    await lab.page.until("/ONNX/.test(lab.arm('words.onnx')?.querySelector('.refused')?.textContent ?? '')");
    await lab.page.until("/^step 12: loss/.test(lab.arm('healthy.onnx').querySelector('.progress').textContent)", 80);
    const { batch = '' } = await lab.progress();
    expect(batch).toMatch(/^step 12: loss \d/);
    expect(await lab.valueOf('healthy.onnx', 'norm')).toBe('batch');
    expect(lab.page.errors).toEqual([]);
  }, 120_000);
});
