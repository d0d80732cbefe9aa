/** @file The quarter-circle law. */

/**
 * The share of singular values up to s of a large square matrix whose entries are independent, of mean 0 and variance
 * 1 / rows: (s √(4 − s²) / 2 + 2 arcsin(s / 2)) / π for s up to 2, where they end.
 */
export function shareBelow(s: number): number {
  const inside = Math.min(2, Math.max(0, s));
  return ((inside * Math.sqrt(4 - inside * inside)) / 2 + 2 * Math.asin(inside / 2)) / Math.PI;
}
