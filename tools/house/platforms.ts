/** @file No file reaches what its platform does not have: Node's modules, native packages, or files that need them. */
import { isBuiltin } from 'node:module';
import type { Platform } from '../layers.ts';
import { anyPackages, platformOf } from '../platforms.ts';
import { type Fact, type Finding, type Import, isTest, type SourceFile } from './source.ts';

/**
 * A file of platform `any` reaches Node through a chain of files, and the chain leaves platform `any` in one import:
 * that import is reported, so no chain has to be walked. A type import of a file is harmless as long as that file, with
 * all that it imports, needs no types of Node.
 */
export const noForeignPlatform: Fact = {
  sentence: 'no file of platform any that reaches Node or a browser, and none of a browser that reaches Node',
  check: (files) => {
    const sources = new Map(
      files.filter(({ path }) => path.startsWith('src/') && !isTest(path)).map((f) => [f.path, f]),
    );
    return [...sources.values()].flatMap((file): Finding[] => {
      const platform = platformOf(file.path);
      if (platform === 'node') return [];
      return file.imports.flatMap((one): Finding[] => {
        const reason = maybeReason(one, platform, sources);
        if (reason === undefined) return [];
        return [{ path: file.path, line: one.line, what: `${reason}; ${repairOf(file.path, one)}` }];
      });
    });
  },
};

type Sources = ReadonlyMap<string, SourceFile>;

function repairOf(path: string, { kind, path: target }: Import): string {
  const folder = path.split('/').slice(0, 2).join('/');
  if (target === undefined) return `move what needs it to ${folder}/node or ${folder}/web, or take it as an argument`;
  if (kind === 'type') return `state the type in a file of platform any`;
  return `move what both need to a file of platform any, or take it as an argument`;
}

/** Why an import leaves a platform; undefined where it does not. */
function maybeReason(one: Import, from: Platform, sources: Sources): string | undefined {
  const verb = one.kind === 'type' ? 'imports types of' : 'imports';
  if (one.path === undefined) {
    return isForeign(one.specifier) ? `${verb} '${one.specifier}'` : undefined;
  }
  const target = sources.get(one.path);
  if (target === undefined) return undefined;
  const platform = platformOf(one.path);
  if (platform === 'any' || platform === from) return undefined;
  if (one.kind !== 'type') return `imports ${one.path}, which is of platform ${platform}`;
  const chain = maybeChain(one.path, sources);
  return chain === undefined ? undefined : `imports types of ${chain.join(' → ')}`;
}

/** Whether a package or built-in module does not run everywhere. */
function isForeign(specifier: string): boolean {
  if (isBuiltin(specifier)) return true;
  return !anyPackages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

/** The shortest way from a file to a package or module that is foreign, over every import that a compiler follows. */
function maybeChain(start: string, sources: Sources): readonly string[] | undefined {
  const queue: (readonly string[])[] = [[start]];
  const seen = new Set([start]);
  for (const way of queue) {
    for (const { path, specifier } of sources.get(way.at(-1) ?? start)?.imports ?? []) {
      if (path === undefined) {
        if (isForeign(specifier)) return [...way, specifier];
      } else if (!seen.has(path)) {
        seen.add(path);
        queue.push([...way, path]);
      }
    }
  }
  return undefined;
}
