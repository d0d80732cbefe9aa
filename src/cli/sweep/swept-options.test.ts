import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addSweptOptions, combinations, givenTrainingOption, parsedTraining, sweptWords } from './swept-options.ts';

function parsed(text: string): Command {
  const command = addSweptOptions(new Command('sweep')).argument('<what...>').exitOverride();
  return command.parse(['mlp', ...text.split(' ').filter((word) => word !== '')], { from: 'user' });
}
const swept = (text: string) => sweptWords(parsed(text));

describe('sweptWords()', () => {
  it('leaves single values as words of run, and makes axes of lists and ranges', () => {
    expect(swept('--lr 0.01:1:7 --norm none,batch --steps 30 --width 0.1')).toEqual({
      words: ['--width', '0.1', '--steps', '30'],
      axes: [
        { name: 'norm', values: ['none', 'batch'] },
        { name: 'lr', values: ['0.01', '0.175', '0.34', '0.505', '0.67', '0.835', '1'] },
      ],
    });
    expect(swept('--lr 0.001:1:4:log').axes).toEqual([{ name: 'lr', values: ['0.001', '0.01', '0.1', '1'] }]);
    expect(swept('')).toEqual({ words: [], axes: [] });
  });

  it('varies a setting of the norm by its name', () => {
    expect(swept('--norm group --norm-set groups=2,4 --norm-set epsilon=0.1')).toEqual({
      words: ['--norm', 'group', '--norm-set', 'epsilon=0.1'],
      axes: [{ name: 'norm-set groups', values: ['2', '4'] }],
    });
  });

  it('passes on what takes a list for one value', () => {
    expect(swept('--normalised 1,3 --probe norms landscape --probe-set landscape.multiples=0.5,1')).toEqual({
      words: [
        '--normalised',
        '1,3',
        '--probe',
        'norms',
        '--probe',
        'landscape',
        '--probe-set',
        'landscape.multiples=0.5,1',
      ],
      axes: [],
    });
  });

  it('passes on what is yes or no', () => {
    expect(swept('--no-nesterov --augment').words).toEqual(['--no-nesterov', '--augment']);
    expect(swept('--no-augment').words).toEqual(['--no-augment']);
  });

  it.each([
    ['--lr 1:2', "--lr must be a value, a list 'a,b,c' or a range 'lo:hi:n' with n ≥ 2"],
    ['--lr 0:1:3:log', 'for equal ratios, got'],
    ['--lr 0.1,,0.2', '--lr must have a value between its commas'],
    ['--norm batch,none,batch', '--norm must have each value once'],
    ['--norm-set groups', "--norm-set must be key=value, got 'groups'"],
  ])('%s is refused', (text, message) => expect(() => swept(text)).toThrow(message));

  it('knows whether any of them was given', () => {
    expect([givenTrainingOption(parsed('')), givenTrainingOption(parsed('--batch 5'))]).toEqual([undefined, '--batch']);
  });
});

it('combinations() has every value of each axis with every one of the others, the last fastest', () => {
  const axes = [
    { name: 'lr', values: ['1', '2'] },
    { name: 'norm-set groups', values: ['3', '4', '5'] },
  ];
  expect(combinations(axes).map(({ words }) => words.join(' '))).toEqual(
    ['1', '2'].flatMap((lr) => ['3', '4', '5'].map((groups) => `--lr ${lr} --norm-set groups=${groups}`)),
  );
  expect(combinations(axes)[5]?.setting).toEqual({ lr: '2', 'norm-set groups': '5' });
  expect(combinations([])).toEqual([{ setting: {}, words: [] }]);
});

describe('parsedTraining()', () => {
  it('reads words as run does', () => {
    const { given, command } = parsedTraining(['--lr', '0.2', '--norm-set', 'groups=2', '--no-nesterov']);
    expect(given).toMatchObject({ lr: 0.2, normSet: { groups: '2' }, nesterov: false, batch: 128, norm: 'batch' });
    expect(command.getOptionValueSource('norm')).toBe('default');
  });

  it.each([
    [['--lr', 'much'], /^Option '--lr <x>' argument 'much' is invalid. It must be a number/],
    [['--activation', 'sine'], /^Option '--activation <name>' argument 'sine' is invalid/],
  ])('%j is refused as by run', (words, message) => {
    expect(() => parsedTraining(words)).toThrow(expect.objectContaining({ name: 'SettingError' }));
    expect(() => parsedTraining(words)).toThrow(message);
  });
});
