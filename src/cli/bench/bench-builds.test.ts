import os from 'node:os';
import { describe, expect, it } from 'vitest';
import { ownBuild } from '../../bench/builds/build.ts';
import { SettingError } from '../../errors.ts';
import { buildsPlan, isEngine } from './bench-builds.ts';
import type { BenchOptions } from './bench-options.ts';

const { folder } = ownBuild();
const defaults: BenchOptions = { rounds: 5, lowering: 'auto', runtime: ['native'], against: folder };

it('takes all but two words for a folder', () => {
  expect(['torch', 'none', './torch', 'Torch', ''].filter(isEngine)).toEqual(['torch', 'none']);
});

describe('buildsPlan', () => {
  it('is every loop at all cores, by the portable lowering, where nothing is named', () => {
    const plan = buildsPlan(folder, defaults);
    expect(plan).toMatchObject({ lowering: 'portable', rounds: 5, threads: [os.availableParallelism()] });
    expect(plan.loops).toHaveLength(4);
    expect(plan.builds).toEqual({ here: ownBuild(), there: ownBuild() });
  });

  it('is what is named', () => {
    const named = { model: ['mlp'], threads: [1, 2], lowering: 'blocked', rounds: 2 } as const;
    const { loops, ...plan } = buildsPlan(folder, { ...defaults, ...named });
    expect(plan).toMatchObject({ threads: [1, 2], lowering: 'blocked', rounds: 2 });
    expect(loops.map(({ model }) => model)).toEqual(['mlp']);
  });

  it.each([
    ['--width', { width: 0.5 }],
    ['--norm', { norm: ['none'] }],
    ['--batch', { batch: [8] }],
    ['--profile', { profile: true }],
    ['--curves', { curves: true }],
    ['--runtime', { runtime: ['native', 'wasm'] }],
    ['--only norms', { only: 'norms' }],
    ['--only seeds', { only: 'seeds' }],
  ] as const)('refuses %s', (name, given) => {
    const plan = (): unknown => buildsPlan(folder, { ...defaults, ...given });
    expect(plan).toThrow(SettingError);
    expect(plan).toThrow(`got ${name}; --model, --only and --threads narrow them`);
  });

  it('refuses names of no model', () => {
    expect(() => buildsPlan(folder, { ...defaults, model: ['resnet21'] })).toThrow("did you mean 'resnet20'?");
  });
});
