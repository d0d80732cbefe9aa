/** @file As many of a series as a figure has room for. */

/** The first, and from there every second, third, …, so that there are no more than `most`. */
export function thinned<Item>(items: readonly Item[], most: number): readonly Item[] {
  const stride = Math.ceil(items.length / most);
  return items.filter((_, i) => i % stride === 0);
}
