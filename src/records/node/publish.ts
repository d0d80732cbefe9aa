/** @file From an attempt that is whole to a generation, by one rename; who comes second compares. */
import fs from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { canonicalJson, type JsonObject } from '../canonical-json.ts';
import { type HeldProbe, holdsProbes, type LogMark } from '../cell.ts';
import { maybeChecksum } from './append-log.ts';
import { maybeRename, syncFolder, uniqueName } from './atomic.ts';
import { maybeDescription, maybeWhole } from './cell-description.ts';
import {
  attemptFolder,
  attemptFolders,
  type Generation,
  generationFolder,
  generations,
  removeFolder,
} from './cell-place.ts';
import { type Maker, maybeMaker } from './maker.ts';
import { maybeErrorCode, withStorageErrors } from './storage-errors.ts';

/** What a rename onto a folder that is not empty is refused with, by the systems there are. */
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES']);

/**
 * Moves a whole attempt to where its generation belongs.
 * @returns false where that place is taken by one that is whole; the attempt is left as it is.
 * @throws {StorageError} where the disk refuses.
 */
export function publish(place: string, attempt: string, probes: readonly HeldProbe[]): boolean {
  const target = generationFolder(place, probes);
  return withStorageErrors('publish', target, () => {
    for (;;) {
      try {
        fs.renameSync(attempt, target);
        syncFolder(place);
        return true;
      } catch (error) {
        if (!TAKEN.has(maybeErrorCode(error) ?? '') || !fs.existsSync(target)) throw error;
        if (maybeWhole(target) !== undefined) return false;
        moveDamagedAway(place, target);
      }
    }
  });
}

/** Makes way where a generation was cut or changed by hand. */
function moveDamagedAway(place: string, target: string): void {
  const aside = attemptFolder(place, `damaged-${uniqueName()}`);
  if (!maybeRename(target, aside)) return;
  // Another may have replaced the damaged one just before the move.
  if (maybeWhole(aside) === undefined || !maybeRename(aside, target)) removeFolder(aside);
}

/** What an attempt has to show beside a generation. */
export interface Made extends LogMark {
  readonly probes: readonly HeldProbe[];
  readonly maker: Maker;
  /** Undefined where it has not come to its end. */
  readonly summary: JsonObject | undefined;
}

/**
 * Compares what an attempt has written so far with what was published: a cell is a pure function of its config.
 * @throws {DataError} naming both machines where they differ.
 */
export function checkAgainst({ folder, description }: Generation, { probes, maker, summary, ...mark }: Made): void {
  // With more probes there are more records.
  if (!holdsProbes(probes, description.probes)) return;
  const { finished } = description;
  const isWhole = summary === undefined || mark.recordsBytes === finished.recordsBytes;
  const isEqual =
    isWhole &&
    maybeChecksum(join(folder, 'records.jsonl'), mark.recordsBytes) === mark.recordsCrc32 &&
    (summary === undefined || canonicalJson(summary) === canonicalJson(finished.summary));
  if (isEqual) return;
  const other = maybeMaker(folder);
  throw new DataError(
    `Cell ${description.hash} must come out the same wherever it runs, but ${makerText(maker)} has other records than ` +
      `${other === undefined ? 'an unknown machine' : makerText(other)}, whose are kept in ${folder}; ` +
      'run both with --lowering portable, and test the memory of the machine that differs from a third',
  );
}

function makerText({ host, processor, instructions, node }: Maker): string {
  return `${host} (${processor}, ${instructions}, Node ${node})`;
}

/** Deletes attempts and generations that hold no more than these probes, all of which a published generation holds. */
export function removeSuperseded(place: string, probes: readonly HeldProbe[]): void {
  const published = generationFolder(place, probes);
  for (const { folder, description } of generations(place)) {
    if (folder === published || !holdsProbes(probes, description.probes)) continue;
    // Gone at once, so that who reads it misses all of it and not a part.
    const aside = attemptFolder(place, `replaced-${uniqueName()}`);
    if (maybeRename(folder, aside)) removeFolder(aside);
  }
  for (const folder of attemptFolders(place)) {
    const held = maybeDescription(folder)?.probes ?? [];
    if (holdsProbes(probes, held)) removeFolder(folder);
  }
}
