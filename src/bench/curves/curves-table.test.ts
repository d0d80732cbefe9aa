import { expect, it } from 'vitest';
import type { ModelName } from '../../models/index.ts';
import { type Curves, curvePoints, type CurvePoint } from './curves.ts';
import { curvesTable } from './curves-table.ts';

const point = (x: number, seconds: number, model: ModelName = 'resnet20'): CurvePoint => ({
  subject: { model, width: 1, norm: 'batch', batchSize: 128, threads: 2 },
  x,
  nodes: 12_345,
  stepSeconds: { median: seconds, lower: 0.97 * seconds, upper: 1.04 * seconds, count: 12 },
  peakBytes: 1.62e9,
});

const curves: Curves = {
  fixed: { stepSeconds: 9e-5, nodeSeconds: 2.1e-7 },
  curves: [
    {
      axis: 'depth',
      points: [point(20, 0.291), point(110, 1.5612, 'resnet110')],
      line: { fixedSeconds: 0.00877, secondsPerUnit: 0.01411, worstError: 0.021 },
    },
    { axis: 'width', points: [point(0.25, 0.061), point(1, 0.291)] },
    {
      axis: 'batch',
      points: [point(8, 0.0225), point(512, 1.2345)],
      line: { fixedSeconds: 0.005, secondsPerUnit: 0.0022, worstError: 0.1 },
    },
  ],
};

it('shows each curve as a table with bars, in 80 columns', () => {
  const text = curvesTable(curves);
  expect(text).toMatchInlineSnapshot(`
    "Fixed costs: 0.0900 ms for a step of one empty node, there and back; 0.210 µs
    for each further one

    Depth
    network    nodes  step, ms          peak
    resnet20   12345  291 (282–303)     1.62 GB  ████
    resnet110  12345  1561 (1514–1624)  1.62 GB  ████████████████████████
    14.1 ms per layer and 8.77 ms besides; off by 2 % at most

    Width, as a multiple of the published channels
    width  nodes  step, ms          peak
    0.25   12345  61.0 (59.2–63.4)  1.62 GB  █████
    1      12345  291 (282–303)     1.62 GB  ████████████████████████

    Batch
    batch  nodes  step, ms          per image  peak
    8      12345  22.5 (21.8–23.4)  2.81       1.62 GB  █
    512    12345  1235 (1197–1284)  2.41       1.62 GB  ████████████████████████
    2.20 ms per image and 5.00 ms besides; off by 10 % at most
    Besides: 0.405 µs for each of 12345 nodes"
  `);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it('changes one thing at a time', () => {
  const points = curvePoints('none', 3);
  const subjects = Object.values(points).flatMap((own) => own.map(([, subject]) => subject));
  expect(subjects.every(({ norm, threads }) => norm === 'none' && threads === 3)).toBe(true);
  const changed = subjects.map(({ model, width, batchSize }) => [model !== 'resnet20', width !== 1, batchSize !== 128]);
  expect(changed.every((flags) => flags.filter((flag) => flag).length <= 1)).toBe(true);
  expect(points.batch.map(([x]) => x)).toEqual([8, 16, 32, 64, 128, 256, 512]);
});
