/** @file From what is computed at the points of a ray to the quantities that are recorded: plain arithmetic. */

import type { StatisticsMode } from '../records/record.ts';
import type { Quantity } from './probe.ts';

/** At x: the loss L, ‖d‖² of the ray, and of the gradient of L there. */
export interface RayOrigin {
  readonly loss: number;
  /** ‖d‖². */
  readonly squaredNorm: number;
  /** ‖∇L(x)‖² and ⟨∇L(x), d⟩, where L is not what d is the gradient of; otherwise both are ‖d‖². */
  readonly read?: { readonly squaredNorm: number; readonly slope: number };
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
    of: (o, p) => Math.sqrt(p.changeSquared / (o.read ?? o).squaredNorm),
    otherwise: 'relative gradient change ‖Δg‖₂ / ‖g(x)‖₂',
  },
  cosine: {
    text: 'cosine between g(x) and g(s)',
    of: (o, p) => p.dot / Math.sqrt((o.read ?? o).squaredNorm * p.squaredNorm),
  },
  'decrease-ratio': {
    text: 'actual over predicted decrease of the loss, (L(0) − L(s)) / (s‖g‖²)',
    of: (o, p) => (o.loss - p.loss) / (p.s * (o.read?.slope ?? o.squaredNorm)),
    otherwise: 'actual over predicted decrease of the loss, (L(0) − L(s)) / (s⟨g(x), g⟩)',
  },
  lipschitz: {
    text: 'slope |L(0) − L(s)| / (s‖g‖₂), whose maximum over s is the Lipschitz constant of the loss along the ray',
    of: (o, p) => Math.abs(o.loss - p.loss) / (p.s * Math.sqrt(o.squaredNorm)),
  },
} as const satisfies Record<string, Formula>;

interface Formula {
  readonly text: string;
  readonly of: (origin: RayOrigin, point: RayPoint) => number;
  /** What it is where the loss is read otherwise than by the step, and g(x) is not g. */
  readonly otherwise?: string;
}

/** What only makes sense where the ray follows the gradient. */
const alongGradientOnly: readonly string[] = ['curvature', 'decrease-ratio'];

/** By which statistics a norm computes at the points of a ray. */
export const statisticsNames = ['batch', 'running', 'frozen', 'recomputed'] as const;
export type Statistics = (typeof statisticsNames)[number];

/** On which batch: that of the step, whose gradient the ray follows, or another. */
export const batchNames = ['same', 'fresh'] as const;
export type RayBatch = (typeof batchNames)[number];

type OtherBatch<Name extends string> = Name | `fresh-${Name}`;

/** A ray that follows the step, by how the loss is read along it. */
export type StepRayName = OtherBatch<'ray' | `${Exclude<Statistics, 'batch'>}-ray`>;

/** Whose direction a ray has, and how the loss is read along it; a random one has ‖d‖ = ‖g‖. */
export type RayName = StepRayName | 'random-ray';

/** `ray` where the loss is the step's own. */
export function rayName(statistics: Statistics, batch: RayBatch): StepRayName {
  const ray = statistics === 'batch' ? 'ray' : (`${statistics}-ray` as const);
  return batch === 'same' ? ray : `fresh-${ray}`;
}

function formulasOf(ray: RayName): readonly [string, Formula][] {
  return Object.entries(formulas).filter(([name]) => ray !== 'random-ray' || !alongGradientOnly.includes(name));
}

/** The quantities `<ray>-loss` and so on, with their full definitions. */
export function rayQuantities(
  ray: RayName,
  about: string,
  mode: StatisticsMode = 'train',
): Readonly<Record<string, Quantity>> {
  const isStepsOwn = ray === 'ray' || ray === 'random-ray';
  return Object.fromEntries(
    formulasOf(ray).map(([name, { text, otherwise = text }]) => [
      `${ray}-${name}`,
      {
        definition: `${isStepsOwn ? text : otherwise}, at step size s = (multiple) × learning rate, ${about}`,
        unit: '',
        mode,
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
