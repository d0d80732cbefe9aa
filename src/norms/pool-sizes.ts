/** @file Whether the sizes of a tensor give every statistic of a norm enough values, and what to do where they do not. */

import { capitalised } from '../capitalised.ts';
import { counted } from '../counted.ts';
import { SettingError } from '../errors.ts';
import { elementCount, type Shape, sizeAt } from '../graph/tensor-type.ts';
import type { Norm, NormSettings } from './norm.ts';

export type PooledNorm = Pick<Norm, 'title' | 'pools' | 'leastPooled'>;

/** Pools that a tensor does not fill. What helps one layer need not help another: the repair can be found anew for all. */
export class PoolError extends SettingError {
  readonly #rule: string;
  readonly #norm: PooledNorm;
  readonly #settings: NormSettings;

  constructor(rule: string, norm: PooledNorm, settings: NormSettings, shapes: readonly Shape[]) {
    super(`${rule}; ${repair(norm, settings, shapes)}`);
    this.#rule = rule;
    this.#norm = norm;
    this.#settings = settings;
  }

  /** The same error with a repair that suits layers of all these shapes. */
  for(shapes: readonly Shape[]): PoolError {
    return new PoolError(this.#rule, this.#norm, this.#settings, shapes);
  }
}

/** @throws {PoolError} where groups do not divide what they split, or a statistic has too few values. */
export function requirePools(name: string, norm: PooledNorm, settings: NormSettings, shape: Shape): void {
  const { title, leastPooled } = norm;
  for (const { setting, divisor, what, whole } of splits(norm, settings, shape)) {
    if (isDivisor(divisor, whole)) continue;
    const got = `got ${setting} = ${divisor}, ${what.slice(-1)} = ${whole}`;
    throw new PoolError(`Cannot build '${name}': ${setting} must divide ${what}, ${got}`, norm, settings, [shape]);
  }
  const count = valuesPerStatistic(norm, settings, shape);
  if (count >= leastPooled) return;
  // Of too few values the spread would be zero whatever they are.
  throw new PoolError(
    `${capitalised(title)} needs at least ${counted(leastPooled, 'value')} per statistic to train, ` +
      `but layer '${name}' gets [${shape.join(',')}], which gives it ${count}`,
    norm,
    settings,
    [shape],
  );
}

interface Split {
  readonly setting: 'ghostSize' | 'groups';
  readonly divisor: number;
  readonly what: string;
  readonly whole: number;
}

/** What a norm splits into groups that a setting counts. */
function splits({ pools }: PooledNorm, { ghostSize, groups }: NormSettings, shape: Shape): readonly Split[] {
  const batch = { setting: 'ghostSize', divisor: ghostSize, what: 'the batch N', whole: sizeAt(shape, 0) } as const;
  const channels = { setting: 'groups', divisor: groups, what: 'the channels C', whole: sizeAt(shape, 1) } as const;
  return [...(pools?.batch === 'ghost' ? [batch] : []), ...(pools?.channels === 'group' ? [channels] : [])];
}

function isDivisor(divisor: number, whole: number): boolean {
  return Number.isInteger(divisor) && divisor > 0 && whole % divisor === 0;
}

function valuesPerStatistic({ pools }: PooledNorm, { ghostSize, groups }: NormSettings, shape: Shape): number {
  const { batch = 'none', channels = 'none', space = false } = pools ?? {};
  const examples = { none: 1, all: sizeAt(shape, 0), ghost: ghostSize }[batch];
  const perExample = { none: 1, all: sizeAt(shape, 1), group: sizeAt(shape, 1) / groups }[channels];
  return examples * perExample * (space ? elementCount(shape.slice(2)) : 1);
}

function fits(norm: PooledNorm, settings: NormSettings, shape: Shape): boolean {
  const divides = splits(norm, settings, shape).every(({ divisor, whole }) => isDivisor(divisor, whole));
  return divides && valuesPerStatistic(norm, settings, shape) >= norm.leastPooled;
}

/** No layer of a published network has as many channels, nor a batch as many examples. */
const MOST_TRIED = 65_536;

/** What to do, found by trying it on all shapes: the nearest number of groups, else a larger batch, else another norm. */
function repair(norm: PooledNorm, settings: NormSettings, shapes: readonly Shape[]): string {
  const [first = []] = shapes;
  for (const { setting, divisor } of splits(norm, settings, first)) {
    const most = Math.min(
      MOST_TRIED,
      ...shapes.flatMap((shape) => splits(norm, settings, shape)).map(({ whole }) => whole),
    );
    const nearest = nearestThat(divisor, most, (value) =>
      shapes.every((shape) => fits(norm, { ...settings, [setting]: value }, shape)),
    );
    if (nearest !== undefined) return `try ${setting} = ${nearest}`;
  }
  const N = sizeAt(first, 0);
  if (norm.pools?.batch === 'all') return 'use a batch of 2 or more';
  if (norm.pools?.batch === 'ghost') {
    return settings.ghostSize > 1 ? `use a batch of ${settings.ghostSize}` : 'use a batch of 2, and ghostSize = 2';
  }
  if (N > 1) return 'use a norm that pools over more, such as batch';
  const hasChannels = shapes.every((shape) => elementCount(shape) > 1);
  return `use a norm that pools over more, such as ${hasChannels ? 'layer' : 'batch with a batch of 2 or more'}`;
}

/** The whole number from 1 to `most` that is nearest to another among those that pass; the larger of two as near. */
function nearestThat(wanted: number, most: number, passes: (value: number) => boolean): number | undefined {
  const passing = Array.from({ length: most }, (_, i) => i + 1).filter(passes);
  const distance = (value: number): number => Math.abs(value - wanted);
  return passing.toSorted((a, b) => distance(a) - distance(b) || b - a)[0];
}
