/** @file No import cycle between files, type imports counted: two files that need each other are one idea or three. */
import type { Fact, Finding, SourceFile } from './source.ts';

export const noCycles: Fact = {
  sentence: 'no import cycle between files, type imports counted',
  check: (files) => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    return components(byPath).flatMap((component) => findingsIn(component, byPath));
  },
};

type Files = ReadonlyMap<string, SourceFile>;

function targetsOf(path: string, files: Files): readonly string[] {
  const imports = files.get(path)?.imports.filter(({ kind }) => kind !== 'address') ?? [];
  const targets = imports.flatMap((one) => one.path ?? []);
  return targets.filter((target) => files.has(target));
}

/** Tarjan's strongly connected components, those of a single file that does not import itself left out. */
function components(files: Files): readonly ReadonlySet<string>[] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const found: ReadonlySet<string>[] = [];
  const visit = (path: string): number => {
    const own = order.size;
    let low = own;
    order.set(path, own);
    stack.push(path);
    for (const target of targetsOf(path, files)) {
      const seen = order.get(target);
      if (seen === undefined) low = Math.min(low, visit(target));
      else if (stack.includes(target)) low = Math.min(low, seen);
    }
    if (low === own) {
      const members = new Set(stack.splice(stack.indexOf(path)));
      if (members.size > 1 || targetsOf(path, files).includes(path)) found.push(members);
    }
    return low;
  };
  for (const path of files.keys()) {
    if (!order.has(path)) visit(path);
  }
  return found;
}

/**
 * The shortest cycle through each file of a component, each cycle once. It is reported at its first file by name, on
 * the line of the import that leads on.
 */
function findingsIn(component: ReadonlySet<string>, files: Files): readonly Finding[] {
  const cycles = new Map<string, readonly string[]>();
  for (const path of [...component].toSorted()) {
    const cycle = shortestCycle(path, component, files);
    const key = cycle.toSorted().join(' ');
    if (!cycles.has(key)) cycles.set(key, cycle);
  }
  return [...cycles.values()].map((cycle) => {
    const [path = '', next = path] = cycle;
    const line = files.get(path)?.imports.find((one) => one.path === next)?.line ?? 1;
    const what = `a cycle: ${[...cycle, path].join(' → ')}; move what both sides need into a file of its own`;
    return { path, line, what };
  });
}

function shortestCycle(start: string, component: ReadonlySet<string>, files: Files): readonly string[] {
  const queue: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (const way of queue) {
    for (const target of targetsOf(way.at(-1) ?? start, files)) {
      if (target === start) return way;
      if (seen.has(target) || !component.has(target)) continue;
      seen.add(target);
      queue.push([...way, target]);
    }
  }
  throw new Error(`${start} must lie on a cycle of its component`);
}
