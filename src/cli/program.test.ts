import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';

/** What `--help` prints where the terminal has 80 columns. */
function helpText(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return text;
}

const program = await createProgram([]);
const commands: readonly (readonly [string, Command])[] = [
  ['normscope', program],
  ...program.commands.map((command) => [command.name(), command] as const),
];

describe.each(commands)('the help of %s', (name, command) => {
  const text = helpText(command);

  it('is what the golden file says', async () => {
    await expect(text).toMatchFileSnapshot(`../../test/golden/help/${name}.txt`);
  });

  it('fits into 80 columns', () => {
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('teaches by example', () => {
    expect(text).toMatch(/^ {2}\$ normscope /m);
  });
});

it('shows no example that the program would refuse to parse', async () => {
  const examples = commands.flatMap(
    ([, command]) => helpText(command).match(/(?<=^ {2}\$ normscope )\S.*?(?= {2}|$)/gm) ?? [],
  );
  expect(examples.length).toBeGreaterThan(15);
  const refusals = await Promise.all(examples.map(async (example) => refusal(example.split(' '))));
  expect(refusals.filter((text) => text !== '')).toEqual([]);
});

/** What stops the parsing of a command, before anything is done. */
async function refusal(words: readonly string[]): Promise<string> {
  const parsed = await createProgram(words);
  for (const command of parsed.commands) {
    command.action(() => undefined).configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  }
  try {
    parsed.parse(words, { from: 'user' });
    return '';
  } catch (error) {
    return String(error);
  }
}

describe('an option that takes several words, before the argument of its command', () => {
  /** Words that each such option takes, and arguments of its command. */
  const samples: Readonly<Record<string, readonly [names: readonly string[], argument: string]>> = {
    'run --probe': [['norms', 'landscape'], 'mlp'],
    'reproduce --tag': [['exact'], 'santurkar2018/theorem-4-1'],
    'sweep --tag': [['exact'], 'santurkar2018/theorem-4-1'],
    'sweep --probe': [['norms', 'landscape'], 'mlp'],
  };
  const swallowing = program.commands
    .filter(({ registeredArguments }) => registeredArguments.length > 0)
    .flatMap((command) => command.options.map((option) => [command.name(), option] as const))
    .filter(([, { variadic }]) => variadic)
    .map(([command, { long }]) => [command, long ?? ''] as const);

  it.each(swallowing)('%s %s says that it takes the argument, and how to write it', async (command, option) => {
    const [names, argument] = samples[`${command} ${option}`] ?? [[], ''];
    expect(argument).not.toBe('');
    expect(await refusal([command, argument, option, ...names])).toBe('');
    const message = await refusal([command, option, ...names, argument]);
    expect(message).toMatch(/the option takes every word that follows it for a name; write 'normscope .*'\.$/);
    const example = /write 'normscope (.*)'/.exec(message)?.[1] ?? '';
    expect(await refusal(example.split(' '))).toBe('');
    expect(await refusal([command, option, ...names, 'xyzzy'])).toMatch(/Unknown \w+ 'xyzzy'; known: /);
  });

  it('is not one that takes a single word, however often', async () => {
    expect(swallowing.map((words) => words.join(' ')).toSorted()).toEqual(Object.keys(samples).toSorted());
    expect(await refusal(['run', '--norm-set', 'epsilon=1e-3', '--norm-set', 'gamma=false', 'mlp'])).toBe('');
    expect(await refusal(['reproduce', '--set', 'steps=5', '--set', 'every=1', 'santurkar2018/landscape'])).toBe('');
  });
});
