/**
 * @file Where the tail of a normal distribution begins: algorithm AS 241, routine PPND16 (Wichura, Applied Statistics 37, 1988), right to about one
 * part in 10^15. It takes +, −, ×, ÷ and √ alone, its logarithm too, and so gives the same number on every machine.
 */
import { NumericError } from '../errors.ts';

/** Coefficients of a quotient of polynomials, from the highest power down. */
interface Quotient {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

/** Of ½ − tail, squared, up to 0.425. */
const middle: Quotient = {
  above: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  below: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
};
/** Of √(−ln tail) − 1.6, up to 5 of the root. */
const near: Quotient = {
  above: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  below: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
};
/** Of √(−ln tail) − 5, beyond. */
const far: Quotient = {
  above: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  below: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ],
};

/**
 * The z ≥ 0 that a standard normal number exceeds with probability `tail`.
 * @param tail - in (0, ½]
 * @throws {NumericError} for any other probability
 */
export function normalTail(tail: number): number {
  if (!(tail > 0 && tail <= 0.5)) throw new NumericError(`The tail of a distribution must be in (0, 1/2], got ${tail}`);
  const fromMiddle = 0.5 - tail;
  if (fromMiddle <= 0.425) return fromMiddle * quotientAt(middle, 0.180625 - fromMiddle * fromMiddle);
  const root = Math.sqrt(-logarithmOf(tail));
  return root <= 5 ? quotientAt(near, root - 1.6) : quotientAt(far, root - 5);
}

function quotientAt({ above, below }: Quotient, x: number): number {
  return polynomialAt(above, x) / polynomialAt(below, x);
}

/**
 * ln x for 0 < x < 1, with x = m / 2ᵏ, ½ ≤ m < 1 and s = (m − √½) / (m + √½): −(k + ½) ln 2 + 2 (s + s³/3 + s⁵/5 + …), where
 * |s| < 0.172. Plain doubles, where `power.ts` takes twice their digits: a hundredth of the time.
 */
function logarithmOf(x: number): number {
  let [m, k] = [x, 0];
  for (; m < 0.5; k++) m *= 2;
  const s = (m - Math.SQRT1_2) / (m + Math.SQRT1_2);
  let series = 0;
  for (let n = 23; n > 0; n -= 2) series = series * s * s + 1 / n;
  return 2 * s * series - (k + 0.5) * Math.LN2;
}

/** Horner's scheme. */
function polynomialAt(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}
