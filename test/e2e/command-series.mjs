/**
 * @file The built program, once for each of several command lines in one process: its first module is evaluated anew each
 * time, what that imports is shared. Given its path and the calls as JSON, it prints as JSON how each ended and what it said.
 */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';

const [, , program, listed] = process.argv;
const calls = JSON.parse(listed);

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
  process.argv = [process.execPath, program, ...args];
  process.exitCode = undefined;
  await import(`${pathToFileURL(program)}?call=${i}`);
  endings.push({ code: process.exitCode ?? 0, ...said });
}
process.exitCode = 0;
print(JSON.stringify(endings));
