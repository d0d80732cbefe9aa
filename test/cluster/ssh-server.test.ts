/** @file The fake hosts: what GNU parallel sends to each is run there, and fails as it fails. */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sshMissing } from './missing.ts';
import { SshServer } from './ssh-server.ts';
import { until } from './waiting.ts';

const missing = sshMissing();
if (missing !== undefined) console.log(missing);

describe.skipIf(missing !== undefined)('hosts for ssh', () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await SshServer.start(['east', 'west']);
  });
  afterAll(() => server?.stop());

  it('have a name of their own each, the same program paths as here, and the exit code of what they ran', async () => {
    const said = 'hostname; echo "$PATH"; exit 7';
    const [east, west] = await Promise.all(['east', 'west'].map((host) => server.run('ssh', host, said)));
    expect(east).toEqual({ code: 7, stdout: `east\n${process.env['PATH']}\n`, stderr: '' });
    expect(west?.stdout).toMatch(/^west\n/);
  });

  it('are nobody else: a name that was not given is not found', async () => {
    const { code, stderr } = await server.run('ssh', 'north', 'true');
    expect(code).toBe(255);
    expect(stderr).toMatch(/north/);
  });

  it('share work that GNU parallel hands out, one task at a time and host', async () => {
    const hosts = join(server.folder, 'hosts.txt');
    writeFileSync(hosts, '1/east\n1/west\n');
    // Each of the first two waits for the other, so that neither host can do all alone.
    const meet = `touch ${server.folder}/met-{}; while [ {} -lt 2 ] && ! [ -e ${server.folder}/met-1 -a -e ${server.folder}/met-0 ]; do sleep 0.1; done`;
    const options = ['--sshloginfile', hosts, '--joblog', join(server.folder, 'joblog')];
    const words = [...options, `${meet}; echo {} $(hostname)`, ':::', '0', '1', '2', '3', '4'];
    const { code, stdout } = await server.run('parallel', ...words);
    const lines = stdout.trim().split('\n').toSorted();
    expect(code).toBe(0);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['0', '1', '2', '3', '4']);
    expect(new Set(lines.slice(0, 2).map((line) => line.split(' ')[1]))).toEqual(new Set(['east', 'west']));
  });

  it('are gone with all that runs on them when they are stopped', async () => {
    const other = await SshServer.start(['south']);
    const running = other.run('ssh', 'south', `touch ${server.folder}/begun; sleep 600; touch ${server.folder}/over`);
    await until('work to begin on south', () => existsSync(`${server.folder}/begun`));
    await other.stop();
    expect((await running).code).toBe(255);
    expect(existsSync(other.folder)).toBe(false);
    expect(existsSync(`${server.folder}/over`)).toBe(false);
  });
});
