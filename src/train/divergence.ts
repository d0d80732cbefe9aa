/** @file When a training counts as lost. */

/** Above this mini-batch loss a run counts as diverged: a point from which networks never recovered (bjorck2018). */
const DIVERGENCE_LOSS = 1e3;

/** Whether a loss has left the region from which training goes on. */
export function hasDiverged(loss: number): boolean {
  return !Number.isFinite(loss) || loss > DIVERGENCE_LOSS;
}
