/** @file A plan of three cells that was written by hand. */

import type { Plan } from '../src/sweeps/plan.ts';

const hash = (digit: string): string => digit.repeat(32);

export const tinyPlan: Plan = {
  format: 1,
  command: 'normscope sweep mlp --lr 0.1,0.2,0.4',
  on: 'here',
  request: {
    kind: 'trainings',
    model: 'mlp',
    words: ['--steps', '7'],
    axes: [{ name: 'lr', values: ['0.1', '0.2', '0.4'] }],
    seeds: [5],
  },
  fixed: {
    normscope: '0.1.0',
    code: 'a'.repeat(64),
    onnxruntime: '1.30.0',
    device: { threads: 1, lowering: 'portable', convolution: 'direct' },
    data: { mnist: 'b'.repeat(64) },
  },
  cells: '../cells',
  workers: 2,
  parallel: 1,
  bytes: 1234,
  probes: [[], [{ name: 'norms', settings: { every: 3 } }]],
  jobs: [
    { name: 'batch, lr 0.1, seed 5', cells: [{ hash: hash('1'), probes: 0 }], seconds: 3 },
    { name: 'batch, lr 0.2, seed 5', cells: [{ hash: hash('2'), probes: 1 }], seconds: 2 },
    { name: 'batch, lr 0.4, seed 5', cells: [{ hash: hash('3'), probes: 0 }], seconds: 5 },
  ],
  tasks: [[2, 0], [1]],
};
