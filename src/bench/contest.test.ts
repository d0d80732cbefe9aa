import { describe, expect, it } from 'vitest';
import { type Contest, type Entrant, runContest, stepsFor } from './contest.ts';

/** A process that answers as step-process.ts says, without any network. */
const script = (parameters: number, onTurn = ''): string => `
  const answer = (line) => console.log(JSON.stringify(line));
  const { batchSize } = JSON.parse(process.argv.at(-1));
  answer({ version: '3', parameters: ${parameters}, stepSeconds: 0.2 });
  require('node:readline').createInterface({ input: process.stdin })
    .on('line', (line) => { ${onTurn}; answer({ seconds: Array(JSON.parse(line).steps).fill(batchSize) }); })
    .on('close', () => answer({ peakBytes: 1024 }));
`;

const entrant = (engine: string, code: string, optional = false): Entrant => ({
  engine,
  optional,
  launch: { command: process.execPath, args: ['-e', code] },
});

const contest = (...entrants: Entrant[]): Contest => {
  const subject = { model: 'mlp', norm: 'batch', width: 1, batchSize: 3, threads: 1 } as const;
  return { subject, settings: { ...subject, imageShape: [1, 28, 28], classes: 10 }, entrants };
};

describe('runContest', () => {
  it('starts the entrants and lets them take turns', async () => {
    const turns: string[] = [];
    const result = await runContest(contest(entrant('a', script(7)), entrant('b', script(7))), 2, (turn) => {
      turns.push(turn);
    });
    expect(turns).toEqual([
      'starting a',
      'starting b',
      'round 1 of 2, a',
      'round 1 of 2, b',
      'round 2 of 2, a',
      'round 2 of 2, b',
    ]);
    expect(result.stepsPerTurn).toBe(5);
    expect(result.skipped).toEqual([]);
    expect(result.results[1]).toEqual({
      engine: 'b',
      opening: { version: '3', parameters: 7, stepSeconds: 0.2 },
      rounds: [
        [3, 3, 3, 3, 3],
        [3, 3, 3, 3, 3],
      ],
      peakBytes: 1024,
    });
  });

  it('goes on without an optional entrant that cannot start, or ends in the middle', async () => {
    const broken = entrant(
      'broken',
      "process.stderr.write('first\\nModuleNotFoundError: no torch\\n'); process.exit(1)",
      true,
    );
    const ending = entrant('ending', script(7, 'process.exit(9)'), true);
    const missing: Entrant = { engine: 'missing', optional: true, launch: { command: '/no/such/program', args: [] } };
    const { results, skipped } = await runContest(
      contest(entrant('a', script(7)), broken, ending, missing),
      2,
      () => undefined,
    );
    expect(results.map(({ engine, rounds }) => [engine, rounds.length])).toEqual([['a', 2]]);
    expect(skipped.map(({ engine }) => engine)).toEqual(['broken', 'missing', 'ending']);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      'ModuleNotFoundError: no torch',
      expect.stringContaining('ENOENT'),
      'it ended with code 9',
    ]);
  });

  it('fails where an entrant fails that it needs', async () => {
    const contestants = contest(entrant('a', 'process.exit(4)'));
    await expect(runContest(contestants, 1, () => undefined)).rejects.toThrow('a failed: it ended with code 4');
  });

  it('refuses to compare two different networks', async () => {
    const contestants = contest(entrant('a', script(7)), entrant('b', script(8)));
    await expect(runContest(contestants, 1, () => undefined)).rejects.toThrow(
      'the same network, got parameters: a 7, b 8',
    );
  });

  it('ends the processes when it is stopped', async () => {
    const controller = new AbortController();
    const stopped = new Error('stopped');
    const slow = contest(entrant('a', script(7, 'while (true);'), true));
    const done = runContest(
      slow,
      3,
      (turn) => turn.startsWith('round') && controller.abort(stopped),
      controller.signal,
    );
    await expect(done).rejects.toBe(stopped);
  });
});

describe('stepsFor', () => {
  it('makes slow networks take few steps and fast ones not too many', () => {
    expect([10, 0.5, 0.25, 0.001].map(stepsFor)).toEqual([2, 2, 4, 50]);
  });
});
