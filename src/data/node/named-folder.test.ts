import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError, StorageError } from '../../errors.ts';
import { type DatasetDefinition, datasets } from '../datasets.ts';
import { readNamedFolder } from './named-folder.ts';
import { tinyDefinition, writeTinyFiles } from './tiny-dataset.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'normscope-named-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

/** A data set whose files bear the names of MNIST's, and hold the text that is given. */
function digits(name: 'mnist' | 'fashion-mnist', text: string): DatasetDefinition {
  const tiny = ({ name: file }: { readonly name: string }): DatasetDefinition['train'][number] => {
    const content = `${text} ${file}`;
    return { name: file, bytes: content.length, md5: createHash('md5').update(content).digest('hex') };
  };
  const { train, test, ...rest } = datasets[name];
  return { ...rest, train: train.map(tiny), test: test.map(tiny) };
}

const mnist = digits('mnist', 'digits');
const fashion = digits('fashion-mnist', 'shoes');

/** Writes the files of `digits(…, text)`, each where a function of its name puts it. */
async function write(
  text: string,
  pathOf: (name: string) => string,
  content: (text: string) => Uint8Array = (plain) => Buffer.from(plain),
): Promise<void> {
  for (const { name } of [...mnist.train, ...mnist.test]) {
    const path = join(root, pathOf(name));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content(`${text} ${name}`));
  }
}

const read = (definition: DatasetDefinition, folder = root) => readNamedFolder(definition, folder, () => undefined);
const dotted = (name: string): string => name.replace('-idx', '.idx');

describe('readNamedFolder()', () => {
  it.each<[string, (name: string) => string]>([
    ['in the folder itself', (name) => name],
    ['as torchvision leaves them', (name) => `MNIST/raw/${name}`],
    ['with a dot in their names', dotted],
    ['in folders of their own names', (name) => `${name}/${name}`],
    ['in folders of their own names, with a dot', (name) => `${name}/${dotted(name)}`],
  ])('finds the files %s, gzipped too', async (_, pathOf) => {
    await write('digits', pathOf);
    const { files } = await read(mnist);
    expect(files.train.map(String)).toEqual(mnist.train.map(({ name }) => String(Buffer.from(`digits ${name}`))));
    await rm(root, { recursive: true });
    await write(
      'digits',
      (name) => `${pathOf(name)}.gz`,
      (plain) => gzipSync(plain),
    );
    expect((await read(mnist)).files).toEqual(files);
  });

  it('goes on to what has the right checksums, where another data set or a damaged copy comes first', async () => {
    await write('digits', (name) => `raw/${name}`);
    await write('shoes', (name) => `FashionMNIST/raw/${name}`);
    expect((await read(mnist)).folder).toBe(join(root, 'raw'));
    expect((await read(fashion)).folder).toBe(join(root, 'FashionMNIST', 'raw'));
    await write('broken', (name) => `raw/${name}`);
    await expect(read(mnist)).rejects.toThrow(/raw\/train-images-idx3-ubyte has the wrong checksum/);
    await write('digits', (name) => `raw/${dotted(name)}`);
    expect((await read(mnist)).files.test).toHaveLength(2);
    await write('broken', (name) => `mnist/${name}`);
    expect((await read(mnist)).folder).toBe(join(root, 'raw'));
  });

  it.each([
    ['Python', 'cifar-10-batches-py', 'data_batch_1'],
    ['MATLAB', 'cifar-10-batches-mat', 'data_batch_1.mat'],
  ])('says of CIFAR-10 for %s which version it is, and where the binary one is', async (language, folder, file) => {
    await mkdir(join(root, folder));
    await writeFile(join(root, folder, file), 'pickled');
    for (const named of [root, join(root, folder)]) {
      const reading = read(tinyDefinition, named);
      await expect(reading).rejects.toThrow(DataError);
      await expect(reading).rejects.toThrow(
        `${join(root, folder)} holds the ${language} version of CIFAR-10; for the binary version, unpack cifar-10-binary`,
      );
    }
    // Beside the official files it does no harm.
    await mkdir(join(root, 'cifar-10-batches-bin'));
    await writeTinyFiles(join(root, 'cifar-10-batches-bin'));
    expect((await read(tinyDefinition)).folder).toBe(join(root, 'cifar-10-batches-bin'));
  });

  it.each([
    ['the folder', '.'],
    ['a folder below it', 'cifar-10-batches-bin'],
    ['a file', 'cifar-10-batches-bin/data_batch_2.bin'],
  ])('says that permission is refused, and where, if %s must not be read', async (_, path) => {
    await mkdir(join(root, 'cifar-10-batches-bin'));
    await writeTinyFiles(join(root, 'cifar-10-batches-bin'));
    await chmod(root, 0o755);
    await chmod(join(root, path), 0o000);
    const reading = asNobody(() => read(tinyDefinition));
    await expect(reading).rejects.toThrow(StorageError);
    await expect(reading).rejects.toThrow(
      new RegExp(
        `from the folder ${root}: Cannot (read|look into) ${join(root, path)}: permission was refused; change`,
      ),
    );
    await chmod(join(root, path), 0o755);
  });
});

/** Root may read everything: in its place, nobody works. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
