import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inspectionText } from '../src/cli/graph/inspect-text.ts';
import { trainableOps } from '../src/importer/rules/index.ts';
import { exportRecipe } from '../src/inspection/export-recipe.ts';
import { inspectModel, type Inspection } from '../src/inspection/inspect-model.ts';
import { readOnnxFile } from '../src/onnx/node/read-onnx-file.ts';

const folder = fileURLToPath(new URL('./onnx-files/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.onnx'))
  .toSorted();

function inspect(name: string): Inspection {
  return inspectModel(readOnnxFile(join(folder, name)).model, trainableOps);
}

/** How many layers have their norm in which state. */
function normsOf({ layers }: Inspection): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { norm } of layers) counts[norm.kind] = (counts[norm.kind] ?? 0) + 1;
  return counts;
}

function rulesOf({ findings }: Inspection, level: string): readonly string[] {
  return [...new Set(findings.filter((finding) => finding.level === level).map(({ rule }) => rule))];
}

it('the files are as they came, and each is described', () => {
  const sums = files.map((name) => {
    const sum = createHash('sha256').update(readFileSync(join(folder, name)));
    return `${sum.digest('hex')}  ${name}`;
  });
  expect(sums).toEqual(readFileSync(join(folder, 'checksums.txt'), 'utf8').trim().split('\n'));
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  expect(files.filter((name) => !name.includes('/') && !readme.includes(`\`${name}\``))).toEqual([]);
});

describe('inspectModel() of files that others made', () => {
  // Parameters by hand, from the layers: 8·25 + 8 + 16·8·25 + 16 + 256·10 + 10 of the first, and so on; SqueezeNet's and the
  // ResNet's as published and as make.py prints them.
  it.each<[string, number, number, Readonly<Record<string, number>>]>([
    ['mnist_cntk.onnx', 5994, 0, { unclear: 2, none: 1 }],
    ['winml_pytorch_image.onnx', 50_182, 0, { folded: 4, none: 1 }],
    ['onnx2c_mnist_pytorch.onnx', 784 * 64 + 64 * 64 + 64 * 10 + 4 * 64, 4 * 64, { kept: 2, none: 1 }],
    ['tract_keras_example.onnx', 100 * 32 + 32 + 32 + 1, 0, { none: 2 }],
    ['light_squeezenet.onnx', 1_235_496, 0, { unclear: 26 }],
    ['pytorch-trio/folded.onnx', 19_850, 0, { folded: 6, none: 1 }],
    ['pytorch-trio/kept.onnx', 19_994, 288, { kept: 6, none: 1 }],
    ['pytorch-trio/training.onnx', 19_994, 288, { kept: 6, none: 1 }],
  ])('%s', (name, parameters, statistics, norms) => {
    const inspection = inspect(name);
    expect({ parameters: inspection.parameters, statistics: inspection.statistics }).toEqual({
      parameters,
      statistics,
    });
    expect(normsOf(inspection)).toEqual(norms);
    expect(inspection.coverage.missing).toEqual([]);
  });

  it('finds no problem in networks that work, and that one is no network yet', () => {
    for (const name of files) {
      expect(rulesOf(inspect(name), 'problem'), name).toEqual(name.startsWith('light_') ? ['placeholder-weights'] : []);
    }
  });

  it('finds what is odd about the ResNet: a gamma of 0, in each file that has it; training mode in one', () => {
    // Its statistics are plain averages, momentum=None, for which PyTorch writes 1.
    expect(rulesOf(inspect('pytorch-trio/kept.onnx'), 'note')).toEqual(['dead-gammas', 'momentum']);
    expect(rulesOf(inspect('pytorch-trio/training.onnx'), 'note')).toEqual(['dead-gammas', 'training-mode']);
    expect(rulesOf(inspect('pytorch-trio/folded.onnx'), 'note')).toEqual([]);
  });
});

describe('inspectionText()', () => {
  it.each(files)('of %s fits into 80 columns', (name) => {
    const text = inspectionText(name, 1234, inspect(name));
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/^Batch norms$/m);
  });

  it('says which norms were folded in, by which sign, and how to export them', () => {
    const text = inspectionText('model.onnx', 202_000, inspect('winml_pytorch_image.onnx'));
    expect(text).toContain("folded in    4 into the weights, as PyTorch up to 1.11 leaves them: '48, 49'");
    expect(text).toContain('normscope diagnose model.onnx --data DIR --norms put-back');
    expect(text).toContain('training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False');
  });

  it('shows nothing of a name that a terminal would obey, and bounds it', () => {
    const inspection = inspect('pytorch-trio/kept.onnx');
    const evil = `\u001b]0;owned\u0007\u202e${'x'.repeat(10_000)}`;
    const text = inspectionText(evil, 1, {
      ...inspection,
      producer: { name: evil, version: evil },
      inputs: [{ name: evil, type: 'float', shape: [evil] }],
      layers: inspection.layers.map((layer) => ({ ...layer, name: evil, weight: { ...layer.weight, name: evil } })),
      findings: inspection.findings.map((finding) => ({ ...finding, layer: evil })),
    });
    expect(text).toMatch(/\]0;owned/);
    expect(text.split('\n').filter((line) => /[\p{Cc}\p{Cf}]/u.test(line))).toEqual([]);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text.length).toBeLessThan(6000);
  });
});

describe('docs/inspect.md', () => {
  const page = readFileSync(fileURLToPath(new URL('../docs/inspect.md', import.meta.url)), 'utf8');

  it('has the recipe that is printed', () => {
    expect(page).toContain(`\n${exportRecipe}\n`);
  });

  it('lists every rule, and no other', () => {
    const source = fileURLToPath(new URL('../src/inspection/', import.meta.url));
    const texts = readdirSync(source)
      .filter((name) => !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(source, name), 'utf8'));
    const rules = texts.flatMap((text) => [...text.matchAll(/rule: '([a-z-]+)'/g)].map(([, rule = '']) => rule));
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, rule = '']) => rule);
    expect(new Set(listed)).toEqual(new Set(rules));
    expect(listed.length).toBeGreaterThan(10);
  });
});
