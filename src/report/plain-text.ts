/** @file Tables and amounts as plain text, for terminals and the lines of a manifest. */

/** Rows as columns, each as wide as its longest cell, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, lengthOf(cell))));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - lengthOf(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Characters that take a place; marks over others, as in x̂, do not. */
function lengthOf(text: string): number {
  return text.replace(/\p{Mn}/gu, '').length;
}

/** 1536 as `1.5 kB`, decimal prefixes. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  // 999.5 would be rounded to 1.00e+3.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}
