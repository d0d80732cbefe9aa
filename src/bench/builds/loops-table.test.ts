import { describe, expect, it } from 'vitest';
import { summariseLoop } from './loop-summary.ts';
import { loops } from './loops.ts';
import { type BuildsResult, loopsTable } from './loops-table.ts';

const rounds = [
  { here: 0.00162, there: 0.0016 },
  { here: 0.00164, there: 0.0016 },
  { here: 0.3, there: 0.31 },
];
const result: BuildsResult = {
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
  lowering: 'portable',
  convolution: 'winograd4',
  rounds: 3,
  builds: {
    here: { folder: '/new', version: '0.2.0', program: '/new/dist/cli/main.js' },
    there: { folder: '/old', version: '0.1.0', program: '/old/dist/cli/main.js' },
  },
  loops: [2, 1].flatMap((threads) => loops.map((loop) => summariseLoop(loop, threads, rounds))),
};

describe('loopsTable', () => {
  it('says what ran where, and fits 80 columns', () => {
    const text = loopsTable(result);
    expect(text).toMatchInlineSnapshot(`
      "Some Processor, 2 cores, 16.0 GB
      Node 20.20.2, ONNX Runtime 1.30.0
      Load of the machine 0.1 before, 2.0 after
      Lowering portable, winograd4, 3 rounds by turns; medians of the rounds
      this:  normscope 0.2.0, /new
      other: normscope 0.1.0, /old

      Whole training loop, 2 threads, ms per step
      this ÷ other: of the medians, then round by round, median (least–most)
      below 1: this build is the faster one
      network       batch  probe          this  other  this ÷ other
      mlp           64                    1.64  1.60   1.025  1.012 (0.968–1.025)
      vgg11 × 0.25  128                   1.64  1.60   1.025  1.012 (0.968–1.025)
      resnet20      128                   1.64  1.60   1.025  1.012 (0.968–1.025)
      vgg11 × 0.25  128    landscape × 7  1.64  1.60   1.025  1.012 (0.968–1.025)

      Whole training loop, 1 thread, ms per step
      this ÷ other: of the medians, then round by round, median (least–most)
      below 1: this build is the faster one
      network       batch  probe          this  other  this ÷ other
      mlp           64                    1.64  1.60   1.025  1.012 (0.968–1.025)
      vgg11 × 0.25  128                   1.64  1.60   1.025  1.012 (0.968–1.025)
      resnet20      128                   1.64  1.60   1.025  1.012 (0.968–1.025)
      vgg11 × 0.25  128    landscape × 7  1.64  1.60   1.025  1.012 (0.968–1.025)"
    `);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('warns of a machine that was busy', () => {
    expect(loopsTable({ ...result, load: { before: 2.4, after: 3 } })).toContain('repeat it when it is idle');
  });
});
