/** @file A lock file: one process at a time, with the locks of dead processes taken over. */
import fs from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { StorageError } from '../../errors.ts';
import { maybeErrorCode, withStorageErrors } from './storage-errors.ts';

/** Who holds a lock. The start time tells a process from a later one that was given the same number. */
const ownerSchema = z.strictObject({ pid: z.int().positive(), host: z.string(), started: z.string().exactOptional() });
type Owner = z.infer<typeof ownerSchema>;

/** A lock that this process holds. */
export interface Lock {
  /** Gives the lock back; a second time does nothing. */
  release(): void;
}

let lockCount = 0;

/**
 * Takes the lock at `path`, without waiting.
 * @param purpose - what the lock is for: "Cannot <purpose>: …".
 * @throws {StorageError} where a live process holds it (this one included), or the folder cannot be written.
 */
export function acquireLock(path: string, purpose: string): Lock {
  lockCount += 1;
  const own = `${path}.${process.pid}-${lockCount}`;
  return withStorageErrors('lock', path, () => {
    fs.writeFileSync(own, JSON.stringify(describeSelf()));
    try {
      // A hard link appears with its content at once, or fails because another is there.
      while (!linked(own, path)) removeStale(path, own, purpose);
    } finally {
      fs.rmSync(own, { force: true });
    }
    removeLeftovers(path);
    let isHeld = true;
    return {
      release() {
        if (isHeld) withStorageErrors('unlock', path, () => fs.rmSync(path, { force: true }));
        isHeld = false;
      },
    };
  });
}

function linked(own: string, path: string): boolean {
  try {
    fs.linkSync(own, path);
    return true;
  } catch (error) {
    if (maybeErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead process. @throws {StorageError} where its owner lives. */
function removeStale(path: string, own: string, purpose: string): void {
  const owner = maybeOwner(path);
  if (owner !== undefined && isAlive(owner)) {
    const who = owner.host === hostname() ? `process ${owner.pid}` : `process ${owner.pid} on ${owner.host}`;
    throw new StorageError(`Cannot ${purpose}: ${who} is at it; wait for it to end, or remove ${path} if it is gone`);
  }
  // Of several processes that find the stale lock, the rename succeeds in one only.
  const aside = `${own}.stale`;
  try {
    fs.renameSync(path, aside);
  } catch (error) {
    if (maybeErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = maybeOwner(aside);
  // Another may have taken the lock over between the look and the rename: give it back.
  if (moved !== undefined && isAlive(moved)) linked(aside, path);
  fs.rmSync(aside, { force: true });
}

/** Removes what processes left that were killed while they took this lock. */
function removeLeftovers(path: string): void {
  for (const name of fs.readdirSync(dirname(path)).filter((found) => found.startsWith(`${basename(path)}.`))) {
    const leftover = join(dirname(path), name);
    const owner = maybeOwner(leftover);
    if (owner !== undefined && !isAlive(owner)) fs.rmSync(leftover, { force: true });
  }
}

function describeSelf(): Owner {
  const started = maybeProcessState(process.pid)?.started;
  return { pid: process.pid, host: hostname(), ...(started === undefined ? {} : { started }) };
}

/** The owner that a lock file names; undefined where there is none or it is damaged. */
function maybeOwner(path: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(fs.readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether an owner still runs; taken as alive where that cannot be known, as on another machine. */
function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (maybeErrorCode(error) === 'ESRCH') return false;
  }
  const found = maybeProcessState(owner.pid);
  if (found === undefined) return true;
  return !found.isDead && (owner.started === undefined || owner.started === found.started);
}

/**
 * What Linux's /proc says of a process; undefined on other systems.
 * `started` is in clock ticks since the machine's start, and `isDead` is true of a process that only awaits its parent.
 */
function maybeProcessState(pid: number): { isDead: boolean; started: string } | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold anything; state is field 3, start field 22.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { isDead: fields[0] === 'Z' || fields[0] === 'X', started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
