/** @file Official files that a package of the operating system has put on this machine. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOfficialFiles } from './official-files.ts';
import type { Source } from './source.ts';

/** Copies official files, unzipped, from a folder. */
export function folderSource(folder: string, title: string): Source {
  return {
    title,
    async fetch(into, { definition, report }) {
      const { train, test } = await readOfficialFiles(definition, folder, report);
      const contents = [...train, ...test];
      for (const [i, file] of [...definition.train, ...definition.test].entries()) {
        await writeFile(join(into, file.name), contents[i] ?? '');
      }
    },
  };
}
