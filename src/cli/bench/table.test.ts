import { describe, expect, it } from 'vitest';
import type { BenchResult } from './measure.ts';
import type { Spread } from './summary.ts';
import { benchTable, millisecondsText, ratioText } from './table.ts';

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
};

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
  settings: {
    runtimes: ['native'],
    threads: 2,
    lowering: 'portable',
    convolution: 'winograd4',
    norm: 'batch',
    batchSize: 128,
    rounds: 6,
  },
  steps: [
    { model: 'resnet110', width: 1, parameters: 1, stepsPerTurn: 2, engines: [normscope, torch] },
    { model: 'vgg16', width: 0.125, parameters: 1, stepsPerTurn: 2, engines: [normscope, torch] },
  ],
  probes: [{ model: 'vgg11', width: 0.25, plain: normscope, probed: normscope, cost: around(6.5) }],
  skipped: [],
};

describe('benchTable', () => {
  it('says what ran where, and fits 80 columns', () => {
    const text = benchTable(result, 'torch');
    expect(text).toMatchInlineSnapshot(`
      "Some Processor, 2 cores, 16.0 GB
      Node 20.20.2, ONNX Runtime 1.30.0, PyTorch 2.9.1
      Load of the machine 0.1 before, 2.0 after
      Norm batch, batch 128, 2 thread(s), lowering portable, winograd4
      6 rounds in which the engines take turns; medians with quartiles

      Training step: forward, backward, SGD with momentum
      network        engine      step, ms          normscope/this    compile  peak
      resnet110      normscope   1234 (1197–1283)                    0.412 s  1.62 GB
                     torch NCHW  87.6 (85.0–91.1)  1.09 (1.06–1.14)           950 MB
      vgg16 × 0.125  normscope   1234 (1197–1283)                    0.412 s  1.62 GB
                     torch NCHW  87.6 (85.0–91.1)  1.09 (1.06–1.14)           950 MB

      Landscape probe at every step, with its default step sizes
      network       plain, ms         probed, ms        probe/plain       peak
      vgg11 × 0.25  1234 (1197–1283)  1234 (1197–1283)  6.50 (6.30–6.76)  1.62 GB"
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

  it('warns of a machine that was busy', () => {
    expect(benchTable({ ...result, load: { before: 2.4, after: 3 } }, 'torch')).toContain('repeat it when it is idle');
  });
});

describe('numbers', () => {
  it('have three digits for times and two decimals for ratios', () => {
    expect(millisecondsText({ median: 0.0012345, lower: 0.0099, upper: 0.09996, count: 3 })).toBe('1.23 (9.90–100)');
    expect(ratioText({ median: 1.055, lower: 0.999, upper: 12.3456, count: 3 })).toBe('1.05 (1.00–12.35)');
  });
});
