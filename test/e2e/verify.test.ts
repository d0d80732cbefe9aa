import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seedOf } from '../../src/lab/course.ts';
import { Place } from './command-line.ts';

const place = new Place();

/** A working folder with a folder `class` of submissions in it. */
function withClass(files: Readonly<Record<string, unknown>>): string {
  const cwd = place.newFolder();
  mkdirSync(join(cwd, 'class'));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(cwd, 'class', name), JSON.stringify(value));
  return cwd;
}

/** A submission that says nothing of what came out. */
function silent(student: string, seed: number): object {
  return { normscope: '0.1.0', student, tours: [{ tour: 'large-rates', seed, predicted: null, measured: [] }] };
}

describe('normscope verify', () => {
  it('ends with 0 where nothing is wrong, and with 3 where a submission is refused or left numbers out', async () => {
    const nothing = { normscope: '0.1.0', student: '1', tours: [] };
    const right = await place.run(withClass({ 'a.json': nothing }), ['verify', 'class', '--json']);
    expect(right).toMatchObject({ code: 0, stderr: '1 submission …\n' });
    expect(JSON.parse(right.stdout)).toMatchObject({ files: [{ file: 'a.json', student: '1' }], severalFilesOf: [] });

    const wrong = await place.run(
      withClass({
        'another.json': silent('1', (seedOf('1', 'large-rates') + 1) % 10_000),
        'refused.json': { ...nothing, settings: {} },
        'silent.json': silent('2', seedOf('2', 'large-rates')),
      }),
      ['verify', 'class'],
    );
    expect(wrong.code).toBe(3);
    expect(wrong.stdout).toMatch(/^1 +1 +0 of 1 +another's seed$/m);
    expect(wrong.stdout).toMatch(/^refused\.json +– +– +refused$/m);
    expect(wrong.stdout).toMatch(/^2 +1 +0 of 1 +0 of 3$/m);
    expect(wrong.stdout).toContain('large-rates: loss of standard at step 20: was left out, comes out as not');
    expect(wrong.stderr).toMatch(/^large-rates: \d+ %/m);
  });

  it('ends with 1 where there are no submissions, and with 130 after Ctrl-C', async () => {
    const cwd = withClass({});
    expect(await place.run(cwd, ['verify', 'class'])).toMatchObject({ code: 1, stdout: '' });
    expect((await place.run(cwd, ['verify', 'nowhere'])).stderr).toContain('nowhere');

    const students = Array.from({ length: 20 }, (_, i) => `s-${i}`);
    const many = students.map((student) => [`${student}.json`, silent(student, seedOf(student, 'large-rates'))]);
    const running = place.start(withClass(Object.fromEntries(many)), ['verify', 'class']);
    await running.said('large-rates: ');
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ending;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/normscope: Stopped; the same command begins again\n$/);
  });
});
