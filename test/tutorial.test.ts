/** What docs/own-networks.md promises of each of its files, on the images of MNIST that tests have. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnosisText, hasProblem } from '../src/cli/diagnose/diagnosis-text.ts';
import { instrumentsOfFile, type FileNorms, type OpenedFile } from '../src/cli/diagnose/diagnosed-file.ts';
import { fileWords } from '../src/cli/diagnose/file-words.ts';
import { inspectionText } from '../src/cli/graph/inspect-text.ts';
import { scalingsFor } from '../src/data/scalings.ts';
import { type Diagnosis, diagnose } from '../src/diagnosis/diagnose.ts';
import { need } from '../src/errors.ts';
import { importNetwork } from '../src/importer/import-network.ts';
import { trainableOps } from '../src/importer/rules/index.ts';
import { inspectModel } from '../src/inspection/inspect-model.ts';
import { readOnnx } from '../src/onnx/read.ts';
import { runForeignHere } from '../src/runtime/node/foreign-session.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { digits } from './diagnosis/networks.ts';

const data = digits();
/** As the data set is usually scaled; the files were trained on pixel / 255. */
const usual = need(
  scalingsFor(data).find(({ name }) => name === 'mnist'),
  'a scaling',
);

async function opened(name: string): Promise<OpenedFile> {
  const path = new URL(`../docs/tutorial/${name}.onnx`, import.meta.url);
  const bytes = new Uint8Array(readFileSync(path));
  const model = readOnnx(bytes);
  return {
    path: path.pathname,
    bytes,
    model,
    network: await importNetwork(runForeignHere, bytes, model, { name }),
    inspection: inspectModel(model, trainableOps),
  };
}

interface Seen {
  readonly file: OpenedFile;
  readonly diagnosis: Diagnosis;
  /** What is printed. */
  readonly text: string;
  readonly isFailure: boolean;
}

/** Without what trains: nothing here is about rates. */
async function seen(
  name: string,
  {
    batchSize = 64,
    norms = 'keep',
    preprocess = '0..1',
  }: { batchSize?: number; norms?: FileNorms; preprocess?: string } = {},
): Promise<Seen> {
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  afterAll(() => device.close());
  const file = await opened(name);
  const settings = { norms, preprocess };
  const { instruments, words } = await instrumentsOfFile(device, file, settings, { examples: data, usual, batchSize });
  const diagnosis = await diagnose(instruments, { without: ['training', 'landscape', 'preprocessing'] });
  const about = {
    network: instruments.subject.name,
    data: data.source,
    fed: words,
    batchSize,
    file: fileWords(file.inspection, norms),
  };
  return { file, diagnosis, text: diagnosisText(about, diagnosis), isFailure: hasProblem(about, diagnosis) };
}

/** The first paragraph, as one line. */
function firstSentence({ text }: Seen): string {
  return text.split('\n\n')[0]?.replaceAll('\n', ' ') ?? '';
}

function inspected({ inspection }: OpenedFile): string {
  return inspectionText('file.onnx', 1234, inspection);
}

it('of a healthy network there is nothing to say', async () => {
  const healthy = await seen('healthy');
  expect(firstSentence(healthy)).toBe('Nothing was found that ails this network.');
  expect(inspected(healthy.file)).toContain('Findings: none');
  expect(healthy.isFailure).toBe(false);
});

it('evaluation is far worse than training: the layer is named whose statistics are not of the data', async () => {
  const worse = await seen('evaluation-worse');
  expect(firstSentence(worse)).toMatch(
    /^The running variances of conv2 are off by .*\(population statistics put into conv2 alone/,
  );
  const { before, after, frozen, cause } = worse.diagnosis.restoration ?? {};
  expect(cause).toEqual(['conv2']);
  expect(before).toBeGreaterThan(0.5);
  expect(Math.abs((after ?? 1) - (frozen ?? 0))).toBeLessThan(0.02);
});

describe('running statistics that are no numbers', () => {
  let broken: Seen;
  beforeAll(async () => {
    broken = await seen('not-a-number', { preprocess: 'auto' });
  });

  it('are found without data', () => {
    expect(inspected(broken.file)).toContain('PROBLEM broken-statistics at norm1, norm2, norm3 and 1 more');
  });

  it('are the likeliest cause, and what restores the network is tried', () => {
    expect(firstSentence(broken)).toMatch(/^8 of 8 channels of conv1 have running statistics that are no numbers/);
    expect(broken.diagnosis.restoration?.before).toBeNaN();
    expect(broken.diagnosis.restoration?.after).toBeLessThan(0.1);
    expect(broken.isFailure).toBe(true);
  });

  it('are not called stale as well', () => {
    const rules = broken.diagnosis.findings.map(({ rule }) => rule);
    expect(new Set(rules)).toEqual(new Set(['poisoned-statistics', 'train-eval-gap']));
  });

  it('leave batch statistics to find the scaling by', () => {
    expect(broken.text).toMatch(/fed .* \(the best of 8, by batch\sstatistics\)/);
  });
});

it('a batch of two is too small: the norm is named whose means wander most', async () => {
  const small = await seen('batch-of-two', { batchSize: 2 });
  expect(firstSentence(small)).toMatch(
    /^At batches of 2 the means that dense\/MatMul normalises by move by 0\.\d+ standard/,
  );
});

it('a momentum of the other convention is said by both, with what statistics of many batches would do', async () => {
  const odd = await seen('momentum', { batchSize: 16 });
  expect(inspected(odd.file)).toContain('note momentum at norm1');
  expect(firstSentence(odd)).toMatch(/each step keeps 10 % of the running statistics of conv1: .*a momentum of 0\.9/);
  expect(firstSentence(odd)).toContain('population statistics put into every norm');
  expect(odd.diagnosis.restoration?.all).toBeLessThan(odd.diagnosis.restoration?.before ?? 0);
});

describe('batch norms that are gone from the file', () => {
  it('are missed by both', async () => {
    const gone = await seen('norms-gone');
    expect(inspected(gone.file)).toMatch(/folded in +3 into the weights, as PyTorch from 1\.12 on leaves them/);
    expect(inspected(gone.file)).toContain('To export it from PyTorch with its norms:');
    expect(gone.text).toMatch(/\n\n3 batch norms are no longer in the file/);
    expect(gone.isFailure).toBe(false);
  });

  it('can be put back, from what the network is fed and not from what is usual', async () => {
    const back = await seen('norms-gone', { norms: 'put-back', preprocess: 'auto' });
    expect(back.text).toMatch(/norms-gone\.onnx, 3 norms put back, fed pixel \/ 255 \(the best of 8\)/);
    expect(back.diagnosis.findings).toEqual([]);
    expect(back.diagnosis.measured?.norms).toHaveLength(4);
    expect(back.text).not.toContain('no longer in the file');
  });
});
