import { describe, expect, it } from 'vitest';
import { explanations } from './explanations.ts';
import { studies } from './index.ts';

describe('explanations', () => {
  it('name studies of the registry, each once', () => {
    const names = new Set(studies.map(({ name }) => name));
    for (const { key, evidence } of explanations) {
      const named = evidence.map(({ study }) => study);
      expect(
        named.filter((name) => !names.has(name)),
        key,
      ).toEqual([]);
      expect(new Set(named).size, key).toBe(named.length);
    }
    expect(new Set(explanations.map(({ key }) => key)).size).toBe(explanations.length);
  });

  it('leave no trained claim about batch norm without a place', () => {
    const placed = new Set(explanations.flatMap(({ evidence }) => evidence.map(({ study }) => study)));
    // Noise without a norm and mini-batches without one say nothing of batch norm by themselves.
    const beyond = [
      'santurkar2018/lp-linear',
      'santurkar2018/linf-average',
      'santurkar2018/noise-alone',
      'andreyev2024/batch-sharpness',
    ];
    const trained = studies.filter(({ tags }) => !tags.includes('exact')).map(({ name }) => name);
    expect(trained.filter((name) => !placed.has(name) && !beyond.includes(name))).toEqual([]);
  });
});
