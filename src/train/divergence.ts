/** @file When a training counts as lost. */

/**
 * Above so many times its first mini-batch loss, or so many where that is less than 1, a run counts as diverged: a point
 * from which networks never recovered (bjorck2018, whose losses begin at about 2; those of deep networks without norms
 * may begin above it).
 */
const DIVERGENCE_FACTOR = 1e3;

/** What a record of a step that diverged says of itself. */
export const DIVERGED_DEFINITION =
  'the step whose mini-batch loss was not finite or above 1000 × max(1, loss of the first step), which ended the training';

/** Whether a loss has left the region from which training goes on. @param first - of the first mini-batch */
export function hasDiverged(loss: number, first: number): boolean {
  return !Number.isFinite(loss) || loss > DIVERGENCE_FACTOR * Math.max(1, first);
}
