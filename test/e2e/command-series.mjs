/**
 * @file The built program, once for each of several command lines in one process: its first module is evaluated anew each
 * time, what that imports is shared. Given the calls as JSON, it prints as JSON how each ended and what it said.
 */
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = new URL('../../dist/cli/main.js', import.meta.url);
const calls = JSON.parse(process.argv[2]);

// Each evaluation listens to the streams, as the only one of a process would.
EventEmitter.setMaxListeners(0, process, process.stdout, process.stderr);
const print = process.stdout.write.bind(process.stdout);
const endings = [];
for (const [i, { cwd, args }] of calls.entries()) {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    process[name].write = (text) => {
      said[name] += text;
      return true;
    };
  }
  process.chdir(cwd);
  process.argv = [process.execPath, fileURLToPath(program), ...args];
  process.exitCode = undefined;
  await import(`${program.href}?call=${i}`);
  endings.push({ code: process.exitCode ?? 0, ...said });
}
process.exitCode = 0;
print(JSON.stringify(endings));
