import { expect, it } from 'vitest';
import { measureCurves } from './curves.ts';

it('measures each subject once, and puts it on every curve that it lies on', async () => {
  const small = { model: 'mlp', width: 0.5, norm: 'batch', batchSize: 3, threads: 1 } as const;
  const larger = { ...small, batchSize: 64 };
  const turns: string[] = [];
  const { curves, fixed } = await measureCurves(
    {
      depth: [[4, small]],
      width: [[0.5, small]],
      batch: [
        [3, small],
        [64, larger],
      ],
    },
    { lowering: 'portable', convolution: 'winograd4', rounds: 1 },
    ({ text }) => turns.push(text),
  );
  // Each of the two is started once and takes one turn.
  expect(turns).toHaveLength(4);
  expect(fixed.stepSeconds).toBeGreaterThan(0);
  const [depth, width, batch] = curves;
  expect(depth?.points).toEqual([{ ...batch?.points[0], x: 4 }]);
  expect(width).not.toHaveProperty('line');
  expect(batch?.points.map(({ x, subject }) => [x, subject])).toEqual([
    [3, small],
    [64, larger],
  ]);
  expect(batch?.points.every(({ nodes, stepSeconds }) => nodes > 100 && stepSeconds.median > 0)).toBe(true);
});
