/** @file Running npm and tar. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DataError } from '../../errors.ts';

const execute = promisify(execFile);

/**
 * Runs a command to its end, without a terminal.
 * @throws {DataError} if the command is missing or fails, with what it complained of
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, signal }: { cwd: string; signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    // npm is a .cmd file on Windows, which only a shell can start.
    const shell = process.platform === 'win32';
    await execute(command, [...args], { cwd, shell, maxBuffer: 2 ** 26, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new DataError(`the command '${command}' was not found; install it or put it on the PATH`, { cause: error });
    }
    throw new DataError(`'${command} ${args[0] ?? ''}' failed: ${complaint(error)}`, { cause: error });
  }
}

/** The first lines that say what went wrong, without npm's prefix on each. */
function complaint(error: unknown): string {
  const written = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = written
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('npm warn'))
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, ''));
  return lines.slice(0, 3).join(' ') || (error instanceof Error ? error.message : String(error));
}
