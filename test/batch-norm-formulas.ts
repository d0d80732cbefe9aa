/** @file The formulas of docs/batch-norm-by-hand.md as computations: each side from the numbers of a graph. */

import type { Example, Form, Quantity } from '../src/studies/batch-norm-by-hand/example.ts';

/** Both sides of an equation, for each example where it speaks of one; `size` is that of the numbers that meet in it. */
export interface Sides {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly size: number;
}

type Check = (example: Example) => Sides;

/** The letters of the page. */
interface Letters {
  readonly m: number;
  readonly x: readonly number[];
  readonly mu: number;
  readonly variance: number;
  readonly epsilon: number;
  /** √(σ² + ε) */
  readonly root: number;
  readonly xHat: readonly number[];
  readonly gamma: number;
  readonly beta: number;
  /** ∂l/∂ what is named. */
  readonly d: (quantity: Quantity) => readonly number[];
  readonly edge: (from: Quantity, to: Quantity) => readonly number[];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const times = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.map((value, i) => value * (b[i] ?? 0));

function lettersOf({ spec, values, gradients, partial }: Example): Letters {
  const variance = values.variance[0] ?? Number.NaN;
  const only = (quantity: Quantity): number => values[quantity][0] ?? Number.NaN;
  return {
    m: spec.values.length,
    x: spec.values,
    mu: only('mean'),
    variance,
    epsilon: spec.epsilon,
    root: Math.sqrt(variance + spec.epsilon),
    xHat: values.normalised,
    gamma: only('gamma'),
    beta: only('beta'),
    d: (quantity) => gradients[quantity],
    // Of several to several, those of one example; of one to one, just that.
    edge: (from, to) => {
      const count = Math.max(values[from].length, values[to].length);
      const at = (quantity: Quantity, i: number) => ({ quantity, index: values[quantity].length === 1 ? 0 : i });
      return Array.from({ length: count }, (_, i) => partial(at(from, i), at(to, i)));
    },
  };
}

/** An equation, with the size of its largest term; sides may be one number or one per example. */
function equation(
  build: (letters: Letters) => readonly [left: number | readonly number[], right: number | readonly number[]],
): Check {
  return (example) => {
    const letters = lettersOf(example);
    const [left, right] = build(letters).map((side) => (typeof side === 'number' ? [side] : side)) as [
      readonly number[],
      readonly number[],
    ];
    const count = Math.max(left.length, right.length);
    const filled = (side: readonly number[]): readonly number[] =>
      side.length === 1 ? Array.from({ length: count }, () => side[0] ?? Number.NaN) : side;
    const squares = letters.x.map((value) => value * value);
    const terms = [...left, ...right, ...squares, ...letters.d('y'), ...letters.d('variance')];
    return { left: filled(left), right: filled(right), size: Math.max(...terms.map(Math.abs)) };
  };
}

const both: readonly (readonly [string, Check])[] = [
  ['μ = Σᵢ xᵢ / m', equation(({ mu, x, m }) => [mu, sum(x) / m])],
  ['x̂ᵢ = (xᵢ − μ) / √(σ² + ε)', equation(({ xHat, x, mu, root }) => [xHat, x.map((value) => (value - mu) / root)])],
  [
    'yᵢ = γ x̂ᵢ + β',
    (example) =>
      equation(({ xHat, gamma, beta }) => [example.values.y, xHat.map((value) => gamma * value + beta)])(example),
  ],
  ['∂μ/∂xᵢ = 1/m', equation(({ edge, m }) => [edge('x', 'mean'), 1 / m])],
  ['∂x̂ᵢ/∂xᵢ = 1/√(σ² + ε)', equation(({ edge, root }) => [edge('x', 'normalised'), 1 / root])],
  ['∂x̂ᵢ/∂μ = −1/√(σ² + ε)', equation(({ edge, root }) => [edge('mean', 'normalised'), -1 / root])],
  [
    '∂x̂ᵢ/∂σ² = −x̂ᵢ / (2(σ² + ε))',
    equation(({ edge, xHat, root }) => [edge('variance', 'normalised'), xHat.map((value) => -value / (2 * root ** 2))]),
  ],
  ['∂yᵢ/∂x̂ᵢ = γ', equation(({ edge, gamma }) => [edge('normalised', 'y'), gamma])],
  ['∂yᵢ/∂γ = x̂ᵢ', equation(({ edge, xHat }) => [edge('gamma', 'y'), xHat])],
  ['∂yᵢ/∂β = 1', equation(({ edge }) => [edge('beta', 'y'), 1])],
  ['∂l/∂γ = Σᵢ ∂l/∂yᵢ · x̂ᵢ', equation(({ d, xHat }) => [d('gamma'), sum(times(d('y'), xHat))])],
  ['∂l/∂β = Σᵢ ∂l/∂yᵢ', equation(({ d }) => [d('beta'), sum(d('y'))])],
  ['∂l/∂x̂ᵢ = ∂l/∂yᵢ · γ', equation(({ d, gamma }) => [d('normalised'), d('y').map((value) => value * gamma)])],
  [
    '∂l/∂σ² = Σᵢ ∂l/∂x̂ᵢ · (xᵢ − μ) · (−1/2) · (σ² + ε)^(−3/2)',
    equation(({ d, x, mu, root }) => [
      d('variance'),
      sum(x.map((value, i) => (d('normalised')[i] ?? 0) * (value - mu) * -0.5 * root ** -3)),
    ]),
  ],
  [
    '∂l/∂xᵢ = γ / √(σ² + ε) · (∂l/∂yᵢ − Σⱼ ∂l/∂yⱼ / m − x̂ᵢ Σⱼ ∂l/∂yⱼ x̂ⱼ / m)',
    equation(({ d, xHat, gamma, root, m }) => [
      d('x'),
      d('y').map(
        (value, i) => (gamma / root) * (value - sum(d('y')) / m - ((xHat[i] ?? 0) * sum(times(d('y'), xHat))) / m),
      ),
    ]),
  ],
  ['Σᵢ ∂l/∂xᵢ = 0', equation(({ d }) => [sum(d('x')), 0])],
  [
    'Σᵢ x̂ᵢ · ∂l/∂xᵢ = γ ε (σ² + ε)^(−3/2) Σᵢ ∂l/∂yᵢ · x̂ᵢ',
    equation(({ d, xHat, gamma, epsilon, root }) => [
      sum(times(xHat, d('x'))),
      gamma * epsilon * root ** -3 * sum(times(d('y'), xHat)),
    ]),
  ],
  [
    '∂l/∂μ = Σᵢ ∂l/∂xᵢ · (−1/√(σ² + ε))',
    equation(({ d, root }) => [d('mean'), sum(d('x').map((value) => -value / root))]),
  ],
  [
    '∂l/∂σ² = Σᵢ ∂l/∂xᵢ · (−1/2) · (xᵢ − μ) / (σ² + ε)^(3/2)',
    equation(({ d, x, mu, root }) => [
      d('variance'),
      sum(x.map((value, i) => ((d('x')[i] ?? 0) * -0.5 * (value - mu)) / root ** 3)),
    ]),
  ],
];

const ofForm: Readonly<Record<Form, readonly (readonly [string, Check])[]>> = {
  centred: [
    [
      'σ² = Σᵢ (xᵢ − μ)² / m',
      equation(({ variance, x, mu, m }) => [variance, sum(x.map((value) => (value - mu) ** 2)) / m]),
    ],
    [
      '∂σ²/∂xᵢ = 2(xᵢ − μ)/m',
      equation(({ edge, x, mu, m }) => [edge('x', 'variance'), x.map((value) => (2 * (value - mu)) / m)]),
    ],
    [
      '∂σ²/∂μ = −2 Σᵢ (xᵢ − μ) / m',
      equation(({ edge, x, mu, m }) => [edge('mean', 'variance'), (-2 * sum(x.map((value) => value - mu))) / m]),
    ],
    ['Σᵢ (xᵢ − μ) = 0', equation(({ x, mu }) => [sum(x.map((value) => value - mu)), 0])],
    [
      '∂l/∂μ = Σᵢ ∂l/∂x̂ᵢ · (−1/√(σ² + ε)) + ∂l/∂σ² · (−2) Σᵢ (xᵢ − μ) / m',
      equation(({ d, x, mu, m, root }) => [
        d('mean'),
        sum(d('normalised').map((value) => -value / root)) +
          ((d('variance')[0] ?? 0) * -2 * sum(x.map((value) => value - mu))) / m,
      ]),
    ],
    ['∂l/∂μ = −Σᵢ ∂l/∂x̂ᵢ / √(σ² + ε)', equation(({ d, root }) => [d('mean'), -sum(d('normalised')) / root])],
    [
      '∂l/∂xᵢ = ∂l/∂x̂ᵢ / √(σ² + ε) + ∂l/∂σ² · 2(xᵢ − μ)/m + ∂l/∂μ / m',
      equation((letters) => [letters.d('x'), gradientOfX(letters, (value) => (2 * (value - letters.mu)) / letters.m)]),
    ],
  ],
  'one-pass': [
    [
      'σ² = Σᵢ xᵢ² / m − μ²',
      equation(({ variance, x, mu, m }) => [variance, sum(x.map((value) => value ** 2)) / m - mu ** 2]),
    ],
    ['∂σ²/∂xᵢ = 2xᵢ/m', equation(({ edge, x, m }) => [edge('x', 'variance'), x.map((value) => (2 * value) / m)])],
    ['∂σ²/∂μ = −2μ', equation(({ edge, mu }) => [edge('mean', 'variance'), -2 * mu])],
    [
      '∂l/∂μ = −Σᵢ ∂l/∂x̂ᵢ / √(σ² + ε) − 2μ · ∂l/∂σ²',
      equation(({ d, root, mu }) => [d('mean'), -sum(d('normalised')) / root - 2 * mu * (d('variance')[0] ?? 0)]),
    ],
    [
      '∂l/∂xᵢ = ∂l/∂x̂ᵢ / √(σ² + ε) + ∂l/∂σ² · 2xᵢ/m + ∂l/∂μ / m',
      equation((letters) => [letters.d('x'), gradientOfX(letters, (value) => (2 * value) / letters.m)]),
    ],
    [
      '∂σ²/∂xᵢ = 2(xᵢ − μ)/m',
      equation(({ edge, x, mu, m }) => [edge('x', 'variance'), x.map((value) => (2 * (value - mu)) / m)]),
    ],
    ['∂σ²/∂μ = 0', equation(({ edge }) => [edge('mean', 'variance'), 0])],
    ['∂l/∂μ = −Σᵢ ∂l/∂x̂ᵢ / √(σ² + ε)', equation(({ d, root }) => [d('mean'), -sum(d('normalised')) / root])],
  ],
};

/** ∂l/∂xᵢ by its three arrows, with that of the variance given. */
function gradientOfX({ x, d, root, m }: Letters, toVariance: (x: number) => number): readonly number[] {
  const [byVariance, byMean] = [d('variance')[0] ?? 0, d('mean')[0] ?? 0];
  return x.map((value, i) => (d('normalised')[i] ?? 0) / root + byVariance * toVariance(value) + byMean / m);
}

/** The check of each formula that speaks of a form, by the text on the page. */
export function checksOf(form: Form): ReadonlyMap<string, Check> {
  return new Map([...both, ...ofForm[form]]);
}

/** On the logistic function, which has the Lipschitz constant 1/4, and points far and near. */
function holdsForLogistic(bound: (x: readonly [number, number], f: readonly [number, number]) => number): boolean {
  const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
  const points = Array.from({ length: 41 }, (_, i) => (i - 20) / 4);
  return points.every((a) =>
    points
      .filter((b) => b !== a)
      .every((b) => Math.abs(logistic(a) - logistic(b)) <= bound([a, b], [logistic(a), logistic(b)])),
  );
}

export const lipschitzChecks: ReadonlyMap<string, () => boolean> = new Map([
  ['|f(x₁) − f(x₂)| ≤ L |x₁ − x₂|', () => holdsForLogistic(([a, b]) => Math.abs(a - b) / 4)],
  ['|f(x₁) − f(x₂)| ≤ L |f(x₁) − f(x₂)|', () => holdsForLogistic((_, [a, b]) => Math.abs(a - b) / 4)],
]);
