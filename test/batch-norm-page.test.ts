import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderFigure } from '../src/report/figure/figure.ts';
import {
  type Example,
  exampleSpec,
  type Form,
  forms,
  measureExample,
} from '../src/studies/batch-norm-by-hand/example.ts';
import { batchNormDiagram } from '../src/studies/batch-norm-by-hand/picture.ts';
import { checksOf, lipschitzChecks, type Sides } from './batch-norm-formulas.ts';
import { InThreadDevice } from './in-thread-device.ts';

const fromRoot = (path: string): string => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const page = fromRoot('docs/batch-norm-by-hand.md');

interface Line {
  readonly kind: 'formula' | 'formula-as-printed';
  /** The form or forms that it speaks of, or its subject. */
  readonly subject: string;
  readonly text: string;
}

/** Every line of every fenced block that is marked as a formula. */
const lines: readonly Line[] = [...page.matchAll(/^```(formula|formula-as-printed) (\S+)\n(.*?)^```/gms)].flatMap(
  ([, kind, subject = '', block = '']) =>
    block
      .split('\n')
      .filter((text) => text.trim() !== '')
      .map((text): Line => ({ kind: kind === 'formula' ? 'formula' : 'formula-as-printed', subject, text })),
);

const ofSubject = (subject: string, kind: Line['kind'] = 'formula'): readonly string[] =>
  lines.filter((line) => line.subject === subject && line.kind === kind).map(({ text }) => text);

const device = new InThreadDevice({ lowering: 'reference', threads: 1 });
afterAll(() => device.close());

const batches: readonly (readonly number[])[] = [
  [1, 2, 4],
  [0.25, -1.5, 7, 3.75],
  [10.5, 9, 11, 8.25, -2],
];
/** The second is large enough for terms in ε to be seen. */
const epsilons = [1e-5, 0.25];

/** Largest difference of the sides, relative to the largest number on them; sides of one number meet in pairs. */
function errorOf({ left, right, size }: Sides): number {
  expect(left).toHaveLength(right.length);
  const differences = left.map((value, i) => Math.abs(value - (right[i] ?? Number.NaN)));
  return Math.max(...differences) / size;
}

/** Rounding of float64 after a dozen operations. */
const TOLERANCE = 1e-12;

describe.each(forms)('the formulas of the %s form', (form) => {
  let examples: readonly Example[];
  beforeAll(async () => {
    const specs = epsilons.flatMap((epsilon) => batches.map((values) => ({ ...exampleSpec(form, values), epsilon })));
    const measured: Example[] = [];
    for (const spec of specs) measured.push(await measureExample(device, spec));
    examples = measured;
  });

  it.each(
    lines
      .filter(({ subject }) => subject === form || subject === 'both')
      .map(({ kind, text }) => [kind, text] as const),
  )('%s: %s', (kind, text) => {
    const check = checksOf(form).get(text);
    expect(check, 'every formula on the page must have a check').toBeDefined();
    for (const example of examples) {
      const error = errorOf(check?.(example) ?? { left: [], right: [], size: 1 });
      if (kind === 'formula') expect(error).toBeLessThan(TOLERANCE);
      else expect(error).toBeGreaterThan(0.01);
    }
  });
});

it('has a formula for every check, and a subject for every formula', () => {
  for (const form of forms) {
    const written = lines.filter(({ subject }) => subject === form || subject === 'both').map(({ text }) => text);
    expect([...checksOf(form).keys()].filter((text) => !written.includes(text))).toEqual([]);
  }
  const subjects = new Set(lines.map(({ subject }) => subject));
  expect([...subjects].sort()).toEqual(['both', 'centred', 'float32', 'lipschitz', 'one-pass']);
  // A block with another mark would not be looked at.
  expect(page.match(/^```formula/gm)).toHaveLength(
    page.match(/^```formula(?:-as-printed)? [a-z0-9-]+$/gm)?.length ?? 0,
  );
});

describe('the Lipschitz condition', () => {
  it('holds with the distance of the inputs, and not as printed', () => {
    expect(ofSubject('lipschitz').map((text) => lipschitzChecks.get(text)?.())).toEqual([true]);
    expect(ofSubject('lipschitz', 'formula-as-printed').map((text) => lipschitzChecks.get(text)?.())).toEqual([false]);
    expect(lipschitzChecks.size).toBe(2);
  });
});

describe('float32', () => {
  it.each(ofSubject('float32'))('%s', async (text) => {
    const [, form = '', numbers = '', variance = ''] = /^([a-z-]+): σ²\((.*)\) = (.*)$/.exec(text) ?? [];
    expect(forms).toContain(form);
    const spec = exampleSpec(form as Form, numbers.split(', ').map(Number));
    const measured = (await measureExample(device, { ...spec, float: 'float32' })).values.variance[0] ?? Number.NaN;
    expect(Number(measured.toPrecision(3))).toBe(Number(variance));
  });
});

it.each(forms)('shows the picture of the %s form as the command draws it', async (form) => {
  const example = await measureExample(device, exampleSpec(form, [1, 2, 4]));
  const path = `images/batch-norm-${form}.svg`;
  expect(page).toContain(`](${path})`);
  expect(page).toContain(`normscope graph batch-norm --form ${form} --values 1,2,4 --out batch-norm-${form}.svg`);
  expect(renderFigure(batchNormDiagram(example))).toBe(fromRoot(`docs/${path}`));
});
