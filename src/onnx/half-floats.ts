/** @file Floats of 16 bits, widened exactly: every one of them is a float32. */

const SMALLEST_HALF = 1 / 16_777_216;

/**
 * IEEE half precision: sign, 5 bits of exponent, 10 of fraction.
 * @param bits - the numbers as they are stored
 */
export function widenFloat16(bits: Uint16Array): Float32Array {
  const wide = new Float32Array(bits.length);
  const words = new Uint32Array(wide.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i] ?? 0;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      // Zero, or a number too small for an exponent of its own.
      wide[i] = (sign === 0 ? 1 : -1) * fraction * SMALLEST_HALF;
    } else {
      const wideExponent = exponent === 31 ? 255 : exponent + 112;
      words[i] = sign | (wideExponent << 23) | (fraction << 13);
    }
  }
  return wide;
}

/** bfloat16: the first half of a float32. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  const wide = new Float32Array(bits.length);
  const words = new Uint32Array(wide.buffer);
  for (let i = 0; i < bits.length; i++) words[i] = (bits[i] ?? 0) << 16;
  return wide;
}
