import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { need } from '../../src/errors.ts';
import { type Ending, patience, Place } from './command-line.ts';
import { cellFolders, filesBelow, isLeftover, smallReproduction, smallRun } from './small-runs.ts';

const place = new Place();
const made = { isSynthetic: true };

describe('a place that cannot be written', () => {
  const refused = [
    ['--runs is a file', smallRun, ['--runs', 'file'], /Cannot create the folder file: a file is in the way/],
    ['a file is on the way to --runs', smallReproduction, ['--runs', 'file/runs'], /a part of the path is a file/],
    ['--out is a file', smallReproduction, ['--out', 'file'], /Cannot create the folder file: a file is in the way/],
    [
      '--out holds other files',
      smallRun,
      ['--out', '.'],
      /Cannot write a run into \.: it holds other files .*; choose/,
    ],
  ] as const;
  const folders = refused.map(() => place.newFolder());
  let endings: readonly Ending[];
  beforeAll(async () => {
    for (const cwd of folders) writeFileSync(join(cwd, 'file'), 'mine');
    const calls = refused.map(([, command, options], i) => ({ cwd: folders[i] ?? '', args: [...command, ...options] }));
    endings = await place.runEach(calls, made);
  }, patience);

  it.each(refused.map(([title, , , message], i) => [title, message, i] as const))(
    'is refused before anything is trained: %s',
    (_, message, i) => {
      const { code, stdout, stderr } = need(endings[i], 'an ending');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/ step \d/);
      expect(filesBelow(need(folders[i], 'a folder'))).toEqual(['file']);
    },
  );

  it('is refused for graphs too', async () => {
    const { code, stderr } = await place.run(place.newFolder(), ['graph', 'mlp', '--out', 'nowhere/mlp.onnx']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot write nowhere\/mlp\.onnx: it does not exist; check the path/);
  });
});

describe('a disk that is full', () => {
  it('stops a run with a message, and the same command goes on when there is room', async () => {
    const cwd = place.newFolder();
    // No file may grow beyond 16 kB: the records do at about step 50.
    const { code, stdout, stderr } = await place.run(cwd, smallRun, { ...made, shell: 'ulimit -f 32;' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /normscope: Cannot .*: the file would pass the size that this system allows; raise the limit/,
    );
    expect(filesBelow(cwd).filter(isLeftover)).toEqual([expect.stringMatching(/UNFINISHED\.txt$/)]);
    expect(filesBelow(cwd).filter((path) => path.endsWith('report.html'))).toEqual([]);
    const again = await place.run(cwd, smallRun, made);
    expect(again).toMatchObject({ code: 0 });
    expect(cellFolders(join(cwd, 'runs'), 'attempt')).toEqual([]);
  });

  it('is noticed before anything is trained where nothing can be written at all', async () => {
    const cwd = place.newFolder();
    const { code, stderr } = await place.run(cwd, smallRun, { ...made, shell: 'ulimit -f 0;' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot write runs\/\.writable-[0-9a-f]+: /);
    expect(filesBelow(cwd)).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))('is told apart from success where the answer cannot be printed', async () => {
    const { code, stderr } = await place.run(place.newFolder(), ['claims'], { shell: 'exec > /dev/full;' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^normscope: Cannot write to standard output: the disk is full; free some space/);
  });
});

it('ends quietly where the reader of its output has left', async () => {
  const cwd = place.newFolder();
  const fifo = 'mkfifo pipe; (: < pipe) & exec > pipe; wait;';
  const { code, stderr } = await place.run(cwd, ['graph', 'resnet110', '--training'], { shell: fifo });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
