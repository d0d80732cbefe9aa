/** @file What the build of the lab's page puts in place of names: `tools/bundle.mjs`. */

/** Of this build. */
declare const NORMSCOPE_VERSION: string;
