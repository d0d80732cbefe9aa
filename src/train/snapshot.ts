/** @file The state of a training between two steps, which network it belongs to, and what of it fits another. */

import { DataError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { sameShape, type Shape } from '../graph/tensor-type.ts';
import { canonicalJson, type JsonObject } from '../records/canonical-json.ts';
import type { NamedTensor } from '../runtime/tensor-data.ts';
import type { Remembered } from './readout.ts';
import type { OptimiserSettings } from './optimisers/descent.ts';

export interface Snapshot {
  /** Steps taken. */
  readonly step: number;
  readonly learningRate: number;
  readonly schedule: readonly number[];
  /** Parameters and state by name, in logical layout. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** What readouts remember from one measurement to the next; the steps do not depend on it. Default nothing. */
  readonly remembered?: Remembered;
  /** Of the problem, for people. */
  readonly about: JsonObject;
  readonly optimiser: OptimiserSettings;
  /** SHA-256 of all that is computed: {@link TrainingGraphs.identity}. */
  readonly identity: string;
}

/** Which tensors a fork took over, and which started anew, by name. */
export interface Carried {
  readonly carried: readonly string[];
  readonly anew: readonly string[];
}

interface Owned {
  /** Who declared it: a layer, the norm of a layer, the optimiser. */
  readonly owner: string;
  readonly shape: Shape;
  readonly dtype: string;
}

/** What a training stores between steps, scratch left out, by name. */
export function ownersOf({ inputs }: Graph): ReadonlyMap<string, Owned> {
  return new Map(
    inputs.flatMap(({ value: { name, shape, dtype }, role }) =>
      role.kind === 'parameter' || role.kind === 'state' ? [[name, { owner: role.owner, shape, dtype }]] : [],
    ),
  );
}

/** @throws {DataError} unless the snapshot is of this very training. */
export function checkSnapshot(
  { about, identity, tensors }: Pick<Snapshot, 'about' | 'identity' | 'tensors'>,
  expected: { readonly about: JsonObject; readonly identity: string; readonly graph: Graph },
): void {
  if (identity !== expected.identity) {
    throw new DataError(
      `A snapshot must be of the network that it is restored to, ${difference(about, expected.about)}; ` +
        'fork a session of its own network to take over what fits',
    );
  }
  const bad = [...ownersOf(expected.graph)].find(([name, { shape }]) => {
    const given = tensors.get(name);
    return given === undefined || !sameShape(given.shape, shape);
  });
  if (bad === undefined) return;
  const [name, { shape }] = bad;
  const given = tensors.get(name);
  throw new DataError(
    `A snapshot of this network must hold '${name}' of [${shape.join(',')}], got ` +
      (given === undefined ? [...tensors.keys()].join(', ') : `[${given.shape.join(',')}]`),
  );
}

/** Where two networks differ, as far as plain data says it. */
function difference(given: JsonObject, expected: JsonObject): string {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(given)])];
  const key = keys.find((name) => canonicalJson(given[name] ?? null) !== canonicalJson(expected[name] ?? null));
  if (key === undefined) return 'got one that computes something else, or with another optimiser or batch size';
  return `whose ${key} is ${JSON.stringify(expected[key] ?? null)}, got one with ${JSON.stringify(given[key] ?? null)}`;
}

interface Network {
  readonly graph: Graph;
  readonly about: JsonObject;
}

/** Tensors of the same name, owner and shape carry over; what belongs to a norm does where the norm is the same. */
export function carriedBetween(from: Network, to: Network): Carried {
  const sameNorm = ['norm', 'normSettings'].every(
    (key) => canonicalJson(from.about[key] ?? null) === canonicalJson(to.about[key] ?? null),
  );
  const before = ownersOf(from.graph);
  const [carried, anew]: [string[], string[]] = [[], []];
  for (const [name, { owner, shape, dtype }] of ownersOf(to.graph)) {
    const old = before.get(name);
    const fits =
      old !== undefined &&
      old.owner === owner &&
      old.dtype === dtype &&
      sameShape(old.shape, shape) &&
      (owner !== 'norm' || sameNorm);
    (fits ? carried : anew).push(name);
  }
  return { carried, anew };
}
