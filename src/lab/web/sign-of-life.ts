/**
 * @file A sign that a worker lives: a lock that it holds as long as it does. Browsers tell a page of errors in its workers, and not
 * when one is gone.
 */

/** Of the worker: holds the lock from then on; in a place without locks it is waited for nothing. */
export async function showLife(name: string): Promise<void> {
  const locks = maybeLocks();
  if (locks === undefined) return;
  await new Promise<void>((resolve) => {
    const forever = async (): Promise<void> => {
      resolve();
      return new Promise(() => undefined);
    };
    locks.request(name, forever).catch(() => resolve());
  });
}

/** Of the page, once the worker has answered: calls back when it is gone, or never in a place without locks. */
export function onceGone(name: string, call: () => void): void {
  maybeLocks()
    ?.request(name, call)
    .catch(() => undefined);
}

/** Not there in a page that came by plain http from another machine; refused to a page from a disk. */
function maybeLocks(): LockManager | undefined {
  return (navigator as { readonly locks?: LockManager }).locks;
}
