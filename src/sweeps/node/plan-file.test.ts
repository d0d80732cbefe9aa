import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyPlan } from '../../../test/tiny-plan.ts';
import { differences } from '../plan.ts';
import { readPlan, writePlan } from './plan-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'normscope-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a plan on the disk', () => {
  it('is read as it was written, by its file or its folder, with the place of its cells', () => {
    const path = join(folder, 'plan.json');
    writePlan(path, tinyPlan);
    for (const word of [path, folder]) {
      expect(readPlan(word)).toEqual({ path, folder, cells: join(folder, '..', 'cells'), plan: tinyPlan });
    }
  });

  it('has a line for each job and each task', () => {
    writePlan(join(folder, 'plan.json'), tinyPlan);
    const lines = readFileSync(join(folder, 'plan.json'), 'utf8').split('\n');
    for (const { name } of tinyPlan.jobs) expect(lines.filter((line) => line.includes(name))).toHaveLength(1);
    expect(lines).toContain('    [2,0],');
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['that is cut short', (text) => text.slice(0, 200), /plan.json: it is not JSON/],
    [
      'of another format',
      (text) => text.replace('"format": 1', '"format": 2'),
      /must be a plan that normscope sweep has/,
    ],
    [
      'with a task of a job that it lacks',
      (text) => text.replace('[2,0]', '[9,0]'),
      /has a task with job 9, but 3 jobs/,
    ],
    [
      'with a set of probes that it lacks',
      (text) => text.replace('"probes":1', '"probes":4'),
      /set 4 of probes, but 2/,
    ],
    [
      'for no engine',
      (text) => text.replace('"on": "here"', '"on": "there"'),
      /must be a plan that normscope sweep has/,
    ],
  ])('%s is refused', (_, damage, message) => {
    const path = join(folder, 'plan.json');
    writePlan(path, tinyPlan);
    const text = readFileSync(path, 'utf8');
    expect(damage(text)).not.toBe(text);
    writeFileSync(path, damage(text));
    expect(() => readPlan(path)).toThrow(message);
  });

  it('that is not there is missed', () => {
    expect(() => readPlan(folder)).toThrow(/there is none; normscope sweep writes one/);
  });
});

describe('differences()', () => {
  const { fixed } = tinyPlan;

  it('are none from itself, whatever device is here', () => {
    const here = { ...fixed, device: { ...fixed.device, lowering: 'reference', convolution: 'direct' } as const };
    expect(differences(fixed, here)).toEqual([]);
  });

  it.each([
    [{ code: 'c'.repeat(64) }, 'the code of normscope is cccccccccccc here and aaaaaaaaaaaa in the plan'],
    [{ onnxruntime: '1.2.3' }, 'ONNX Runtime is 1.2.3 here and 1.30.0 in the plan'],
    [{ data: { mnist: 'e'.repeat(64) } }, 'the checksum of mnist is eeeeeeeeeeee here and bbbbbbbbbbbb in the plan'],
    [{ data: {} }, 'the checksum of mnist is missing here and bbbbbbbbbbbb in the plan'],
  ])('%j is named', (change, text) => expect(differences(fixed, { ...fixed, ...change })).toEqual([text]));
});
