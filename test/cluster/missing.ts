/** @file What this machine lacks to be a cluster, as the word that a test prints when it is skipped. */

import { execFileSync } from 'node:child_process';
import { isInstalled } from './commands.ts';

/** The package of Debian that each program is in. */
const machinePrograms: Readonly<Record<string, string>> = {
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  hostname: 'hostname',
};
const slurmPrograms: Readonly<Record<string, string>> = {
  slurmctld: 'slurmctld',
  slurmd: 'slurmd',
  sbatch: 'slurm-client',
  munged: 'munge',
};
const sshPrograms: Readonly<Record<string, string>> = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  parallel: 'parallel',
};

/** Why no cluster of fake machines can be started here; undefined where one can. */
export function clusterMissing(): string | undefined {
  return missing('cluster of fake machines', slurmPrograms);
}

/** Why no hosts for ssh and GNU parallel can be started here; undefined where they can. */
export function sshMissing(): string | undefined {
  return missing('fake hosts for ssh', sshPrograms);
}

function missing(what: string, programs: Readonly<Record<string, string>>): string | undefined {
  const all = Object.entries({ ...machinePrograms, ...programs });
  const packages = new Set(all.flatMap(([program, name]) => (isInstalled(program) ? [] : [name])));
  if (packages.size > 0) return `No ${what} here: install the packages ${[...packages].join(', ')}`;
  if (process.getuid?.() !== 0) return `No ${what} here: it takes root, whose namespaces make the machines`;
  try {
    // A container may have a root without the right to make namespaces.
    execFileSync('unshare', ['--pid', '--uts', '--mount', '--fork', 'true'], { stdio: 'ignore' });
  } catch {
    return `No ${what} here: root may make no namespaces (unshare)`;
  }
  return undefined;
}
