/** @file How near what is followed comes, as text of at most 90 columns. */

import { counted } from '../../counted.ts';
import { columns } from '../../report/plain-text.ts';
import { followedBy } from '../contests.ts';
import { digits } from '../numbers.ts';
import { subjectName } from '../subject.ts';
import type { Following } from './following.ts';

/** What the followed value may be off by at any step to count as followed. */
const ALLOWED = 0.05;

export function followingTable(followings: readonly Following[]): string {
  const rows = followings.flatMap(({ batches, batchSize, steps, ...subject }) =>
    steps.map(({ step, followed, converged, residual }, i) => [
      ...(i === 0 ? [subjectName(subject), String(batchSize), batches] : ['', '', '']),
      String(step),
      digits(converged),
      percent(Math.abs(residual / converged)),
      ...followed.map((value) => percent(value / converged - 1)),
    ]),
  );
  const head = [
    'network',
    'batch',
    'fed',
    'step',
    'Lanczos',
    'residual',
    ...followedBy.map((count) => `off by ${count}`),
  ];
  const verdicts = followings.flatMap(({ batches, steps }) =>
    followedBy.map((count, i) => {
      const shares = steps.map(({ followed, converged }) => (followed[i] as number) / converged - 1);
      return `${batches}, by ${counted(count, 'product')}: ${verdict(shares)}`;
    }),
  );
  return [
    'Largest eigenvalue of the Hessian: by Lanczos from a random vector at every step, whose',
    'residual says how near it is to an eigenvalue, and how far off it is by as many products',
    'a step, from where the step before came to',
    columns([head, ...rows]),
    ...verdicts,
  ].join('\n');
}

function verdict(shares: readonly number[]): string {
  const worst = Math.max(...shares.map(Math.abs));
  return `at most ${percent(worst)} off, ${worst <= ALLOWED ? 'within' : 'beyond'} ${percent(ALLOWED)}`;
}

function percent(share: number): string {
  return `${digits(100 * share)} %`;
}
