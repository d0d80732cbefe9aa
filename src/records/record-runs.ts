/** @file Runs of records that differ along an axis of their own alone, such as the bins of a histogram: they share a line. */
import { need } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import type { StepRecord } from './record.ts';

/** Neighbours that differ in `at` and value alone, and those by themselves that have no such neighbour. */
export function runsOf(records: readonly StepRecord[]): readonly (readonly [StepRecord, ...StepRecord[]])[] {
  const runs: [StepRecord, ...StepRecord[]][] = [];
  for (const record of records) {
    const open = runs.at(-1);
    if (open !== undefined && isAlike(open[0], record)) open.push(record);
    else runs.push([record]);
  }
  return runs;
}

function isAlike(one: StepRecord, other: StepRecord): boolean {
  return (
    one.at !== undefined &&
    other.at !== undefined &&
    one.step === other.step &&
    one.quantity === other.quantity &&
    one.layer === other.layer &&
    one.mode === other.mode &&
    one.probe === other.probe &&
    one.definition === other.definition &&
    (one.place === other.place || placeKey(one) === placeKey(other))
  );
}

function placeKey({ place }: StepRecord): string {
  return place === undefined ? '' : canonicalJson(place);
}

/** A list of places, and where in it the places of a run are: undefined for those that the run has not. */
export interface Fitted {
  readonly number: number;
  readonly list: readonly number[];
  readonly isNew: boolean;
  /** Of each place of the list, which of the run's it is. */
  readonly at: readonly (number | undefined)[];
}

/**
 * The lists of places that a file states. Histograms leave out bins that are empty, now these and now those: a run takes the first
 * list that has all its places, and a new list takes in the one before where they are much alike, so that there are few.
 */
export class PlaceLists {
  readonly #lists: (readonly number[])[] = [];
  /** By the places of a run, as text. */
  readonly #fitted = new Map<string, Fitted>();

  constructor(lists: readonly (readonly number[])[]) {
    this.#lists.push(...lists);
  }

  fit(places: readonly number[]): Fitted {
    const key = places.map(encodePlace).join();
    const known = this.#fitted.get(key);
    if (known !== undefined) return known;
    const number = this.#lists.findIndex((list) => indicesIn(list, places) !== undefined);
    const list = this.#lists[number] ?? unionOf(this.#lists.at(-1) ?? [], places);
    const at = need(indicesIn(list, places), 'a list that has all places');
    const fitted = { number: number < 0 ? this.#lists.length : number, list, isNew: false, at };
    this.#fitted.set(key, fitted);
    if (number >= 0) return fitted;
    this.#lists.push(list);
    return { ...fitted, isNew: true };
  }
}

/** Of each place of a list, which of these it is; undefined where it has not all of them in their order. */
function indicesIn(list: readonly number[], places: readonly number[]): Fitted['at'] | undefined {
  let next = 0;
  const at = list.map((place) => {
    const wanted = places[next];
    return wanted !== undefined && Object.is(place, wanted) ? next++ : undefined;
  });
  return next === places.length ? at : undefined;
}

/** Both in one order, where both rise and have half of the places in common; else the second alone. */
function unionOf(before: readonly number[], places: readonly number[]): readonly number[] {
  const rises = (list: readonly number[]): boolean =>
    list.every((place, i) => i === 0 || place > (list[i - 1] ?? place));
  const common = places.filter((place) => before.some((other) => Object.is(place, other)));
  if (2 * common.length < places.length || !rises(before) || !rises(places)) return places;
  const united = [...before, ...places.filter((place) => !common.includes(place))].toSorted((a, b) => a - b);
  // Two zeros of different signs are neighbours that do not rise.
  return rises(united) ? united : places;
}

function encodePlace(place: number): string {
  return Object.is(place, -0) ? '-0' : String(place);
}
