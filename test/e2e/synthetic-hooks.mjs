/** @file Module hooks: whoever imports the loader of data sets gets the one beside this file. */

const replacement = new URL('./synthetic-loader.mjs', import.meta.url).href;

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  return resolved.url.endsWith('/dist/data/node/load-dataset.js') ? { ...resolved, url: replacement } : resolved;
}
