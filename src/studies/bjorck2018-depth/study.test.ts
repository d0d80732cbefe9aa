import { expect, it } from 'vitest';
import { cellOf, recordOf } from '../../../test/studies.ts';
import { bjorck2018Depth } from './study.ts';

it('tells the power by which the largest rate goes with depth, its interval in order', () => {
  const plan = bjorck2018Depth.plan({ budget: 'standard', seeds: 3, firstSeed: 0 });
  const cells = plan.jobs.flatMap((job) => job.cells);
  const { verdict, sentence } = plan.decide(
    cells.map(({ arm, seed, place }) => {
      const layers = Number(/\d+$/.exec(String(place['model']))?.[0]);
      const power = arm === 'batch' ? 0.01 : -2 + 0.1 * (seed - 1);
      return cellOf([recordOf('ceiling', 0, layers ** power)]);
    }),
  );
  expect(verdict).toBe('reproduced');
  expect(sentence).toBe('Reproduced: without norms the largest rate goes like depth to the power -2 [-2.25, -1.75].');
});
