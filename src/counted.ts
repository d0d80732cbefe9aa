/** @file Counts in sentences, which settings can make 1. */

/** `1 step`, `2 steps`, `0 steps`. @param many - where the plural is not the singular with an s */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
