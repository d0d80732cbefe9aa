/** @file The edges of batch normalisation's computation graph, each with its partial derivative as one writes it by hand. */

import { need } from '../../errors.ts';
import type { Example, Form, Scalar } from './example.ts';

export interface EdgeFormula {
  readonly from: Scalar;
  readonly to: Scalar;
  /** The partial derivative, ∂to/∂from with everything else that is drawn held fixed. */
  readonly text: string;
  /** The same as a computation from the numbers of the forward pass. */
  readonly evaluate: (example: Pick<Example, 'spec' | 'values'>) => number;
}

/** The letters of the formulas, for one example. */
interface Letters {
  readonly m: number;
  readonly mu: number;
  readonly gamma: number;
  /** σ² + ε. */
  readonly spread: number;
  readonly x: readonly number[];
}

type Formula = readonly [text: string, evaluate: (letters: Letters) => number];

/** Where the two forms differ: the partial derivatives of σ² by x_i and by μ. */
const varianceFormulas: Readonly<Record<Form, { readonly byX: (i: number) => Formula; readonly byMean: Formula }>> = {
  // σ² = Σ(xᵢ − μ)²/m
  centred: {
    byX: (i) => [`2(x${subscript(i)}−μ)/m`, ({ x, mu, m }) => (2 * (at(x, i) - mu)) / m],
    byMean: ['−2Σ(xᵢ−μ)/m', ({ x, mu, m }) => (-2 * x.reduce((sum, value) => sum + (value - mu), 0)) / m],
  },
  // σ² = Σxᵢ²/m − μ²
  'one-pass': {
    byX: (i) => [`2x${subscript(i)}/m`, ({ x, m }) => (2 * at(x, i)) / m],
    byMean: ['−2μ', ({ mu }) => -2 * mu],
  },
};

/** Every edge of the graph of m examples, from the inputs to the loss (ioffe2015, Algorithm 1 and section 3). */
export function edgeFormulas(form: Form, m: number): readonly EdgeFormula[] {
  const mean: Scalar = { quantity: 'mean', index: 0 };
  const variance: Scalar = { quantity: 'variance', index: 0 };
  const { byX, byMean } = varianceFormulas[form];
  const perExample = Array.from({ length: m }, (_, i) => {
    const [x, normalised, y] = (['x', 'normalised', 'y'] as const).map(
      (quantity): Scalar => ({ quantity, index: i }),
    ) as [Scalar, Scalar, Scalar];
    const xHat = (letters: Letters): number => (at(letters.x, i) - letters.mu) / Math.sqrt(letters.spread);
    const name = `x̂${subscript(i)}`;
    return [
      edge(x, mean, ['1/m', (letters) => 1 / letters.m]),
      edge(x, variance, byX(i)),
      edge(x, normalised, ['1/√(σ²+ε)', ({ spread }) => 1 / Math.sqrt(spread)]),
      edge(mean, normalised, ['−1/√(σ²+ε)', ({ spread }) => -1 / Math.sqrt(spread)]),
      edge(variance, normalised, [`−${name}/(2(σ²+ε))`, (letters) => -xHat(letters) / (2 * letters.spread)]),
      edge(normalised, y, ['γ', ({ gamma }) => gamma]),
      edge({ quantity: 'gamma', index: 0 }, y, [name, xHat]),
      edge({ quantity: 'beta', index: 0 }, y, ['1', () => 1]),
      {
        from: y,
        to: { quantity: 'loss', index: 0 },
        text: `∂l/∂y${subscript(i)}`,
        evaluate: ({ spec }) => at(spec.upstream, i),
      } satisfies EdgeFormula,
    ];
  });
  return [edge(mean, variance, byMean), ...perExample.flat()];
}

function edge(from: Scalar, to: Scalar, [text, evaluate]: Formula): EdgeFormula {
  return { from, to, text, evaluate: (example) => evaluate(lettersOf(example)) };
}

function lettersOf({ spec, values }: Pick<Example, 'spec' | 'values'>): Letters {
  const { values: x, epsilon, gamma } = spec;
  return { m: x.length, x, mu: at(values.mean, 0), gamma, spread: at(values.variance, 0) + epsilon };
}

function at(list: readonly number[], index: number): number {
  return need(list[index], `a number ${index}`);
}

/** The number of an example, counted from 1, as it stands below a letter. */
export function subscript(index: number): string {
  return String(index + 1).replace(/\d/g, (digit) => need('₀₁₂₃₄₅₆₇₈₉'[Number(digit)], `a subscript ${digit}`));
}
