import { describe, expect, it } from 'vitest';
import { normSubjects, probedSubjects, stepSubjects } from './contests.ts';
import { subjectName } from './subject.ts';

const text = (subjects: ReturnType<typeof stepSubjects>): string[] =>
  subjects.map((subject) => {
    const { norm, batchSize, threads } = subject;
    return `${subjectName(subject)} ${norm} ${batchSize} ${threads}`;
  });

describe('stepSubjects', () => {
  it('are the networks of the literature at each number of threads, where nothing is named', () => {
    const subjects = text(stepSubjects({ threads: [2, 1] }));
    expect(subjects.slice(0, 7)).toEqual([
      'resnet20 batch 128 2',
      'resnet56 batch 128 2',
      'resnet110 batch 128 2',
      'vgg16 batch 128 2',
      'resnet20 none 128 2',
      'vgg16 none 128 2',
      'resnet20 batch 8 2',
    ]);
    expect(subjects.slice(7)).toEqual(subjects.slice(0, 7).map((each) => each.replace(/2$/, '1')));
  });

  it('are every combination of what is named', () => {
    const named = { model: ['mlp', 'vgg11'], width: 0.25, norm: ['none', 'layer'], threads: [3] } as const;
    expect(text(stepSubjects(named))).toEqual([
      'mlp × 0.25 none 128 3',
      'mlp × 0.25 layer 128 3',
      'vgg11 × 0.25 none 128 3',
      'vgg11 × 0.25 layer 128 3',
    ]);
    expect(text(stepSubjects({ batch: [8, 5], threads: [1] }))).toEqual(['resnet20 batch 8 1', 'resnet20 batch 5 1']);
  });

  it('cannot be networks that cannot be trained', () => {
    expect(() => stepSubjects({ model: ['mlp'], width: -1, threads: [1] })).toThrow(
      'Width must be a positive multiple',
    );
  });
});

describe('probedSubjects', () => {
  it('measure every probe at every step, on one network at the first number of threads', () => {
    const subjects = probedSubjects({ threads: [2, 1] });
    expect(new Set(text(subjects.map(({ subject }) => subject)))).toEqual(
      new Set(['resnet20 batch 128 2', 'resnet20 none 128 2']),
    );
    const probes = subjects.flatMap((each) => each.probes);
    expect(probes.map(({ settings }) => settings['every'])).toEqual(probes.map(() => 1));
    expect(probes.map(({ name }) => name)).toContain('landscape');
  });

  it('take the networks that are named, with the norms that are named', () => {
    const subjects = probedSubjects({ model: ['mlp'], norm: ['layer'], batch: [5], threads: [1] });
    expect(new Set(text(subjects.map(({ subject }) => subject)))).toEqual(new Set(['mlp layer 5 1']));
    const unnormed = probedSubjects({ model: ['mlp'], threads: [1] });
    expect(new Set(text(unnormed.map(({ subject }) => subject)))).toEqual(
      new Set(['mlp batch 128 1', 'mlp none 128 1']),
    );
  });
});

describe('normSubjects', () => {
  it('are noise on a quarter of VGG-11, two cells of one thread, where nothing is named', () => {
    const subjects = normSubjects({ threads: [2, 1] });
    expect(text(subjects.map(({ subject }) => subject))).toEqual(['vgg11 × 0.25 batch 128 1']);
    expect(subjects.map(({ norm, cells }) => [norm, cells])).toEqual([['noisy-batch', 2]]);
  });

  it('are what is named, each beside batch norm', () => {
    const named = { model: ['mlp'], norm: ['batch', 'none', 'layer'], batch: [5], threads: [2] } as const;
    const subjects = normSubjects(named);
    expect(text(subjects.map(({ subject }) => subject))).toEqual(['mlp batch 5 1', 'mlp batch 5 1']);
    expect(subjects.map(({ norm }) => norm)).toEqual(['none', 'layer']);
  });
});
