/** @file A sweep over ssh: hosts share its tasks, and one that cannot be reached leaves them to the other. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience, Place } from '../e2e/command-line.ts';
import { sshMissing } from './missing.ts';
import { SshServer } from './ssh-server.ts';
import { Sweep } from './swept.ts';

const missing = sshMissing();
if (missing !== undefined) console.log(missing);
const place = new Place();

describe.skipIf(missing !== undefined)('a sweep over ssh', () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await SshServer.start(['east', 'west']);
  });
  afterAll(() => server?.stop());

  it(
    'that all hosts refuse says so; that one refuses is done by the others, to the same bits',
    async () => {
      const sweep = new Sweep(place, server.environment);
      const hosts = join(server.folder, 'hosts.txt');
      // Nobody listens at these addresses.
      writeFileSync(hosts, '127.0.0.8\n127.0.0.9\n');
      const refused = await sweep.begin('--lr 0.01,0.02,0.03 --steps 100', ['--on', `ssh:${hosts}`]);
      expect(refused.code).toBe(1);
      expect(refused.stderr.replaceAll(/\s+/g, ' ')).toMatch(
        /normscope: All cells of the sweep must be finished, but 3 are not \(exit codes \d+\); normscope status \S+ says why/,
      );
      const log = (): string => readFileSync(join(sweep.folder, 'logs/tasks.log'), 'utf8');
      expect(log()).toMatch(/127\.0\.0\.[89] port \d+: Connection refused/);

      writeFileSync(hosts, '127.0.0.9\neast\n# out of order: north\nwest\n');
      expect((await sweep.verbs('submit'))[0]).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^All 3 trainings finished/),
      });
      const { here, undisturbed } = sweep.bytes;
      expect(Object.keys(undisturbed)).toHaveLength(9);
      expect(here).toEqual(undisturbed);
      const makers = [0, 1, 2].flatMap((task) => sweep.cellsOf(task)).map((hash) => sweep.makerOf(hash)?.host);
      expect(new Set(makers)).toEqual(new Set(['east', 'west']));
      expect(log()).toMatch(/^task 1\tTask 1 of 3 on (east|west): 1 job$/m);
    },
    patience,
  );
});
