/** @file A run that is watched: what rules see is told, logged and counted, the training is the same to the last bit, and its network becomes a file. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Place } from './command-line.ts';
import { runFolders, smallRun } from './small-runs.ts';

const place = new Place();
const made = { isSynthetic: true };

it('run --watch says what ails the network, and changes nothing; graph writes what was trained', async () => {
  const cwd = place.newFolder();
  // Running statistics that hardly move are not those of the data.
  const args = [...smallRun, '--norm-set', 'momentum=1e-6', '--json'];
  const watched = await place.run(cwd, [...args, '--watch'], made);
  expect(watched).toMatchObject({ code: 0 });
  const { problems, cell } = JSON.parse(watched.stdout);
  expect(problems).toContainEqual(
    expect.objectContaining({ rule: 'stale-variance', layer: 'dense1', step: 100, text: expect.any(String) }),
  );
  expect(watched.stderr).toMatch(/^step \d+: stale-variance at dense1/mu);
  const [folder = ''] = runFolders(join(cwd, 'runs'));
  const events = readFileSync(join(folder, 'log.jsonl'), 'utf8').trimEnd().split('\n');
  const logged = events.map((line) => JSON.parse(line)).filter(({ event }) => event === 'problem');
  expect(logged).toHaveLength(problems.length);

  const written = await place.run(cwd, ['graph', folder, '--out', 'mlp.onnx'], made);
  expect(written.stdout).toBe('Wrote mlp, norm batch, after 120 steps, in evaluation mode, to mlp.onnx\n');
  expect((await place.run(cwd, ['inspect', 'mlp.onnx'], made)).stdout).toMatch(/kept +3;/u);
  expect(await place.run(cwd, ['graph', folder, '--training', '--out', 'mlp.onnx'], made)).toMatchObject({ code: 2 });

  const other = place.newFolder();
  const alone = await place.run(other, args, made);
  const own = JSON.parse(alone.stdout);
  expect(own).not.toHaveProperty('problems');
  expect(own.cell).toBe(cell);
  const records = (at: string): Buffer => readFileSync(join(runFolders(join(at, 'runs'))[0] ?? '', 'metrics.parquet'));
  expect(records(other).equals(records(cwd))).toBe(true);
});

it('run --watch ends where it is stopped: its own thread keeps no program alive', async () => {
  const cwd = place.newFolder();
  const args = 'run mlp --steps 1200 --batch 16 --width 0.1 --threads 1 --lr 0.01 --watch'.split(' ');
  const running = place.start(cwd, args, made);
  await running.said('step 1/1200');
  running.process.kill('SIGINT');
  expect(await running.ending).toMatchObject({ code: 130 });
});
