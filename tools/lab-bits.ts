/**
 * @file `npx tsx tools/lab-bits.ts`: every norm on three networks, ten steps in Chromium and as many under Node, tensor by tensor to the
 * bit. It takes some minutes; the test of the same name does three of them.
 */
import { readPage } from '../src/lab/node/page-files.ts';
import { serveLab } from '../src/lab/node/server.ts';
import { nodeDevice } from '../src/runtime/node/node-device.ts';
import { findChromium } from '../test/browser/chromium.ts';
import { Browser } from '../test/browser/devtools.ts';
import { bitsInPage, bitsUnderNode, compared, networks, normsFor } from '../test/browser/lab-bits.ts';

const chromium = findChromium();
if (chromium === undefined) throw new Error('Chromium must be installed to be compared with Node, found none');
const lab = await serveLab(readPage(), 0);
const browser = await Browser.open(chromium);
const device = nodeDevice({ runtime: 'wasm', lowering: 'portable', threads: 1 });
let [equal, all] = [0, 0];
try {
  const page = await browser.page(`${lab.address}#tour=large-rates`);
  await page.until("document.querySelector('.arm') !== null");
  for (const network of networks) {
    for (const norm of normsFor(network)) {
      const settings = compared(network, norm);
      const [inPage, underNode] = [await bitsInPage(page, settings), await bitsUnderNode(device, settings)];
      const names = Object.keys(underNode);
      const same = names.filter((name) => inPage[name] === underNode[name]).length;
      all += 1;
      if (same === names.length) equal += 1;
      console.log(`${network} ${norm}: ${same} of ${names.length} tensors`);
    }
  }
} finally {
  await device.close();
  await browser.close();
  await lab.close();
}
console.log(`${equal} of ${all} equal`);
process.exitCode = equal === all ? 0 : 1;
