/** @file How long tasks take on workers that each begin the next one as they end theirs. */

/**
 * The time until the last of them ends, in the unit of the durations, where tasks begin in their order as workers are free.
 */
export function makespan(durations: readonly number[], workers: number): number {
  const free = new Array<number>(Math.max(1, Math.min(workers, durations.length))).fill(0);
  for (const duration of durations) {
    let first = 0;
    for (let worker = 1; worker < free.length; worker++) if ((free[worker] ?? 0) < (free[first] ?? 0)) first = worker;
    free[first] = (free[first] ?? 0) + duration;
  }
  return Math.max(...free);
}
