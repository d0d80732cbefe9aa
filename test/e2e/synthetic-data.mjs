/**
 * @file Run before the command line (`node --import`): the module that loads data sets is replaced by one that makes
 * images up, so that the built program trains without network or data. Everything else is what users run.
 */
import { register } from 'node:module';

register('./synthetic-hooks.mjs', import.meta.url);
