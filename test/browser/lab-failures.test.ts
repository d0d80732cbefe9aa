/** @file What the lab's page says where something is missing, damaged, forbidden or gone; and that the other arms go on. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { need } from '../../src/errors.ts';
import { type PageFiles, readPage } from '../../src/lab/node/page-files.ts';
import { findChromium } from './chromium.ts';
import { Browser } from './devtools.ts';
import { LabPage } from './lab-driver.ts';

const chromium = findChromium();
if (chromium === undefined) console.log('No Chromium here: install the package chromium to test how the lab fails');

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Three arms that go on until they are stopped; the worker of seed 7 throws. */
const SCENE = '#all=width:0.25&arm=a,seed:7&arm=b,norm:none&arm=c&steps=20000&look=loss';

interface Fault {
  readonly what: string;
  /** Files as they are served instead; undefined for none. */
  readonly files?: (whole: PageFiles) => Readonly<Record<string, Uint8Array | undefined>>;
  readonly policy?: string;
  readonly says: RegExp;
}

const cut = (whole: PageFiles, name: string): Uint8Array => need(whole.get(name), name).subarray(0, 100_000);

const ofThePage: readonly Fault[] = [
  {
    what: 'the engine is missing',
    files: () => ({ 'engine.wasm.gz': undefined }),
    says: /could not be started.*Cannot load http.*engine\.wasm\.gz: .*got 404.*serve every file/,
  },
  {
    what: 'the engine is cut off',
    files: (whole) => ({ 'engine.wasm.gz': cut(whole, 'engine.wasm.gz') }),
    says: /could not be started.*engine\.wasm\.gz: it must be a whole gzip file/,
  },
  {
    what: 'the list of data is missing',
    files: () => ({ 'data.json': undefined }),
    says: /could not be started.*Cannot load http.*data\.json: .*got 404/,
  },
  {
    what: 'the list of data is damaged',
    files: () => ({ 'data.json': Buffer.from('{') }),
    says: /could not be started.*Cannot read data\.json: it must be JSON/,
  },
  {
    what: 'what can be set is missing',
    files: () => ({ 'catalogue.json': undefined }),
    says: /could not be started.*Cannot load http.*catalogue\.json: .*got 404/,
  },
];

const ofArms: readonly Fault[] = [
  {
    what: 'their script is missing',
    files: () => ({ 'arm.js': undefined }),
    says: /^Its worker could not be loaded: arm\.js must stand beside the page/,
  },
  {
    what: 'WebAssembly is refused by a policy',
    policy: "script-src 'self'",
    says: /^Cannot train here: the page must be allowed to compile WebAssembly, .*'wasm-unsafe-eval'/,
  },
  {
    what: 'the images are missing',
    files: () => ({ 'fashion-mnist.gz': undefined }),
    says: /^Cannot load http.*fashion-mnist\.gz: .*got 404/,
  },
  {
    what: 'the images are cut off',
    files: (whole) => ({ 'fashion-mnist.gz': cut(whole, 'fashion-mnist.gz') }),
    says: /^Cannot read fashion-mnist\.gz: it must be a whole gzip file/,
  },
];

describe.skipIf(chromium === undefined)('the page of the lab, where something is wrong', () => {
  const servers: Server[] = [];
  const whole = chromium === undefined ? new Map<string, Uint8Array>() : readPage();
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.open(chromium ?? '');
  });
  afterAll(async () => {
    await browser.close();
    for (const server of servers) server.close().closeAllConnections();
  });

  async function host({ files, policy }: Pick<Fault, 'files' | 'policy'> = {}): Promise<string> {
    const served = new Map<string, Uint8Array | undefined>([...whole, ...Object.entries(files?.(whole) ?? {})]);
    const server = createServer(({ url = '/' }, response) => {
      const name = url === '/' ? 'index.html' : url.slice(1);
      const body = served.get(name);
      if (body === undefined) {
        response.writeHead(404).end();
        return;
      }
      const type = types[extname(name)] ?? 'application/octet-stream';
      response.writeHead(200, {
        'Content-Type': type,
        ...(policy !== undefined && { 'Content-Security-Policy': policy }),
      });
      response.end(body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  it.each(ofThePage)('says so where $what', async ({ says, ...fault }) => {
    const lab = await LabPage.open(browser, await host(fault));
    expect(await lab.message()).toMatch(says);
    await lab.close();
  });

  it.each(ofArms)('says so at each arm where $what', async ({ says, ...fault }) => {
    const lab = await LabPage.open(browser, await host(fault));
    await lab.page.until("document.querySelectorAll('.arm [role=alert]').length === 2");
    for (const said of Object.values(await lab.progress())) expect(said).toMatch(says);
    await lab.page.until("document.querySelector('.play').textContent === 'Train'");
    await lab.close();
  });

  it('goes on with the others where the worker of an arm throws, or is gone; and begins it anew when it is asked to', async () => {
    const faulty = `addEventListener('message', ({ data }) => {
      if (data.settings?.seed === 7) setTimeout(() => { throw new RangeError('Out of memory, made up'); }, 1500);
    });`;
    const files: Fault['files'] = (all) => ({
      'arm.js': Buffer.concat([Buffer.from(faulty), need(all.get('arm.js'), 'arm.js')]),
    });
    const lab = await LabPage.open(browser, await host({ files }));
    // From here on the page's workers can be reached; then all are begun anew, by another scene's address.
    const catchWorkers =
      'window.made = []; window.Worker = class extends Worker { constructor(...all) { super(...all); made.push(this); } }';
    await lab.page.send('Page.addScriptToEvaluateOnNewDocument', { source: catchWorkers });
    await lab.page.evaluate(`location.hash = ${JSON.stringify(SCENE)}`);
    await lab.page.until("document.querySelector('.arm')?.getAttribute('aria-label') === 'Arm a'");
    await lab.ready();
    await lab.page.until('Number(document.documentElement.dataset.labStep) > 2');
    await lab.page.evaluate('made[1].terminate()');
    await lab.page.until("document.querySelectorAll('.arm [role=alert]').length === 2");
    const { a, b } = await lab.progress();
    expect(a).toMatch(/^Its worker stopped: .*Out of memory, made up$/);
    expect(b).toMatch(/^Its worker was ended by the browser.*press Restart$/);
    const step = await lab.step();
    await lab.page.until(`Number(document.documentElement.dataset.labStep) > ${step + 10}`);
    expect((await lab.progress())['c']).toMatch(/^step \d+: loss/);
    expect(
      await lab.page.evaluate("[...document.querySelectorAll('.arm')].map((arm) => lab.button('Fork', arm).disabled)"),
    ).toEqual([true, true, false]);

    await lab.set('a', 'seed', 8);
    await lab.click('Restart');
    await lab.page.until("document.querySelectorAll('.arm [role=alert]').length === 0");
    await lab.click('Train');
    await lab.page.until(
      "[...document.querySelectorAll('.progress')].filter((one) => one.textContent.startsWith('step')).length === 3",
    );
    await lab.close();
  });
});
