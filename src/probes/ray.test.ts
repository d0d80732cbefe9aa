import { describe, expect, it } from 'vitest';
import { randomArray } from '../testing/gradcheck.ts';
import { measureRay, type RayOrigin, type RayPoint, rayQuantities } from './ray.ts';

const D = 7;
const vector = (name: string): number[] => [...randomArray(D, name)];
const rows = Array.from({ length: D }, (_, i) => vector(`row${i}`));
/** Symmetric, with eigenvalues of both signs. */
const A = rows.map((row, i) => row.map((value, j) => value + (rows[j]?.[i] ?? 0)));
const b = vector('linear');
const x = vector('point');

const dot = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, a, i) => sum + a * (v[i] ?? 0), 0);
const norm = (u: readonly number[]): number => Math.sqrt(dot(u, u));
const minus = (u: readonly number[], s: number, v: readonly number[]): number[] => u.map((a, i) => a - s * (v[i] ?? 0));
const times = (v: readonly number[]): number[] => A.map((row) => dot(row, v));
/** L(x) = x'Ax/2 + b'x, whose gradient is Ax + b and whose Hessian is A everywhere. */
const loss = (at: readonly number[]): number => dot(at, times(at)) / 2 + dot(b, at);
const gradient = (at: readonly number[]): number[] => minus(times(at), -1, b);

const g = gradient(x);
const origin: RayOrigin = { loss: loss(x), squaredNorm: dot(g, g) };

/** What the graphs compute of the gradient at a point beside that at x. */
function productsOf(there: readonly number[]): Pick<RayPoint, 'changeSquared' | 'changeDot' | 'squaredNorm' | 'dot'> {
  const change = minus(g, 1, there);
  return {
    changeSquared: dot(change, change),
    changeDot: dot(change, g),
    squaredNorm: dot(there, there),
    dot: dot(there, g),
  };
}

/** What the graphs compute at x − s·d. */
function pointAt(multiple: number, s: number, d: readonly number[]): RayPoint {
  const moved = minus(x, s, d);
  const there = gradient(moved);
  return { multiple, s, loss: loss(moved), ...productsOf(there) };
}

function measured(ray: 'ray' | 'random-ray', s: number, d: readonly number[]): Record<string, number> {
  const all = measureRay(ray, origin, [pointAt(2, s, d)]);
  return Object.fromEntries(all.filter(({ at }) => at === 2).map(({ quantity, value }) => [quantity, value]));
}

describe('measureRay() on a quadratic', () => {
  const Ag = times(g);
  const [curvature, beta] = [dot(g, Ag) / dot(g, g), norm(Ag) / norm(g)];

  // Differences lose 1/s of float64's 1e-16.
  it.each([1e-3, 0.05, 0.4, 3])('reads the known curvature along the gradient at s = %d', (s) => {
    const moved = minus(x, s, g);
    const after = minus(g, s, Ag);
    const expected = {
      'ray-loss': loss(moved),
      'ray-gradient-change': s * norm(Ag),
      'ray-beta': beta,
      'ray-curvature': curvature,
      'ray-relative-change': s * beta,
      'ray-cosine': dot(g, after) / (norm(g) * norm(after)),
      'ray-decrease-ratio': 1 - (s * curvature) / 2,
      'ray-lipschitz': norm(g) * Math.abs(1 - (s * curvature) / 2),
    };
    const actual = measured('ray', s, g);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) {
      expect(Math.abs((actual[name] ?? Number.NaN) / value - 1), name).toBeLessThan(1e-11);
    }
    expect(beta).toBeGreaterThan(Math.abs(curvature));
  });

  it('reads the known change along another direction of the same length', () => {
    const s = 0.3;
    const drawn = vector('direction');
    const d = drawn.map((value) => (value * norm(g)) / norm(drawn));
    const after = minus(g, s, times(d));
    const expected = {
      'random-ray-loss': loss(minus(x, s, d)),
      'random-ray-gradient-change': s * norm(times(d)),
      'random-ray-beta': norm(times(d)) / norm(d),
      'random-ray-relative-change': (s * norm(times(d))) / norm(g),
      'random-ray-cosine': dot(g, after) / (norm(g) * norm(after)),
      'random-ray-lipschitz': Math.abs(loss(x) - loss(minus(x, s, d))) / (s * norm(d)),
    };
    const actual = measured('random-ray', s, d);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) {
      expect(Math.abs((actual[name] ?? Number.NaN) / value - 1), name).toBeLessThan(1e-12);
    }
  });

  it('reads the cosine of a gradient so short that it is lost in ‖g‖² by rounding', () => {
    const across = vector('across');
    const along = dot(across, g) / dot(g, g);
    // At 87° to g, and 1e-6 as long: ‖g′‖² is 1e-12 of ‖g‖², of which float32 keeps 1e-7.
    const aside = minus(across, along - 0.05 * (norm(across) / norm(g)), g);
    const there = aside.map((value) => (1e-6 * value * norm(g)) / norm(aside));
    const products = Object.entries(productsOf(there)).map(([name, value]) => [name, Math.fround(value)]);
    const point: RayPoint = { multiple: 1, s: 0.1, loss: 0, ...productsOf(there), ...Object.fromEntries(products) };
    const read = measureRay('ray', { loss: 0, squaredNorm: Math.fround(dot(g, g)) }, [point]);
    const cosine = read.find(({ quantity }) => quantity === 'ray-cosine')?.value;
    expect(Math.abs((cosine ?? Number.NaN) / (dot(g, there) / (norm(g) * norm(there))) - 1)).toBeLessThan(1e-6);
  });

  it('gives the loss at x itself, and every quantity of every point with its multiple', () => {
    const all = measureRay('ray', origin, [pointAt(0.5, 0.05, g), pointAt(4, 0.4, g)]);
    expect(all[0]).toEqual({ quantity: 'ray-loss', at: 0, value: origin.loss });
    const names = Object.keys(rayQuantities('ray', ''));
    expect(all.slice(1).map(({ quantity, at }) => `${quantity} ${at}`)).toEqual(
      [0.5, 4].flatMap((at) => names.map((name) => `${name} ${at}`)),
    );
  });
});
