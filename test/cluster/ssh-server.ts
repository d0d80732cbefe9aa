/**
 * @file Hosts for GNU parallel over ssh: one sshd on loopback with keys and configuration of its own in a temporary folder, which
 * answers under several addresses and gives each a host name. Nothing in the user's home is read or written.
 */

import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Ending, type Environment, killed, outputOf, runCommand, startDaemon } from './commands.ts';
import { freePorts } from './ports.ts';
import { until } from './waiting.ts';

const path = process.env['PATH'] ?? '';

export class SshServer {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'normscope-ssh-'));
  /** Names by which ssh finds the hosts. */
  readonly hosts: readonly string[];
  /** With which any program's `ssh` and `parallel` know these hosts, and nothing of the user's own. */
  readonly environment: Environment = {
    PATH: `${join(this.folder, 'bin')}${delimiter}${path}`,
    PARALLEL_HOME: join(this.folder, 'parallel'),
  };
  #daemon: ChildProcess | undefined;

  private constructor(hosts: readonly string[]) {
    this.hosts = hosts;
  }

  /** Starts hosts that answer. @throws {ProcessError} with sshd's words where they do not. */
  static async start(hosts: readonly string[]): Promise<SshServer> {
    const server = new SshServer(hosts);
    try {
      await server.#start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Runs a program, `ssh` or one that uses it, to its end. */
  run(command: string, ...args: readonly string[]): Promise<Ending> {
    return runCommand(command, args, this.environment, this.folder);
  }

  /** Ends the server and what runs on its hosts, and removes the folder. */
  async stop(): Promise<void> {
    if (this.#daemon !== undefined) await killed(this.#daemon);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #start(): Promise<void> {
    const { folder } = this;
    for (const name of ['bin', 'home', 'parallel']) mkdirSync(join(folder, name));
    for (const name of ['host-key', 'user-key']) {
      const words = ['-q', '-t', 'ed25519', '-N', '', '-C', 'normscope', '-f', join(folder, name)];
      outputOf('ssh-keygen', await this.run('ssh-keygen', ...words));
    }
    const [port = 0] = await freePorts(1);
    this.#write('sshd_config', this.#serverLines(port));
    this.#write('ssh_config', this.#clientLines(port));
    this.#write('known_hosts', [`* ${readFileSync(join(folder, 'host-key.pub'), 'utf8').trim()}`]);
    const ssh = outputOf('sh', await runCommand('sh', ['-c', 'command -v ssh'])).trim();
    writeFileSync(join(folder, 'bin/ssh'), `#!/bin/sh\nexec ${ssh} -F ${folder}/ssh_config "$@"\n`, { mode: 0o755 });
    // Parallel asks users to promise that they cite it; that it was said once is what this file means.
    this.#write('parallel/will-cite', []);
    // Compiled into sshd, which gives up its rights there; the package makes it when it starts the service.
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    // sshd insists on its whole path. In a namespace of its own, so that what runs on the hosts ends with it.
    const sshd = outputOf('sh', await runCommand('sh', ['-c', 'command -v sshd'])).trim();
    const unshare = ['unshare', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child=KILL'];
    const log = join(folder, 'sshd.log');
    this.#daemon = startDaemon([...unshare, sshd, '-D', '-e', '-f', join(folder, 'sshd_config')], log);
    await until('sshd to answer', () => answers(addressOf(0), port), {
      tell: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
    });
  }

  #serverLines(port: number): readonly string[] {
    const { folder } = this;
    return [
      ...this.hosts.map((_, i) => `ListenAddress ${addressOf(i)}:${port}`),
      `HostKey ${folder}/host-key`,
      `AuthorizedKeysFile ${folder}/user-key.pub`,
      'PidFile none',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'UsePAM no',
      // Whose folder it is, is known: this process made it.
      'StrictModes no',
      // Parallel opens many connections at once.
      'MaxStartups 100',
      // A home without files by which the user's shell would change what is found.
      `SetEnv "PATH=${path}" "HOME=${folder}/home"`,
      ...this.hosts.flatMap((host, i) => {
        const inside = `hostname ${host} && exec "$SHELL" -c "$SSH_ORIGINAL_COMMAND"`;
        return [`Match LocalAddress ${addressOf(i)}`, `ForceCommand exec unshare --uts sh -c '${inside}'`];
      }),
    ];
  }

  #clientLines(port: number): readonly string[] {
    const { folder } = this;
    return [
      ...this.hosts.flatMap((host, i) => [`Host ${host}`, `HostName ${addressOf(i)}`]),
      'Host *',
      `Port ${port}`,
      `User ${userInfo().username}`,
      `IdentityFile ${folder}/user-key`,
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `UserKnownHostsFile ${folder}/known_hosts`,
      'GlobalKnownHostsFile none',
      'StrictHostKeyChecking yes',
      'BatchMode yes',
      'ConnectTimeout 60',
    ];
  }

  #write(name: string, lines: readonly string[]): void {
    writeFileSync(join(this.folder, name), lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  }
}

/** All of 127.0.0.0/8 is loopback. */
function addressOf(host: number): string {
  return `127.0.0.${host + 2}`;
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
