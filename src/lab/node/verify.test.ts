import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InterruptedError, need, StorageError } from '../../errors.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { Arm } from '../arm.ts';
import { lean } from '../arm-host.ts';
import { catalogue } from '../catalogue.ts';
import { seedOf } from '../course.ts';
import { decodeDataset } from '../dataset-file.ts';
import { History } from '../history.ts';
import { numbersOf, type RunArm, type Submission } from '../submission.ts';
import { largeRates } from '../tours/large-rates.ts';
import { tourScene } from '../tours/tour-scene.ts';
import { submissionFiles } from './submission-files.ts';
import { type CheckedFile, severalFilesOf, verifySubmissions } from './verify.ts';

const data = decodeDataset(gunzipSync(readFileSync(new URL('../data/fashion-mnist.gz', import.meta.url))));
const { fields } = catalogue(['fashion-mnist']);
const folder = mkdtempSync(join(tmpdir(), 'normscope-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A student's submission as the page makes it: all arms to the end, with everything that the tour looks at. */
async function submissionOf(student: string): Promise<Submission> {
  const seed = seedOf(student, largeRates.name);
  const { arms, steps, look } = tourScene(fields, largeRates, seed);
  const runs: RunArm[] = [];
  for (const { name, settings } of arms) {
    const device = nodeDevice({ runtime: 'wasm', lowering: 'portable', threads: 1 });
    const history = new History();
    const arm = await Arm.open(device, data, settings, look);
    while (arm.step < steps && !arm.isLost) history.add(lean(await arm.take()));
    await device.close();
    runs.push({ name, settings, history });
  }
  const measured = need(numbersOf(fields, largeRates, seed, runs), 'numbers of every arm');
  return { normscope: '0.1.0', student, tours: [{ tour: largeRates.name, seed, predicted: 2, measured }] };
}

/** With one number that is the next double. */
function withAnother(submission: Submission): Submission {
  return {
    ...submission,
    tours: submission.tours.map((tour) => ({
      ...tour,
      measured: tour.measured.map((one) =>
        one.value === null || one.quantity !== 'loss' ? one : { ...one, value: one.value * (1 + Number.EPSILON) },
      ),
    })),
  };
}

describe('a folder of submissions', () => {
  let right: Submission;
  let checked: readonly CheckedFile[];
  const steps: string[] = [];
  const fileNamed = (file: string): CheckedFile | undefined => checked.find((one) => one.file === file);
  beforeAll(async () => {
    right = await submissionOf('12345');
    const [tour] = right.tours;
    const texts: Readonly<Record<string, string>> = {
      'right.json': JSON.stringify(right),
      'changed.json': JSON.stringify(withAnother(right)),
      'short.json': JSON.stringify({
        ...right,
        tours: [{ ...tour, predicted: null, measured: tour?.measured.slice(1) }],
      }),
      'copied.json': JSON.stringify({ ...right, student: '12346' }),
      'broken.json': JSON.stringify(right).slice(1),
      'long.json': JSON.stringify(right) + ' '.repeat(1_000_000),
      'unknown.json': JSON.stringify({ ...right, tours: [{ ...tour, tour: 'nowhere' }] }),
      'notes.txt': 'not a submission',
    };
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, 'folder.json'));
    checked = await verifySubmissions(submissionFiles(folder), data, {
      onStep: (done, all, name) => steps.push(`${name} ${done} of ${all}`),
    });
  }, 180_000);

  it('is read file by file, in the order of names', () => {
    expect(checked.map(({ file }) => file)).toEqual([
      'broken.json',
      'changed.json',
      'copied.json',
      'folder.json',
      'long.json',
      'right.json',
      'short.json',
      'unknown.json',
    ]);
  });

  it('holds where every number comes out', () => {
    const [tour] = fileNamed('right.json')?.tours ?? [];
    expect(tour).toMatchObject({ seed: tour?.ownSeed, predicted: 2, isPredictionRight: true });
    expect(tour?.numbers.map(({ holds, said, found }) => [holds, said === found])).toEqual(
      largeRates.expectation.map(() => [true, true]),
    );
    expect(tour?.numbers[0]?.found).toBeNull();
  });

  it('does not hold where one differs in its last bit, or was left out', () => {
    const held = (file: string): readonly boolean[] | undefined =>
      fileNamed(file)?.tours[0]?.numbers.map(({ holds }) => holds);
    expect(held('changed.json')).toEqual([true, false, true]);
    expect(held('short.json')).toEqual([false, true, true]);
    expect(fileNamed('short.json')?.tours[0]).toMatchObject({ isPredictionRight: false });
    expect(fileNamed('short.json')?.tours[0]?.numbers[0]?.said).toBeUndefined();
  });

  it('is not run with a seed of another student', () => {
    const [tour] = fileNamed('copied.json')?.tours ?? [];
    expect(tour).toMatchObject({
      seed: seedOf('12345', 'large-rates'),
      ownSeed: seedOf('12346', 'large-rates'),
      numbers: [],
    });
  });

  it.each([
    ['broken.json', /must be JSON/],
    ['folder.json', /must be a file of at most 1000000 bytes, got something else/],
    ['long.json', /must be a file of at most 1000000 bytes, got 1000\d{3} bytes/],
    ['unknown.json', /must be about tours that there are: Unknown tour 'nowhere'/],
  ])('is refused in %s alone', (file, message) => {
    expect(fileNamed(file)).toMatchObject({ student: undefined, tours: [] });
    expect(fileNamed(file)?.refusal).toMatch(message);
  });

  it('says which student is in several files', () => {
    expect(severalFilesOf(checked)).toEqual([
      { student: '12345', files: ['changed.json', 'right.json', 'short.json'] },
    ]);
  });

  it('runs a tour once per seed, and tells how far it is', () => {
    expect(steps[0]).toBe('large-rates 1 of 171');
    // The one without a norm is lost within a dozen steps.
    expect(steps.length).toBeGreaterThan(150);
    expect(steps.length).toBeLessThan(171);
    expect(new Set(steps).size).toBe(steps.length);
  });

  it('stops where it is told to', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, onStep: () => controller.abort(new InterruptedError('Stopped')) };
    await expect(verifySubmissions(submissionFiles(folder), data, options)).rejects.toThrow(InterruptedError);
  });
});

it('is not found in a folder that has none, or is none', () => {
  expect(() => submissionFiles(join(folder, 'folder.json'))).toThrow(/must hold files that end in .json, got none/);
  expect(() => submissionFiles(join(folder, 'nowhere'))).toThrow(StorageError);
});
