/**
 * @file Where the tail of a normal distribution begins: algorithm AS 241, routine PPND16 (wichura1988), right to about one
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
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125,
    1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
  ],
  below: [
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077,
    687.1870074920579083, 42.313330701600911252, 1,
  ],
};
/** Of √(−ln tail) − 1.6, up to 5 of the root. */
const near: Quotient = {
  above: [
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  below: [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
};
/** Of √(−ln tail) − 5, beyond. */
const far: Quotient = {
  above: [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
  ],
  below: [
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
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
