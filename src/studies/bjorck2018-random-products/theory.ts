/** @file The limit, for large N, of the singular values of a product of M Gaussian matrices [N, N] of variance 1/N. */

import { squareOf, wholePower } from '../../math/power.ts';

/** The largest singular value: √((M + 1)^(M + 1) / M^M). */
export function spectrumEdge(factors: number): number {
  return Math.sqrt(wholePower(factors + 1, factors + 1) / wholePower(factors, factors));
}

/**
 * The Fuss–Catalan law of x = s², in its usual parametrisation by an angle 0 < t < π/(M + 1):
 * x = sin^(M+1)((M+1)t) / (sin t sin^M(Mt)), which falls from the edge to 0, with the density
 * sin² t sin^(M−1)(Mt) / (π sin^M((M+1)t)). For M = 1 it is Marchenko's and Pastur's, and s has the quarter circle's.
 */
function squaredValue(factors: number, t: number): number {
  const [one, before, all] = [Math.sin(t), Math.sin(factors * t), Math.sin((factors + 1) * t)];
  return wholePower(all, factors + 1) / (one * wholePower(before, factors));
}

function density(factors: number, t: number): number {
  const [one, before, all] = [Math.sin(t), Math.sin(factors * t), Math.sin((factors + 1) * t)];
  return (squareOf(one) * wholePower(before, factors - 1)) / (Math.PI * wholePower(all, factors));
}

/** Midpoints of the integral over the angle: errors below 1e-4 for M up to 8. */
const pieces = 2000;

/** Which fraction of the singular values lies above s. */
function fractionAbove(factors: number, s: number): number {
  if (s >= spectrumEdge(factors)) return 0;
  // The angle at which x = s²: x falls monotonically.
  let [low, high] = [0, Math.PI / (factors + 1)];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (squaredValue(factors, middle) > s * s) low = middle;
    else high = middle;
  }
  let sum = 0;
  let x = squareOf(spectrumEdge(factors));
  for (let i = 0; i < pieces; i++) {
    const next = squaredValue(factors, (high * (i + 1)) / pieces);
    sum += density(factors, (high * (i + 0.5)) / pieces) * (x - next);
    x = next;
  }
  return sum;
}

export function fractionBelow(factors: number, s: number): number {
  return s <= 0 ? 0 : 1 - fractionAbove(factors, s);
}

export function medianValue(factors: number): number {
  let [low, high] = [0, spectrumEdge(factors)];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (fractionBelow(factors, middle) < 0.5) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
