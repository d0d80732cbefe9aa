/** @file `--check-figures`: what it adds to a report, and that nothing is added without it. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Place } from './command-line.ts';
import { runFolders, smallMeasurement, smallReproduction } from './small-runs.ts';

const place = new Place();
const made = { isSynthetic: true };

describe('--check-figures', () => {
  const cwd = place.newFolder();
  const runs = join(cwd, 'runs');
  const folder = (): string => runFolders(runs)[0] ?? '';
  const report = (): string => readFileSync(join(folder(), 'report.html'), 'utf8');

  it('of reproduce writes a report that carries its engine and a twin of the study', async () => {
    const { code, stdout } = await place.run(cwd, [...smallMeasurement, '--check-figures'], made);
    expect(code).toBe(0);
    expect(stdout).toContain('\n1 figure of 1 claim can be checked where the report is read\nReport: ');
    expect(report()).toMatch(/data-asset="engine\.wasm\.gz".*data-asset="twin-0\.json\.gz"/s);
    expect(report()).not.toContain('twin-1.json.gz');
  });

  it('of report writes the same again, and without it a report as small as any', async () => {
    const before = report();
    expect((await place.run(cwd, ['report', folder()])).code).toBe(0);
    const bare = report();
    expect(bare.length).toBeLessThan(200_000);
    expect(bare).not.toMatch(/wasm|id="twins"/);
    const { code, stdout } = await place.run(cwd, ['report', folder(), '--check-figures', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).checkable).toEqual(['ioffe2015/scale']);
    expect(report()).toBe(before);
    // What a reader sees without pressing anything is the same.
    const body = /<body>.*?<script/s;
    expect(body.exec(before)?.[0]).toBe(body.exec(bare)?.[0]);
  });

  it('of a claim that trains is of one seed, and asks its reader for the data', async () => {
    const other = place.newFolder();
    const { code, stdout } = await place.run(other, [...smallReproduction, '--check-figures', '--json'], made);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).checkable).toEqual(['santurkar2018/landscape']);
    const [run = ''] = runFolders(join(other, 'runs'));
    const html = readFileSync(join(run, 'report.html'), 'utf8');
    const [, list = ''] = /id="twins">(.*?)<\/script>/s.exec(html) ?? [];
    expect(JSON.parse(list)).toEqual([
      expect.objectContaining({
        beside: expect.stringMatching(/^It is of seed 0 alone, with which 2 of the 6 cells were computed\. /),
        data: expect.objectContaining({ title: 'MNIST', checksum: expect.stringMatching(/^synthetic/) }),
      }),
    ]);
  });

  it('is refused for a training of one’s own, and changes nothing there', async () => {
    const other = place.newFolder();
    const training = 'run mlp --steps 2 --batch 8 --width 0.1 --threads 1'.split(' ');
    expect((await place.run(other, training, made)).code).toBe(0);
    const [run = ''] = runFolders(join(other, 'runs'));
    const path = join(run, 'report.html');
    writeFileSync(path, 'as it was');
    const { code, stderr } = await place.run(other, ['report', run, '--check-figures']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/is a training of one's own; leave out --check-figures/),
    });
    expect(readFileSync(path, 'utf8')).toBe('as it was');
  });
});
