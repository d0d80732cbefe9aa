/** @file The worker of an arm whose network is one of the lab's. */

import { onProcessor } from './on-processor.ts';
import { serveArm } from './serve-arm.ts';

serveArm({ openDevice: onProcessor });
