import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLaboratory } from '../src/cells/laboratory.ts';
import { NumericError, SettingError } from '../src/errors.ts';
import { maxDifference } from '../src/testing/difference.ts';
import { edgeFormulas } from '../src/studies/batch-norm-by-hand/edges.ts';
import {
  type Example,
  exampleSpec,
  type ExampleSpec,
  type Form,
  forms,
  measureExample,
  quantities,
  type Scalar,
} from '../src/studies/batch-norm-by-hand/example.ts';
import { batchNormDiagram } from '../src/studies/batch-norm-by-hand/picture.ts';
import { exampleRecords, recordedExample } from '../src/studies/batch-norm-by-hand/records.ts';

const batches: readonly (readonly number[])[] = [
  [1, 2, 4],
  [-3, 0.5],
  [0.25, -1.5, 7, 3.75],
  [10.5, 9, 11, 8.25, -2, 0.75],
];

/** Rounding of float64 after a dozen operations, relative to numbers of the size that meets there. */
const TOLERANCE = 1e-12;

const laboratory = openLaboratory(threadlessDevice, 1, () => undefined);
afterAll(() => laboratory.close());

const measure = (form: Form, values: readonly number[]): Promise<Example> =>
  measureExample(laboratory, exampleSpec(form, values));

/** Batch normalisation in plain loops, from its definition. */
function byLoops({ values: x, gamma, beta, epsilon, upstream }: ExampleSpec) {
  const m = x.length;
  const mean = x.reduce((sum, value) => sum + value, 0) / m;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / m;
  const normalised = x.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
  const y = normalised.map((value) => gamma * value + beta);
  const loss = y.reduce((sum, value, i) => sum + value * (upstream[i] ?? Number.NaN), 0);
  return { x, mean: [mean], variance: [variance], normalised, gamma: [gamma], beta: [beta], y, loss: [loss] };
}

const scalarsOf = ({ values }: Example): readonly Scalar[] =>
  quantities.flatMap((quantity) => values[quantity].map((_, index) => ({ quantity, index })));

const nameOf = ({ quantity, index }: Scalar): string => `${quantity}[${index}]`;

describe.each(forms.flatMap((form) => batches.map((values) => ({ form, values }))))(
  'the graph of $values, $form',
  ({ form, values }) => {
    let example: Example;
    const edges = edgeFormulas(form, values.length);
    beforeAll(async () => {
      example = await measure(form, values);
    });

    it('computes what the definition says', () => {
      const expected = byLoops(example.spec);
      for (const quantity of quantities) {
        const scale = Math.max(1, ...values.map((value) => value * value));
        expect(maxDifference(example.values[quantity], expected[quantity])).toBeLessThan(TOLERANCE * scale);
      }
    });

    it('has on each edge the derivative that the formula gives, sign and all', () => {
      const size = Math.max(1, ...values.map(Math.abs));
      for (const { from, to, text, evaluate } of edges) {
        const [actual, expected] = [example.partial(from, to), evaluate(example)];
        const error = Math.abs(actual - expected) / Math.max(size, Math.abs(expected));
        expect(error, `${nameOf(from)} → ${nameOf(to)}: ${text}`).toBeLessThan(TOLERANCE);
        // A number at the level of rounding has no sign.
        const sign = Math.abs(expected) > TOLERANCE * size ? Math.sign(expected) : Math.sign(actual);
        expect(Math.sign(actual)).toBe(sign);
      }
    });

    it('has no edge that is not drawn: every other derivative is 0', () => {
      const drawn = new Set(edges.map(({ from, to }) => nameOf(from) + nameOf(to)));
      const scalars = scalarsOf(example);
      const others = scalars.flatMap((from) =>
        scalars
          .filter((to) => from.quantity !== to.quantity && !drawn.has(nameOf(from) + nameOf(to)))
          .map((to) => example.partial(from, to)),
      );
      expect(others.length).toBeGreaterThan(2 * drawn.size);
      expect(others.filter((value) => value !== 0)).toEqual([]);
    });

    it('brings back to each box the sum over its edges of derivative times gradient', () => {
      for (const scalar of scalarsOf(example)) {
        const leaving = edges.filter(({ from }) => nameOf(from) === nameOf(scalar));
        const terms = leaving.map(
          ({ to, from }) => example.partial(from, to) * (gradientAt(example, to) ?? Number.NaN),
        );
        if (scalar.quantity === 'loss') terms.push(1);
        const sum = terms.reduce((total, term) => total + term, 0);
        const size = Math.max(1, ...terms.map(Math.abs));
        expect(Math.abs((gradientAt(example, scalar) ?? Number.NaN) - sum) / size).toBeLessThan(TOLERANCE);
      }
    });

    it('brings back to x what central differences of the definition give', () => {
      // Truncation h² l‴/6 and rounding 1e-16 l/h, for losses near 10.
      const h = 1e-5;
      const lossAt = (x: readonly number[]): number => byLoops({ ...example.spec, values: x }).loss[0] ?? Number.NaN;
      const slopes = values.map((_, i) => {
        const moved = (step: number): readonly number[] => values.map((value, j) => (i === j ? value + step : value));
        return (lossAt(moved(h)) - lossAt(moved(-h))) / (2 * h);
      });
      expect(maxDifference(example.gradients.x, slopes)).toBeLessThan(1e-8);
    });

    it('is drawn with every number that it has', () => {
      const { nodes, edges: arrows } = batchNormDiagram(example);
      expect(nodes.map(({ value }) => value)).toEqual(quantities.flatMap((quantity) => example.values[quantity]));
      expect(nodes.map(({ gradient }) => gradient?.value)).toEqual(
        quantities.flatMap((quantity) => example.gradients[quantity]),
      );
      const idle = arrows.filter(({ kind }) => kind === 'idle').map(({ from, to, value }) => `${from}${to} ${value}`);
      expect(idle).toEqual(form === 'centred' ? ['μσ² 0'] : []);
      const live = edges.filter(({ text }) => form === 'one-pass' || text !== '−2Σ(xᵢ−μ)/m');
      expect(arrows.filter(({ kind }) => kind === 'forward').map(({ value }) => value)).toEqual(
        live.map(({ from, to }) => example.partial(from, to)),
      );
    });
  },
);

function gradientAt({ gradients }: Example, { quantity, index }: Scalar): number | undefined {
  return gradients[quantity][index];
}

describe('the two forms', () => {
  it.each(batches)(
    'differ on the edges into σ² and in ∂l/∂μ, and agree in every other gradient: %j',
    async (...values) => {
      const [centred, onePass] = [await measure('centred', values), await measure('one-pass', values)];
      const variance = { quantity: 'variance', index: 0 } as const;
      const sources = [
        { quantity: 'mean', index: 0 } as const,
        ...values.map((_, index) => ({ quantity: 'x', index }) as const),
      ];
      for (const from of sources) {
        expect(Math.abs(centred.partial(from, variance) - onePass.partial(from, variance))).toBeGreaterThan(0.1);
      }
      const size = Math.max(...values.map((value) => value * value));
      const differs = quantities.filter(
        (quantity) => !(maxDifference(centred.gradients[quantity], onePass.gradients[quantity]) < TOLERANCE * size),
      );
      expect(differs).toEqual(['mean']);
      expect(maxDifference(centred.gradients.mean, onePass.gradients.mean)).toBeGreaterThan(1e-3);
    },
  );
});

it.each(forms)('the picture of the %s form is the same from records', async (form) => {
  const example = await measure(form, [1, 2, 4]);
  const other = await measure(form === 'centred' ? 'one-pass' : 'centred', [1, 2, 4]);
  const records = [...exampleRecords(other), ...exampleRecords(example)];
  expect(batchNormDiagram(recordedExample(records, example.spec))).toEqual(batchNormDiagram(example));
});

it('draws an edge that happens to carry nothing like one that never does', async () => {
  const { edges, legend } = batchNormDiagram(await measure('one-pass', [0, 1, 5]));
  const idle = edges.filter(({ kind }) => kind === 'idle');
  expect(idle.map(({ from, to, label, value }) => [from, to, label, value])).toEqual([['x₁', 'σ²', '2x₁/m', 0]]);
  expect(legend.at(-1)?.sample).toBe('idle');
});

describe('measureExample()', () => {
  it.each([
    [[], /at least 2 values.*got 0; try 1,2,4/],
    [[1], /at least 2 values.*got 1; try 1,2,4/],
    [[1, 2, 3, 4, 5, 6, 7], /at most 6, got 7; try 1,2,4/],
    [[1, Number.POSITIVE_INFINITY], /must be finite numbers, got Infinity; try 1,2,4/],
    [[1, Number.NaN], /must be finite numbers, got NaN/],
  ])('refuses %j', async (values, message) => {
    await expect(measure('centred', values)).rejects.toThrow(SettingError);
    await expect(measure('centred', values)).rejects.toThrow(message);
  });

  it('says so where the one-pass form cancels to a negative variance', async () => {
    const far = [1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.4];
    await expect(measure('one-pass', far)).rejects.toThrow(/must not be negative, got -\d.*use the centred form/);
    expect((await measure('centred', far)).values.variance[0]).toBeCloseTo(0.0155, 3);
  });

  it('refuses values whose squares are not finite, and takes a batch of equal ones', async () => {
    await expect(measure('one-pass', [1e200, -1e200])).rejects.toThrow(NumericError);
    const equal = await measure('centred', [3, 3, 3]);
    expect(equal.values.normalised).toEqual([0, 0, 0]);
  });
});
