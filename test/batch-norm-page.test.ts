import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLaboratory } from '../src/cells/laboratory.ts';
import { need } from '../src/errors.ts';
import { newNetwork } from '../src/nn/network.ts';
import { norms } from '../src/norms/index.ts';
import { defaultNormSettings } from '../src/norms/norm.ts';
import { renderFigure } from '../src/report/figure/figure.ts';
import {
  type Example,
  exampleSpec,
  type Form,
  forms,
  measureExample,
} from '../src/studies/batch-norm-by-hand/example.ts';
import { batchNormDiagram } from '../src/studies/batch-norm-by-hand/picture.ts';
import { maxDifference } from '../src/testing/difference.ts';
import { buildGraph, evaluate } from '../src/testing/evaluate.ts';
import { checksOf, lipschitzChecks, type Sides } from './batch-norm-formulas.ts';

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

const laboratory = openLaboratory(threadlessDevice, 1, () => undefined);
afterAll(() => laboratory.close());

const batches: readonly (readonly number[])[] = [
  [1, 2, 4],
  [0.25, -1.5, 7, 3.75],
  [10.5, 9, 11, 8.25, -2],
];
/** The second is large enough for terms in ε to be seen. */
const epsilons = [1e-5, 0.25];

/** Rounding of float64 after a dozen operations, relative to the largest number that meets there. */
const TOLERANCE = 1e-12;

/** `fails` is a difference of a tenth of the sides themselves. */
function outcomeOf({ left, right, size }: Sides): 'holds' | 'fails' | 'unclear' {
  const error = maxDifference(left, right);
  const own = Math.max(...[...left, ...right].map(Math.abs));
  if (error < TOLERANCE * size) return 'holds';
  return error > 0.1 * own ? 'fails' : 'unclear';
}

describe.each(forms)('the formulas of the %s form', (form) => {
  let examples: readonly Example[];
  beforeAll(async () => {
    const specs = epsilons.flatMap((epsilon) => batches.map((values) => ({ ...exampleSpec(form, values), epsilon })));
    const measured: Example[] = [];
    for (const spec of specs) measured.push(await measureExample(laboratory, spec));
    examples = measured;
  });

  it.each(
    lines
      .filter(({ subject }) => subject === form || subject === 'both')
      .map(({ kind, text }) => [kind, text] as const),
  )('%s: %s', (kind, text) => {
    const check = checksOf(form).get(text);
    for (const example of examples) {
      expect(check === undefined ? 'no check' : outcomeOf(check(example))).toBe(kind === 'formula' ? 'holds' : 'fails');
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

/** The variance that the norm itself computes, in plain ONNX operations. */
async function varianceInFloat32(form: Form, values: readonly number[]): Promise<number> {
  const graph = buildGraph('float32', (g) => {
    const network = newNetwork(g, 'frozen');
    const x = g.input('x', [values.length, 1], { kind: 'data' });
    norms[form === 'centred' ? 'batch-composed' : 'batch-one-pass'].build(network, 'norm', x, defaultNormSettings);
    return { variance: need(network.quantities.get('norm/variance'), 'a variance') };
  });
  return Number((await evaluate(graph, { x: Float32Array.from(values) }))['variance']?.[0]);
}

describe('float32', () => {
  it.each(ofSubject('float32'))('%s', async (text) => {
    const [, form = '', numbers = '', variance = ''] = /^([a-z-]+): σ²\((.*)\) = (.*)$/.exec(text) ?? [];
    expect(forms).toContain(form);
    const measured = await varianceInFloat32(form as Form, numbers.split(', ').map(Number));
    expect(Number(measured.toPrecision(3))).toBe(Number(variance));
  });
});

it.each(forms)('shows the picture of the %s form as the command draws it', async (form) => {
  const example = await measureExample(laboratory, exampleSpec(form, [1, 2, 4]));
  const path = `images/batch-norm-${form}.svg`;
  expect(page).toContain(`](${path})`);
  expect(page).toContain(`normscope graph batch-norm --form ${form} --values 1,2,4 --out batch-norm-${form}.svg`);
  const isSame = renderFigure(batchNormDiagram(example)) === fromRoot(`docs/${path}`);
  expect(isSame, `docs/${path} must be drawn anew by the command on the page`).toBe(true);
});
