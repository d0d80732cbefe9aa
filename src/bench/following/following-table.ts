/** @file How near what is followed comes, as text of at most 80 columns. */

import { columns } from '../../report/plain-text.ts';
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
      digits(followed),
      digits(converged),
      percent(Math.abs(residual / converged)),
      percent(followed / converged - 1),
    ]),
  );
  const head = ['network', 'batch', 'fed', 'step', 'followed', 'Lanczos', 'residual', 'off'];
  const verdicts = followings.map(({ batches, steps }) => {
    const worst = Math.max(...steps.map(({ followed, converged }) => Math.abs(followed / converged - 1)));
    return `${batches}: at most ${percent(worst)} off, ${worst <= ALLOWED ? 'within' : 'beyond'} ${percent(ALLOWED)}`;
  });
  return [
    'Largest eigenvalue of the Hessian, by one product a step beside Lanczos from a random',
    'vector at every step, whose residual says how near it is to an eigenvalue',
    columns([head, ...rows]),
    ...verdicts,
  ].join('\n');
}

function percent(share: number): string {
  return `${digits(100 * share)} %`;
}
