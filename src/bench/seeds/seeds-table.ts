/** @file What ten seeds cost beside one, as text of at most 80 columns. */

import { counted } from '../../counted.ts';
import { columns } from '../../report/plain-text.ts';
import { loweringText } from '../../runtime/lowering-choice.ts';
import { aboutText, busyNotes, threadsText } from '../about.ts';
import { digits, ratioText } from '../numbers.ts';
import type { SeedsResult } from './seeds.ts';

export function seedsTable(result: SeedsResult): string {
  const { norms, threads, settings } = result;
  const rows = norms.map(({ norm, single, group, ten, overSingle, overGroup }) => [
    norm,
    ...[single, group, ten].map(({ median }) => digits(1000 * median)),
    ratioText(overSingle),
    ratioText(overGroup),
  ]);
  const head = ['norm', 'alone', 'group of 1', 'group of 10', '10 ÷ alone', '10 ÷ group of 1'];
  const [first] = norms;
  const rounds = counted(first?.overSingle.count ?? 0, 'round');
  return [
    aboutText(result, undefined, `Lowering ${loweringText(settings)}, ${rounds} by turns; medians with quartiles`),
    `Steps of deep linear networks, 25 × [10, 10], 1000 examples, in ms, ${threadsText(threads)}\n${columns([head, ...rows])}`,
    ...busyNotes(result),
  ].join('\n\n');
}
