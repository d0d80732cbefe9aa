/** @file What a cell's probes add to a session. */

import { readoutOf } from '../probes/index.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { StepRecord } from '../records/record.ts';
import type { Readout } from '../train/readout.ts';

/** One readout per probe, whose records say by its place in the list which of the cell's probes has made them. */
export function readoutsOf(probes: readonly HeldProbe[]): readonly Readout[] {
  return probes.map((held, probe) => marked(readoutOf(held), probe));
}

function marked(readout: Readout, probe: number): Readout {
  const { read, open } = readout;
  const mark = (records: readonly StepRecord[]): readonly StepRecord[] =>
    records.map((record) => ({ ...record, probe }));
  return {
    ...readout,
    ...(read !== undefined && { read: (result) => mark(read(result)) }),
    ...(open !== undefined && {
      open: async (session, memory) => {
        const measure = await open(session, memory);
        return async (result) => mark(await measure(result));
      },
    }),
  };
}
