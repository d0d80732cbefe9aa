/** @file The finished cells of a study by what varies: arms × settings × seeds. What a rule is given to decide from. */

import { only } from '../errors.ts';
import { Records } from '../records/records.ts';
import type { StepRecord } from '../records/record.ts';

/** What a study varies beside arms and seeds, by name: `{ rate: [0.1, 0.2] }`. */
export type Varied = Readonly<Record<string, readonly (string | number)[]>>;

/** One value of each: `{ rate: 0.1 }`. */
export type Setting<Vary extends Varied> = { readonly [Name in keyof Vary]: Vary[Name][number] };

/** Where a cell stands in a study. */
export type Point<Arm extends string, Vary extends Varied> = Setting<Vary> & {
  readonly arm: Arm;
  readonly seed: number;
};

/** A finished cell where it stands. */
export interface GridCell<Arm extends string, Vary extends Varied> {
  readonly point: Point<Arm, Vary>;
  readonly records: Records;
}

/** One number per seed, as intervals are made of. */
export type BySeed = readonly { readonly seed: number; readonly value: number }[];

export class Grid<Arm extends string = string, Vary extends Varied = Varied> {
  readonly cells: readonly GridCell<Arm, Vary>[];

  constructor(cells: readonly GridCell<Arm, Vary>[]) {
    this.cells = cells;
  }

  /** Every seed, once. */
  get seeds(): readonly number[] {
    return [...new Set(this.cells.map(({ point }) => point.seed))];
  }

  /** The cells that stand where is asked. */
  where(asked: Partial<Point<Arm, Vary>>): Grid<Arm, Vary> {
    const wanted = Object.entries(asked);
    return new Grid(
      this.cells.filter(({ point }) =>
        wanted.every(([key, value]) => (point as Record<string, unknown>)[key] === value),
      ),
    );
  }

  /** The only cell that stands there. @throws {RangeError} where there is none, or more than one. */
  cell(asked: Partial<Point<Arm, Vary>>): GridCell<Arm, Vary> {
    return only(this.where(asked).cells, `cell at ${JSON.stringify(asked)}`);
  }

  /** The records of all cells together, cell by cell. */
  get records(): Records {
    return new Records(this.perCell.flat());
  }

  /** The records of each cell. */
  get perCell(): readonly (readonly StepRecord[])[] {
    return this.cells.map(({ records }) => records.all);
  }

  /** A number of each cell, with its seed. */
  bySeed(value: (records: Records, point: Point<Arm, Vary>) => number): BySeed {
    return this.cells.map(({ point, records }) => ({ seed: point.seed, value: value(records, point) }));
  }

  /** For each seed the number of one arm less that of another, which differ in nothing else. */
  differences(arm: Arm, less: Arm, value: (records: Records) => number): BySeed {
    const of = (name: Arm, seed: number): number =>
      value(this.cell({ arm: name, seed } as Partial<Point<Arm, Vary>>).records);
    return this.seeds.map((seed) => ({ seed, value: of(arm, seed) - of(less, seed) }));
  }
}

/** All combinations of the values, the last name varying fastest. */
export function settingsOf<Vary extends Varied>(varied: Vary): readonly Setting<Vary>[] {
  return Object.entries(varied).reduce<readonly object[]>(
    (settings, [name, values]) => settings.flatMap((setting) => values.map((value) => ({ ...setting, [name]: value }))),
    [{}],
  ) as readonly Setting<Vary>[];
}
