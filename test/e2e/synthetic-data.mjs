/**
 * @file Run before the command line (`node --import`): the module that loads data sets is replaced by one that makes
 * images up, so that the built program trains without network or data. Everything else is what users run.
 */
import * as modules from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { redirected } from './synthetic-hooks.mjs';

// Every thread runs this. Those of engines load no data, and hooks would cost each a further thread.
if (isMainThread) {
  // Node 26 warns of `register`, and Node 20 has nothing else.
  if (modules.registerHooks === undefined) modules.register('./synthetic-hooks.mjs', import.meta.url);
  else {
    modules.registerHooks({
      resolve: (specifier, context, nextResolve) => redirected(nextResolve(specifier, context)),
    });
  }
}
