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

const program = createProgram();
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

it('shows no example that the program would refuse to parse', () => {
  const examples = commands.flatMap(
    ([, command]) => helpText(command).match(/(?<=^ {2}\$ normscope )\S.*?(?= {2}|$)/gm) ?? [],
  );
  expect(examples.length).toBeGreaterThan(15);
  const refused = examples.filter((example) => !isParsed(example));
  expect(refused).toEqual([]);
});

function isParsed(example: string): boolean {
  const parsed = createProgram();
  for (const command of parsed.commands) command.action(() => undefined);
  try {
    parsed.parse(example.split(' '), { from: 'user' });
    return true;
  } catch {
    return false;
  }
}
