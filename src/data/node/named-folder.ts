/** @file Official files in a folder that the user names, in any of the places where programs and archives leave them. */
import { join } from 'node:path';
import { DataError, need, StorageError } from '../../errors.ts';
import type { DatasetDefinition } from '../datasets.ts';
import { findOfficialFile, isFile, type OfficialFiles, readOfficialFiles } from './official-files.ts';

/**
 * Reads the official files from the first place below `named` where all of them have their checksums: MNIST and
 * Fashion-MNIST call their files alike, so that the wrong ones may come first.
 * @throws {DataError} if no place has them, saying what is wrong with the first that looked like it
 * @throws {StorageError} if the folder, or the one place that looked like it, must not be read
 */
export async function readNamedFolder(
  definition: DatasetDefinition,
  named: string,
  report: (fraction: number, bytes: number, message: string) => void,
): Promise<{ readonly files: OfficialFiles; readonly folder: string }> {
  const what = `Cannot load ${definition.title} from the folder ${named}`;
  const places = [definition.name, ...definition.folders, '.'].map((place) => join(named, place));
  const first = need(definition.train[0], `a first file of ${definition.title}`);
  let failure: DataError | StorageError | undefined;
  for (const folder of places) {
    try {
      // A folder that must not be entered has nothing below it to name: it is the one to complain of.
      await isFile(join(named, first.name));
      if ((await findOfficialFile(first, folder)) === undefined) continue;
      return { files: await readOfficialFiles(definition, folder, report), folder };
    } catch (error) {
      if (!(error instanceof DataError || error instanceof StorageError)) throw error;
      failure ??= error;
    }
  }
  if (failure instanceof StorageError) throw new StorageError(`${what}: ${failure.message}`, { cause: failure });
  if (failure !== undefined) throw new DataError(`${what}: ${failure.message}`, { cause: failure });
  const other = await otherVersion(definition, places);
  if (other !== undefined) throw new DataError(`${what}: ${other}`);
  throw new DataError(
    `${what}: it must hold the official files, got no ${first.name} in ${places.join(', ')}; ` +
      'name another folder with --data DIR or NORMSCOPE_DATA, or none to fetch the data',
  );
}

/** What to say of a folder that holds the data in a form made for another language; undefined where it holds none. */
async function otherVersion(
  { title, otherVersions = [], repair }: DatasetDefinition,
  places: readonly string[],
): Promise<string | undefined> {
  for (const { language, folder, file } of otherVersions) {
    for (const place of places.flatMap((outer) => [outer, join(outer, folder)])) {
      if (!(await isFile(join(place, file)))) continue;
      return (
        `${place} holds the ${language} version of ${title}; for the binary version, ${repair} ` +
        'and name the folder with --data DIR or NORMSCOPE_DATA, or none to fetch the data'
      );
    }
  }
  return undefined;
}
