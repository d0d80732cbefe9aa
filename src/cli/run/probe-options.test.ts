import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { SettingError } from '../../errors.ts';
import { heldProbe, probes } from '../../probes/index.ts';
import type { HeldProbe } from '../../records/cell.ts';
import { addProbeOptions, probesFrom, probesHelp, type ProbeOptions, probeWords } from './probe-options.ts';

function held(words: string): readonly HeldProbe[] {
  const command = addProbeOptions(new Command('test')).exitOverride();
  command.parse(words === '' ? [] : words.split(' '), { from: 'user' });
  return probesFrom(command.opts<ProbeOptions>());
}

describe('probesFrom()', () => {
  it('has each probe with its usual settings, or with one schedule for all', () => {
    expect(held('')).toEqual([]);
    expect(held('--probe norms landscape')).toEqual([heldProbe('norms'), heldProbe('landscape')]);
    expect(held('--probe norms --probe landscape --every 7')).toEqual([
      heldProbe('norms', { every: 7 }),
      heldProbe('landscape', { every: 7 }),
    ]);
  });

  it('sets a setting of the probe that is named, whose own schedule wins', () => {
    const words =
      '--probe landscape norms --every 5 --probe-set landscape.multiples=0.5,1 --probe-set landscape.random=true ' +
      '--probe-set norms.every=20';
    expect(held(words)).toEqual([
      heldProbe('landscape', { every: 5, multiples: [0.5, 1], random: true }),
      heldProbe('norms', { every: 20 }),
    ]);
  });

  it('needs no name where there is one probe, and takes ranges and words', () => {
    expect(held('--probe landscape --probe-set multiples=1:3:3')).toEqual([
      heldProbe('landscape', { multiples: [1, 2, 3] }),
    ]);
    expect(held('--probe gradient-confusion --probe-set split=test')).toEqual([
      heldProbe('gradient-confusion', { split: 'test' }),
    ]);
  });

  it.each([
    ['--every 5', '--every needs a --probe to measure with'],
    ['--probe-set every=5', '--probe-set needs a --probe to measure with'],
    ['--probe lanscape', "Unknown probe 'lanscape'; did you mean 'landscape'?"],
    [
      '--probe landscape --probe-set multiple=1',
      "Probe 'landscape' has no setting 'multiple'; it has every, multiples, random, seed, statistics, batch, decay",
    ],
    ['--probe norms --probe-set landscape.random=true', '--probe-set landscape.random needs --probe landscape'],
    ['--probe norms --probe-set landscap.random=true', "Unknown probe 'landscap'; did you mean 'landscape'?"],
    [
      '--probe norms landscape --probe-set random=true',
      '--probe-set must say which probe it sets where there are several, as landscape.random',
    ],
    ['--probe landscape --probe-set random=maybe', "Setting 'random' must be true or false, got 'maybe'"],
    ['--probe norms --probe-set every=often', "Setting 'every' must be a number, got 'often'"],
    [
      '--probe norms --probe-set every=0',
      "Setting 'every' of probe 'norms' must be a number of steps between measurements, 1 or more, got 0",
    ],
    [
      '--probe landscape --probe-set multiples=1,1',
      "Setting 'multiples' of probe 'landscape' must be positive step sizes, as multiples of the learning rate, no two " +
        'alike, got [1, 1]',
    ],
    [
      '--probe gradient-confusion --probe-set split=valid',
      "Setting 'split' of probe 'gradient-confusion' must be the split that they are drawn from, 'train' or 'test', " +
        "got 'valid'",
    ],
  ])('refuses %s', (words, message) => {
    expect(() => held(words)).toThrow(new SettingError(message));
  });
});

describe('probeWords()', () => {
  it('gives the words that give the same probes again', () => {
    const probed = [
      heldProbe('norms'),
      heldProbe('landscape', { every: 3, multiples: [0.5, 2] }),
      heldProbe('gradient-confusion', { split: 'test' }),
    ];
    expect(probeWords(probed)).toEqual([
      '--probe norms',
      '--probe landscape',
      '--probe-set landscape.every=3',
      '--probe-set landscape.multiples=0.5,2',
      '--probe gradient-confusion',
      '--probe-set gradient-confusion.split=test',
    ]);
    expect(held(probeWords(probed).join(' '))).toEqual(probed);
  });
});

describe('probesHelp()', () => {
  it('names every setting of every probe', () => {
    for (const [name, { defaults }] of Object.entries(probes)) {
      const about = probesHelp().split(`\n  ${name}: `)[1] ?? '';
      for (const key of Object.keys(defaults)) expect(about).toContain(`\n    ${key}=`);
    }
  });
});
