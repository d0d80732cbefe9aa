import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { parseHTML } from 'linkedom';
import { InferenceSession } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { need } from '../../src/errors.ts';
import { ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { type Ending, patience, Place } from './command-line.ts';

const place = new Place();

/** What is left open, closed twice, or bare: undefined for well-formed XML of elements and text. */
function flaw(xml: string): string | undefined {
  const open: string[] = [];
  for (const [tag, slash, name = '', attributes = '', lone] of xml.matchAll(
    /<(\/?)([a-zA-Z]+)((?:\s[^<>]*?)?)(\/?)>/g,
  )) {
    if (!/^(?:\s+[\w:-]+="[^"<]*")*\s*$/.test(attributes)) return `attributes of ${tag}`;
    if (slash === '/') {
      if (open.pop() !== name) return `unexpected ${tag}`;
    } else if (lone === '') open.push(name);
  }
  const text = xml.replace(/<(\/?)([a-zA-Z]+)((?:\s[^<>]*?)?)(\/?)>/g, '');
  if (/[<>]|&(?!amp;|lt;|gt;|quot;|#39;)/.test(text)) return 'a bare <, > or &';
  return open.length === 0 ? undefined : `open ${open.join(', ')}`;
}

/** The texts of a written picture, which must be well-formed. */
function textsOf(path: string): readonly string[] {
  const svg = readFileSync(path, 'utf8');
  expect(flaw(svg)).toBeUndefined();
  const root = parseHTML(svg).document.querySelector('svg');
  expect(root?.getAttribute('xmlns')).toBe('http://www.w3.org/2000/svg');
  return [...(root?.querySelectorAll('text') ?? [])].map((text) => text.textContent ?? '');
}

describe('graph --out FILE.svg', () => {
  it.each([
    ['mlp', [], ['x', 'MatMul', 'dense1/norm/gamma', '[128, 100]', 'logits'], ['Conv']],
    ['mlp', ['--detail', 'layers'], ['dense1', '[128, 100]', 'logits'], ['MatMul']],
    [
      'resnet110',
      ['--training', '--width', '0.25'],
      ['conv1', 'stage3/block18/conv2, backward', '[128, 4, 32, 32]'],
      [],
    ],
  ])('draws %s %j', async (model, options, shown, missing) => {
    const cwd = place.newFolder();
    const { code, stdout, stderr } = await place.run(cwd, ['graph', model, ...options, '--out', 'graph.svg']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Wrote \d+ operations to graph\.svg\n$/);
    const texts = textsOf(join(cwd, 'graph.svg'));
    expect(texts).toEqual(expect.arrayContaining(shown));
    for (const text of missing) expect(texts).not.toContain(text);
  });
});

describe('graph --training --out FILE.onnx', () => {
  it('is plain ONNX with names, shapes and its maker, which ONNX Runtime loads', async () => {
    const cwd = place.newFolder();
    await place.run(cwd, ['graph', 'resnet20', '--width', '0.25', '--training', '--out', 'step.onnx']);
    const bytes = readFileSync(join(cwd, 'step.onnx'));
    const { producerName, producerVersion, opsetImport, graph } = fromBinary(ModelProtoSchema, bytes);
    expect([producerName, producerVersion]).toEqual(['normscope', expect.stringMatching(/^\d+\.\d+\.\d+/)]);
    expect(opsetImport.map(({ domain }) => domain)).toEqual(['']);
    const outputs = graph?.output.map(({ name }) => name) ?? [];
    expect(outputs.slice(0, 2)).toEqual(['loss', 'accuracy']);
    expect(outputs).toContain('next/stage1/block1/conv1/weight');
    expect(outputs).toContain('next/stage1/block1/conv1/norm/runningMean');
    const made = graph?.node.flatMap(({ output }) => output) ?? [];
    expect(made).toContain('stage1/block1/conv1/Conv');
    const typed = graph?.valueInfo.map(({ name }) => name) ?? [];
    expect([...typed, ...outputs].sort()).toEqual([...made].sort());
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    expect(session.outputNames).toEqual(outputs);
    await session.release();
  });
});

describe('graph batch-norm', () => {
  it.each([
    ['centred', '2(x₁−μ)/m', '∂l/∂μ = −2.41'],
    ['one-pass', '2x₁/m', '∂l/∂μ = 5.41'],
  ])('draws the %s form', async (form, edge, gradient) => {
    const cwd = place.newFolder();
    const { code, stdout } = await place.run(cwd, ['graph', 'batch-norm', '--form', form, '--out', 'bn.svg']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Wrote 28 derivatives to bn.svg\n' });
    expect(textsOf(join(cwd, 'bn.svg'))).toEqual(expect.arrayContaining([edge, gradient, 'σ² = 1.56']));
  });

  it('prints what it would draw, for any batch', async () => {
    const { code, stdout } = await place.run(place.newFolder(), ['graph', 'batch-norm', '--values', '-1,0.5,2.5,4']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Batch normalisation of 4 examples, centred form/);
    expect(stdout).toMatch(/^ {2}μ +1\.5 +∂l\/∂μ = /m);
    expect(stdout).toMatch(/^ {2}∂x̂₄\/∂σ² +−x̂₄\/\(2\(σ²\+ε\)\) +−0\.\d+$/m);
  });

  it('prints JSON, whose numbers are not rounded', async () => {
    const { stdout } = await place.run(place.newFolder(), ['graph', 'batch-norm', '--json']);
    const { nodes, edges } = JSON.parse(stdout) as { nodes: { label: string; value: number }[]; edges: unknown[] };
    expect(edges).toHaveLength(28);
    expect(nodes.find(({ label }) => label === 'σ²')?.value).toBeCloseTo(14 / 9, 12);
  });
});

describe('graph refuses', () => {
  const refusals: readonly (readonly [command: string, message: RegExp])[] = [
    ['graph batch-norm --form welford', /'welford' is invalid\. Allowed choices are centred, one-pass\./],
    ['graph batch-norm --values 1,two,4', /'1,two,4' is invalid\. It must be numbers with commas .*, as 1,2,4\./],
    ['graph batch-norm --values 1,,4', /'1,,4' is invalid\. It must be numbers/],
    ['graph batch-norm --values 3', /needs at least 2 values.*, got 1; try 1,2,4/],
    ['graph batch-norm --values 1,2,3,4,5,6,7', /a picture holds at most 6, got 7/],
    ['graph batch-norm --values 1,1e999', /must be finite numbers, got Infinity/],
    ['graph batch-norm --out graph.onnx', /--out takes a file that ends in \.svg, \.txt, got 'graph\.onnx'/],
    ['graph batch-norm --training', /'graph batch-norm' takes --form, --values, --out and --json, got --training/],
    ['graph batch-norm --norm layer', /'graph batch-norm' takes --form, --values, --out and --json, got --norm/],
    ['graph mlp --form centred', /--form belongs to 'graph batch-norm', got it for 'mlp'/],
    ['graph mlp --out graph.png', /--out takes a file that ends in \.onnx, \.svg, \.txt, got 'graph\.png'/],
    ['graph mlp --out graph', /--out takes a file that ends in \.onnx, \.svg, \.txt, got 'graph'/],
    ['graph mlp --detail scopes', /'scopes' is invalid\. Allowed choices are layers, ops\./],
    ['graph resnet110 --training --detail ops --out g.svg', /at most 1000 operations, got \d+; use --detail layers/],
    ['graph batchnorm', /Unknown model 'batchnorm'; did you mean 'batch-norm'\?/],
  ];
  let endings: readonly Ending[];
  beforeAll(async () => {
    endings = await place.runEach(refusals.map(([command]) => ({ cwd: place.newFolder(), args: command.split(' ') })));
  }, patience);

  it.each(refusals.map(([command, message], i) => [command, message, i] as const))('%s', (_, message, i) => {
    const { code, stdout, stderr } = need(endings[i], 'an ending');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('squares that overflow, and a folder that is not there', async () => {
    const overflow = await place.run(place.newFolder(), ['graph', 'batch-norm', '--values', '1e200,-1e200']);
    expect(overflow).toMatchObject({ code: 1, stdout: '' });
    expect(overflow.stderr).toMatch(/squares of the values must be finite, got .*; scale them down/);
    const cwd = place.newFolder();
    const nowhere = await place.run(cwd, ['graph', 'batch-norm', '--out', 'nowhere/bn.svg']);
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toMatch(/Cannot write nowhere\/bn\.svg: it does not exist; check the path/);
    expect(existsSync(join(cwd, 'nowhere'))).toBe(false);
  });
});
