/**
 * @file How fast the lab's page trains on the GPU beside the processor, and how far it is from it: `npm run build && npx tsx
 * tools/lab-gpu-times.ts`. By SwiftShader, which is a processor, unless `--own` asks for what Chromium finds on this machine.
 */

import { need } from '../src/errors.ts';
import { catalogue } from '../src/lab/catalogue.ts';
import { readPage } from '../src/lab/node/page-files.ts';
import { serveLab } from '../src/lab/node/server.ts';
import { resolveSettings } from '../src/lab/settings.ts';
import { findChromium } from '../test/browser/chromium.ts';
import { Browser } from '../test/browser/devtools.ts';
import { hasWebGpu, lossError, swiftShader, trainedInPage } from '../test/browser/lab-gpu.ts';

const STEPS = 11;

/** What a GPU is asked. */
const networks = [
  ['MLP, batch 64', { network: 'mlp' }],
  ['VGG-11 × 0.25, batch 64', { network: 'vgg11', width: 0.25 }],
  ['ResNet-20, batch 32', { network: 'resnet20', batchSize: 32 }],
] as const;

/** What SwiftShader can be asked. */
const small = [
  ['MLP × 0.23, batch 19', { network: 'mlp', width: 0.23, batchSize: 19 }],
  ['MLP, batch 64', { network: 'mlp' }],
  ['VGG-11 × 0.05, batch 19', { network: 'vgg11', width: 0.05, batchSize: 19, learningRate: 0.01 }],
  ['ResNet-20 × 0.2, batch 7', { network: 'resnet20', width: 0.2, batchSize: 7, learningRate: 0.01 }],
] as const;

const isOwn = process.argv.includes('--own');
const { fields } = catalogue(['fashion-mnist']);
const server = await serveLab(readPage());
const browser = await Browser.open(
  need(findChromium(), 'Chromium: install the package chromium'),
  isOwn ? ['--enable-unsafe-webgpu', '--enable-features=Vulkan'] : swiftShader,
);
try {
  const page = await browser.page(`${server.address}#arm=p,width:0.1&steps=1&look=loss`);
  await page.until("document.querySelector('.progress')?.textContent.startsWith('step')");
  if (!(await hasWebGpu(page))) throw new Error('Chromium must have WebGPU here, got none');
  for (const [name, asked] of isOwn ? networks : small) {
    const settings = resolveSettings(fields, asked);
    const processor = await trainedInPage(page, settings, STEPS);
    const onGpu = await trainedInPage(page, { ...settings, device: 'webgpu' }, STEPS);
    const { title, error, left } = need(onGpu.gpu, 'what the GPU is');
    console.log(
      `${name.padEnd(26)} processor ${processor.rate.toFixed(1)} steps/s, ${title} ${onGpu.rate.toFixed(2)}; losses of ${STEPS} steps ` +
        `differ by ${lossError(processor, onGpu).toExponential(1)}; ${error.toExponential(1)} from float64; programs with nodes on the processor: ${left}`,
    );
  }
} finally {
  await browser.close();
  await server.close();
}
