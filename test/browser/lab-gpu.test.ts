/**
 * @file The lab on a GPU: by WebGPU, which Chromium also has without one, on SwiftShader. It learns what the processor learns, to
 * rounding; and where there is none, or it is lost, the arm says so and the others go on.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { need } from '../../src/errors.ts';
import { catalogue } from '../../src/lab/catalogue.ts';
import { readPage } from '../../src/lab/node/page-files.ts';
import { type LabServer, serveLab } from '../../src/lab/node/server.ts';
import { resolveSettings } from '../../src/lab/settings.ts';
import { findChromium } from './chromium.ts';
import { Browser, type Page } from './devtools.ts';
import { LabPage } from './lab-driver.ts';
import { hasWebGpu, lossError, swiftShader, trainedInPage } from './lab-gpu.ts';

const chromium = findChromium();
if (chromium === undefined) console.log('No Chromium here: install the package chromium to test the lab on a GPU');

const { fields } = catalogue(['fashion-mnist']);
const STEPS = 10;
const BACK = 4;
/** SwiftShader compiles some hundred shaders, which takes it half a minute and more on a busy machine: a limit against hanging. */
const LIMIT = 400_000;

/**
 * Small, as SwiftShader is slow; of odd widths. Convolutions are in the check that the arm makes before it trains; trained networks of
 * them are measured by `tools/lab-gpu-times.ts`.
 */
const asked = { network: 'mlp', width: 0.23, batchSize: 19 } as const;

const TWO = '#all=width:0.23,batchSize:19&arm=p&arm=g,device:webgpu&steps=20000&look=loss';

describe.skipIf(chromium === undefined)('an arm on the GPU', () => {
  const servers: LabServer[] = [];
  let browser: Browser;
  let page: Page;
  let isThere = false;
  beforeAll(async () => {
    browser = await Browser.open(chromium ?? '', swiftShader);
    page = await browser.page(`${await host()}#arm=p,width:0.1&steps=1&look=loss`);
    await page.until("document.querySelector('.progress')?.textContent.startsWith('step')");
    isThere = await hasWebGpu(page);
    if (!isThere) console.log('This Chromium has no WebGPU, not even by SwiftShader: the lab on a GPU is not tested');
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  /** @param before - runs in the worker for the GPU before its own script */
  async function host(before = ''): Promise<string> {
    const files = readPage();
    const script = Buffer.concat([Buffer.from(before), need(files.get('gpu-arm.js'), 'gpu-arm.js')]);
    const server = await serveLab(new Map([...files, ['gpu-arm.js', script]]));
    servers.push(server);
    return server.address;
  }

  it('loads nothing of the GPU where no arm asks for it', async () => {
    const names = await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)");
    expect(names).toContainEqual(expect.stringMatching(/\/engine\.wasm\.gz$/));
    expect((names as string[]).filter((name) => name.includes('gpu'))).toEqual([]);
  });

  it(
    'learns what the processor does',
    async ({ skip }) => {
      skip(!isThere);
      const settings = resolveSettings(fields, asked);
      const onProcessor = await trainedInPage(page, settings, STEPS);
      const onGpu = await trainedInPage(page, { ...settings, device: 'webgpu' }, STEPS, BACK);
      expect(new Set(onGpu.losses).size).toBe(STEPS);
      // Losses of 1 to 3 are rounded by 2e-7 a step, which ten steps let grow.
      expect(lossError(onProcessor, onGpu)).toBeLessThan(1e-5);
      // Small networks in float32, with their gradients: 1e-6, and some for the order in which a GPU adds.
      expect(onGpu.gpu?.error).toBeLessThan(2e-5);
      expect(onGpu.gpu?.error).toBeGreaterThan(0);
      expect(onGpu.gpu?.left).toBe(0);
      // What is stored was read from the GPU, and written there again.
      expect(onGpu.again).toEqual(onGpu.losses.slice(BACK));
    },
    LIMIT,
  );

  const absent = [
    ['WebGPU', "Object.defineProperty(navigator, 'gpu', { value: undefined });", /^Computing on the GPU needs WebGPU/],
    ['JSPI', 'delete WebAssembly.Suspending;', /^Computing on the GPU needs WebAssembly that can wait/],
    ['a GPU', 'GPU.prototype.requestAdapter = async () => null;', /^Computing on the GPU needs one .*, got none/],
  ] as const;
  it.for(absent)('says so where there is no %s, and the other arm goes on', async ([, before, says], { skip }) => {
    skip(!isThere);
    const lab = await LabPage.open(browser, (await host(before)) + TWO);
    await lab.page.until("document.querySelectorAll('.arm [role=alert]').length === 1");
    const { p, g } = await lab.progress();
    expect(g).toMatch(says);
    expect(p).not.toMatch(says);
    const step = await lab.step();
    await lab.page.until(`Number(document.documentElement.dataset.labStep) > ${step + 10}`);
    await lab.close();
  });

  it(
    'says so where the GPU is lost, and the other arm goes on',
    async ({ skip }) => {
      skip(!isThere);
      const losing = `const asked = GPUAdapter.prototype.requestDevice;
        GPUAdapter.prototype.requestDevice = async function (...all) {
          const device = await asked.apply(this, all);
          setTimeout(() => device.destroy(), 300);
          return device;
        };`;
      const lab = await LabPage.open(browser, (await host(losing)) + TWO);
      await lab.page.until("document.querySelectorAll('.arm [role=alert]').length === 1");
      expect((await lab.progress())['g']).toMatch(/^The GPU is gone .*press Restart/);
      const step = await lab.step();
      await lab.page.until(`Number(document.documentElement.dataset.labStep) > ${step + 10}`);
      await lab.close();
    },
    LIMIT,
  );
});
