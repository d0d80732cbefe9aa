/** @file Philox4x32-10, the counter-based generator of salmon2011: a pure function from (counter, key) to four words. */

const MULTIPLIER_0_LOW = 0x1f53; // of 0xd2511f53
const MULTIPLIER_0_HIGH = 0xd251;
const MULTIPLIER_1_LOW = 0x8d57; // of 0xcd9e8d57
const MULTIPLIER_1_HIGH = 0xcd9e;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/**
 * Writes the four 32-bit words of one Philox4x32-10 block into `out`.
 *
 * One round maps (c0, c1, c2, c3) to (high(M1·c2) ^ c1 ^ k0, low(M1·c2), high(M0·c0) ^ c3 ^ k1, low(M0·c0)) with
 * M0 = 0xd2511f53 and M1 = 0xcd9e8d57; between rounds k0 grows by 0x9e3779b9 and k1 by 0xbb67ae85, modulo 2^32.
 * @see salmon2011, section 3.3
 */
export function philox4x32(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  // `| 0` throughout: signed words keep every product and sum in integer registers; `out` makes them unsigned again.
  let [x0, x1, x2, x3, key0, key1] = [c0 | 0, c1 | 0, c2 | 0, c3 | 0, k0 | 0, k1 | 0];
  for (let round = 0; round < ROUNDS; round++) {
    const low0 = Math.imul(x0, (MULTIPLIER_0_HIGH << 16) | MULTIPLIER_0_LOW);
    const low1 = Math.imul(x2, (MULTIPLIER_1_HIGH << 16) | MULTIPLIER_1_LOW);
    const high0 = multiplyHigh(x0, MULTIPLIER_0_LOW, MULTIPLIER_0_HIGH);
    const high1 = multiplyHigh(x2, MULTIPLIER_1_LOW, MULTIPLIER_1_HIGH);
    x0 = high1 ^ x1 ^ key0;
    x1 = low1;
    x2 = high0 ^ x3 ^ key1;
    x3 = low0;
    key0 = (key0 + WEYL_0) | 0;
    key1 = (key1 + WEYL_1) | 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

/** The upper 32 bits of the 64-bit product a · (high·2^16 + low), by halves, since a double holds only 53 bits. */
function multiplyHigh(a: number, low: number, high: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const middle = (Math.imul(aHigh, low) + (Math.imul(aLow, low) >>> 16)) | 0;
  const carry = (Math.imul(aLow, high) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, high) + (middle >>> 16) + (carry >>> 16)) | 0;
}
