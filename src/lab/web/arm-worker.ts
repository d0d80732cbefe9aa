/** @file The worker of an arm whose network is one of the lab's. */

import { serveArm } from './serve-arm.ts';

serveArm();
