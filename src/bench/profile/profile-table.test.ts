import { expect, it } from 'vitest';
import type { NodeShare } from './attribution.ts';
import { profileTable } from './profile-table.ts';

const node = (layer: string, op: string, pass: NodeShare['pass'], seconds: number, best: number): NodeShare => ({
  name: '',
  layer,
  op,
  pass,
  nodes: 1,
  seconds,
  secondsAtBest: best,
  bytes: 2e6,
  operations: op === 'Mul' ? 0 : 3e9,
});

const profile = {
  subject: { model: 'resnet110', width: 0.5, norm: 'batch', batchSize: 128, threads: 2 },
  lowering: 'blocked',
  convolution: 'winograd4',
  stepSeconds: 0.1,
  aroundSeconds: 0.004,
  ceilings: {
    operationsPerSecond: 198e9,
    moves: [
      { bytes: 3.15e6, bytesPerSecond: 136e9 },
      { bytes: 12.6e6, bytesPerSecond: 159e9 },
      { bytes: 50.3e6, bytesPerSecond: 46.2e9 },
      { bytes: 201e6, bytesPerSecond: 42.9e9 },
    ],
    emptyNodeSeconds: 2.1e-7,
  },
  nodes: [
    node('stage1/block1/conv1', 'nchwc.Conv 3×3 grouped', 'forward', 0.02, 0.012),
    node('stage1/block1/conv1', 'nchwc.Conv 3×3 grouped', 'backward', 0.04, 0.024),
    node('stage1/block1/conv1', 'Mul', 'backward', 0.03, 0.00123),
    node('head', 'MatMul', 'forward', 0.005, 0.006),
    { ...node('loss', 'Neg', 'forward', 1e-5, 0), bytes: 0, operations: 0 },
    { ...node('loss', 'Exp', 'forward', 1e-5, 0), bytes: 8, operations: 0 },
  ],
} as const;

it('says what a step goes to, the largest losses first, in 80 columns', () => {
  const text = profileTable(profile);
  expect(text).toMatchInlineSnapshot(`
    "resnet110 × 0.5, norm batch, batch 128, 2 threads, lowering blocked, winograd4
    Ceilings measured now: products 198 GFLOP/s; an empty node 0.210 µs;
    moving, in GB/s, 136 (3.15 MB), 159 (12.6 MB), 46.2 (50.3 MB), 42.9 (201 MB)

    A step: 100 ms in 6 nodes, of which
    95.0  ms in kernels; at these ceilings they would take                 43.2
    0.02  ms of these in 2 nodes that move less than 100 kB, 10.0 µs each
    0.98  ms between kernels, 163 µs per node
    4.00  ms around the session: feeds are checked, results copied

    By kind of op; best: ms at the ceilings; lost: the rest, largest first
    op                      nodes  ms    MB    GFLOP  GB/s  GFLOP/s  best  lost
    Mul                     1      30.0  2.00         0.07           1.23  28.8
    nchwc.Conv 3×3 grouped  2      60.0  4.00  6.00   0.07  100      36.0  24.0
    others                  2      0.02  0.00         0.00           0.00  0.02
    MatMul                  1      5.00  2.00  3.00   0.40  600      6.00  -1.00

    By layer, ms
    layer                forward  backward  update  all   share   lost
    stage1/block1/conv1  20.0     70.0      0.00    90.0  90.0 %  52.8
    head                 5.00     0.00      0.00    5.00  5.0 %   -1.00
    others                                          0.02  0.0 %   0.02

    The largest gaps
    layer                pass      op                      ms    best  lost
    stage1/block1/conv1  backward  Mul                     30.0  1.23  28.8
    stage1/block1/conv1  backward  nchwc.Conv 3×3 grouped  40.0  24.0  16.0
    stage1/block1/conv1  forward   nchwc.Conv 3×3 grouped  20.0  12.0  8.00
    loss                 forward   Neg                     0.01  0.00  0.01
    loss                 forward   Exp                     0.01  0.00  0.01
    head                 forward   MatMul                  5.00  6.00  -1.00"
  `);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it('tells layers by their blocks where there are very many', () => {
  const many = Array.from({ length: 20 }, (_, i) => [
    node(`stage1/block${i}/conv1`, 'MatMul', 'forward', 0.001, 0.001),
    node(`stage1/block${i}/conv2`, 'MatMul', 'forward', 0.002, 0.001),
  ]);
  const text = profileTable({ ...profile, nodes: many.flat() });
  const [, layers = ''] = text.split('By layer, ms\n');
  expect(layers.split('\n').slice(1, 3)).toEqual([
    'stage1/block0   3.00     0.00      0.00    3.00  3.0 %  1.00',
    'stage1/block1   3.00     0.00      0.00    3.00  3.0 %  1.00',
  ]);
});
