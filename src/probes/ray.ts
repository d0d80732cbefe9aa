/** @file From what is computed at the points of a ray to the quantities that are recorded: plain arithmetic. */

import type { Quantity } from './probe.ts';

/** At x: the loss and ‖g‖². */
export interface RayOrigin {
  readonly loss: number;
  readonly squaredNorm: number;
}

/**
 * At x − s·d with ‖d‖ = ‖g‖: the loss, and for the gradient g′ there its square and its product with g, and those of
 * Δg = g − g′. Neither pair is made of the other: where g′ is far shorter than g, all of ‖g′‖² would be rounding.
 */
export interface RayPoint {
  /** s as a multiple of the learning rate. */
  readonly multiple: number;
  readonly s: number;
  readonly loss: number;
  readonly changeSquared: number;
  readonly changeDot: number;
  readonly squaredNorm: number;
  readonly dot: number;
}

/** What is recorded per point, by name after the prefix: definition and formula. */
const formulas = {
  loss: { text: 'loss L(s) at the point', of: (_, p) => p.loss },
  'gradient-change': {
    text: '‖Δg‖₂ = ‖g(x) − g(s)‖₂ (gradient predictiveness)',
    of: (_, p) => Math.sqrt(p.changeSquared),
  },
  beta: {
    text: 'effective smoothness ‖Δg‖₂ / (s‖g‖₂)',
    of: (o, p) => Math.sqrt(p.changeSquared / o.squaredNorm) / p.s,
  },
  curvature: {
    text: 'directional curvature ⟨Δg, g⟩ / (s‖g‖²)',
    of: (o, p) => p.changeDot / (p.s * o.squaredNorm),
  },
  'relative-change': {
    text: 'relative gradient change ‖Δg‖₂ / ‖g‖₂',
    of: (o, p) => Math.sqrt(p.changeSquared / o.squaredNorm),
  },
  cosine: {
    text: 'cosine between g(x) and g(s)',
    of: (o, p) => p.dot / Math.sqrt(o.squaredNorm * p.squaredNorm),
  },
  'decrease-ratio': {
    text: 'actual over predicted decrease of the loss, (L(0) − L(s)) / (s‖g‖²)',
    of: (o, p) => (o.loss - p.loss) / (p.s * o.squaredNorm),
  },
  lipschitz: {
    text: 'slope |L(0) − L(s)| / (s‖g‖₂), whose maximum over s is the Lipschitz constant of the loss along the ray',
    of: (o, p) => Math.abs(o.loss - p.loss) / (p.s * Math.sqrt(o.squaredNorm)),
  },
} as const satisfies Record<string, { text: string; of: (origin: RayOrigin, point: RayPoint) => number }>;

/** What only makes sense where the ray follows the gradient. */
const alongGradientOnly: readonly string[] = ['curvature', 'decrease-ratio'];

/** Whose direction a ray has; a random one has ‖d‖ = ‖g‖. */
export type RayName = 'ray' | 'random-ray';

function formulasOf(ray: RayName): readonly [string, (typeof formulas)[keyof typeof formulas]][] {
  return Object.entries(formulas).filter(([name]) => ray === 'ray' || !alongGradientOnly.includes(name));
}

/** The quantities `<ray>-loss` and so on, with their full definitions. */
export function rayQuantities(ray: RayName, about: string): Readonly<Record<string, Quantity>> {
  return Object.fromEntries(
    formulasOf(ray).map(([name, { text }]) => [
      `${ray}-${name}`,
      {
        definition: `${text}, at step size s = (multiple) × learning rate, ${about}`,
        unit: '',
        mode: 'train' as const,
      },
    ]),
  );
}

/** All quantities at all points; `<ray>-loss` at 0 is the loss at x itself. */
export function measureRay(
  ray: RayName,
  origin: RayOrigin,
  points: readonly RayPoint[],
): readonly { readonly quantity: string; readonly at: number; readonly value: number }[] {
  const measured = points.flatMap((point) =>
    formulasOf(ray).map(([name, { of }]) => ({
      quantity: `${ray}-${name}`,
      at: point.multiple,
      value: of(origin, point),
    })),
  );
  return [{ quantity: `${ray}-loss`, at: 0, value: origin.loss }, ...measured];
}
