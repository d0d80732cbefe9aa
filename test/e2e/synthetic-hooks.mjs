/** @file Module hooks: whoever imports the loader of data sets gets the one beside this file. */

const replacement = new URL('./synthetic-loader.mjs', import.meta.url).href;

/** What an import was resolved to, or the replacement. */
export function redirected(resolved) {
  return resolved.url.endsWith('/dist/data/node/load-dataset.js') ? { ...resolved, url: replacement } : resolved;
}

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  return redirected(await nextResolve(specifier, context));
}
