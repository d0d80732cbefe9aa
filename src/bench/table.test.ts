import { describe, expect, it } from 'vitest';
import type { BenchResult } from './measure.ts';
import type { Spread } from './summary.ts';
import { benchTable } from './table.ts';

const around = (median: number): Spread => ({ median, lower: 0.97 * median, upper: 1.04 * median, count: 12 });
const normscope = {
  engine: 'normscope',
  version: '1.30.0',
  stepSeconds: around(1.234),
  compileSeconds: 0.4123,
  peakBytes: 1.62e9,
};
const torch = {
  engine: 'torch NCHW',
  version: '2.9.1',
  stepSeconds: around(0.0876),
  ratio: around(1.094),
  peakBytes: 9.5e8,
  peakRatio: 1.62 / 0.95,
};
const about = { norm: 'batch', batchSize: 128, parameters: 1, stepsPerTurn: 2 } as const;

const result: BenchResult = {
  machine: {
    normscope: '0.1.0',
    node: '20.20.2',
    onnxruntime: '1.30.0',
    system: 'Linux',
    processor: 'Some Processor',
    cores: 2,
    memoryBytes: 16e9,
  },
  load: { before: 0.12, after: 1.98 },
  torch: '2.9.1',
  settings: { runtimes: ['native'], lowering: 'portable', convolution: 'winograd4', rounds: 6 },
  steps: [
    { ...about, model: 'resnet110', width: 1, threads: 2, engines: [normscope, torch] },
    { ...about, model: 'vgg16', width: 0.125, threads: 1, engines: [normscope, torch] },
    { ...about, model: 'vgg16', width: 0.125, norm: 'none', threads: 1, engines: [normscope] },
  ],
  probes: [
    {
      ...about,
      model: 'vgg11',
      width: 0.25,
      threads: 2,
      title: 'landscape × 7',
      plain: normscope,
      probed: normscope,
      ratio: around(6.5),
    },
  ],
  norms: [
    {
      ...about,
      model: 'vgg11',
      width: 0.25,
      threads: 1,
      other: 'noisy-batch',
      cells: 2,
      plain: normscope,
      changed: normscope,
      ratio: around(1.19),
    },
  ],
  skipped: [],
};

describe('benchTable', () => {
  it('says what ran where, and fits 80 columns', () => {
    const text = benchTable(result, 'torch');
    expect(text).toMatchInlineSnapshot(`
      "Some Processor, 2 cores, 16.0 GB
      Node 20.20.2, ONNX Runtime 1.30.0, PyTorch 2.9.1
      Load of the machine 0.1 before, 2.0 after
      Lowering portable, winograd4, 6 rounds by turns; medians with quartiles

      Training step, 2 threads: forward, backward, SGD with momentum
      normscope ÷ this below 1: normscope is the faster one
      network    norm   batch  engine      step, ms          normscope ÷ this
      resnet110  batch  128    normscope   1234 (1197–1283)
                               torch NCHW  87.6 (85.0–91.1)  1.09 (1.06–1.14)

      Compile time and peak memory, 2 threads
      network    norm   batch  engine      compile  peak     normscope ÷ this
      resnet110  batch  128    normscope   0.412 s  1.62 GB
                               torch NCHW           950 MB   1.71

      Training step, 1 thread: forward, backward, SGD with momentum
      normscope ÷ this below 1: normscope is the faster one
      network        norm   batch  engine      step, ms          normscope ÷ this
      vgg16 × 0.125  batch  128    normscope   1234 (1197–1283)
                                   torch NCHW  87.6 (85.0–91.1)  1.09 (1.06–1.14)
      vgg16 × 0.125  none   128    normscope   1234 (1197–1283)

      Compile time and peak memory, 1 thread
      network        norm   batch  engine      compile  peak     normscope ÷ this
      vgg16 × 0.125  batch  128    normscope   0.412 s  1.62 GB
                                   torch NCHW           950 MB   1.71
      vgg16 × 0.125  none   128    normscope   0.412 s  1.62 GB

      Steps with a probe at every step, in ms, batch 128, 2 threads
      network       norm   probe          plain  probed  probed ÷ plain    peak
      vgg11 × 0.25  batch  landscape × 7  1234   1234    6.50 (6.30–6.76)  1.62 GB

      Steps of 2 cells at once, each on its own thread, in ms
      network       batch  norm         batch norm  this  this ÷ batch norm
      vgg11 × 0.25  128    noisy-batch  1234        1234  1.19 (1.15–1.24)"
    `);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says in a word why PyTorch is not there', () => {
    const { torch: _, ...without } = result;
    expect(benchTable(without, 'torch')).toContain('PyTorch is left out: no python3 here can import torch');
    expect(benchTable(without, 'none')).not.toContain('left out');
    const skipped = [{ network: 'resnet110', engine: 'torch NHWC', reason: 'it ended with SIGKILL' }];
    const text = benchTable({ ...without, skipped }, 'torch');
    expect(text).toContain('Skipped: torch NHWC on resnet110: it ended with SIGKILL');
    expect(text).not.toContain('left out');
  });

  it('says where WebAssembly takes another lowering', () => {
    const settings = { ...result.settings, lowering: 'blocked', runtimes: ['native', 'wasm'] } as const;
    expect(benchTable({ ...result, settings }, 'torch')).toContain('In wasm: lowering portable');
    expect(benchTable(result, 'torch')).not.toContain('In wasm');
  });

  it('warns of a machine that was busy', () => {
    expect(benchTable({ ...result, load: { before: 2.4, after: 3 } }, 'torch')).toContain('repeat it when it is idle');
  });
});
