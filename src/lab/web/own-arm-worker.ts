/** @file The worker of an arm whose network is a file's: it has the importer, and is loaded only where it is asked for. */

import { runForeignInWorker } from '../../runtime/web/foreign.ts';
import { ownNetwork } from '../own-network.ts';
import { onProcessor } from './on-processor.ts';
import { serveArm } from './serve-arm.ts';

serveArm({
  openDevice: onProcessor,
  openOwn: (file, device, dataset) => ownNetwork(runForeignInWorker, file, device, dataset),
});
