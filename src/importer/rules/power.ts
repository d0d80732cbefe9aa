/** @file Powers. What exporters write of squares and deviations is multiplied out; others are exponentials. */

import { div, mul, sub } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import type { Fixed } from '../fixed.ts';
import { refusal, type Site } from '../site.ts';
import { positive } from './logic.ts';

/** Up to these, whole powers are products. */
const [LOWEST, HIGHEST] = [-4, 8] as const;

/** x^p for known exponents, or b^x for known bases above 0. */
export function power(site: Site): Value {
  const { g } = site;
  const [base, exponent] = [site.fixed(0), site.fixed(1)];
  if (base !== undefined && Array.from(base.data).every((value) => value > 0)) {
    const logarithms = g.constant(Array.from(base.data, Math.log), base.shape);
    return g.emit('Exp', [mul(g, site.value(1), logarithms)]);
  }
  if (exponent === undefined)
    throw refusal(site, 'its exponent must not depend on the data, unless its base is known and above 0');
  const x = site.value(0);
  return (
    (exponent.data.length === 1 ? plainPower(site, x, Number(exponent.data[0])) : undefined) ??
    viaLogarithm(site, x, exponent)
  );
}

/** By products and roots, where they do. */
function plainPower({ g }: Site, x: Value, p: number): Value | undefined {
  if (p === 0.5) return g.emit('Sqrt', [x]);
  if (p === -0.5) return div(g, 1, g.emit('Sqrt', [x]));
  if (!Number.isInteger(p) || p < LOWEST || p > HIGHEST || p === 0) return undefined;
  const whole = Array.from({ length: Math.abs(p) - 1 }).reduce((made: Value) => mul(g, made, x), x);
  return p > 0 ? whole : div(g, 1, whole);
}

/** exp(p log x), or for whole exponents exp(p log |x|) with the sign of x where they are odd; at 0 it has no derivative. */
function viaLogarithm({ g }: Site, x: Value, { shape, data }: Fixed): Value {
  const exponents = Array.from(data);
  const ofPowers = (from: Value): Value => g.emit('Exp', [mul(g, g.emit('Log', [from]), g.constant(exponents, shape))]);
  if (!exponents.every(Number.isInteger)) return ofPowers(x);
  const odd = g.constant(
    exponents.map((p) => Math.abs(p % 2)),
    shape,
  );
  const flipped = mul(g, mul(g, odd, 2), positive(g, g.emit('Neg', [x])));
  return mul(g, ofPowers(g.emit('Abs', [x])), sub(g, 1, flipped));
}
