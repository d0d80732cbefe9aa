import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { models } from '../../models/index.ts';
import { activations } from '../../nn/activations.ts';
import { initialisers } from '../../nn/initialisers.ts';
import { norms } from '../../norms/index.ts';
import { studies } from '../../studies/index.ts';
import { tours } from './index.ts';

describe('the tours', () => {
  it('are at least eight, each with its own name', () => {
    expect(tours.length).toBeGreaterThanOrEqual(8);
    expect(new Set(tours.map(({ name }) => name)).size).toBe(tours.length);
  });

  it('stand with their questions in the page for teachers', () => {
    const page = readFileSync(new URL('../../../docs/lab.md', import.meta.url), 'utf8');
    const rows = tours.map(({ name, title }) => `| \`${name}\` | ${title} |`);
    expect(rows.filter((row) => !page.includes(row))).toEqual([]);
  });

  it.each(tours)(
    '$name links to a study, and asks a question that has one right answer',
    ({ claim, title, predict }) => {
      expect(studies.map(({ name }) => name)).toContain(claim);
      expect(title).toMatch(/\?$/);
      expect(predict.question).toMatch(/\?$/);
      expect(new Set(predict.answers).size).toBe(predict.answers.length);
      expect(predict.answers[predict.right]).toBeDefined();
    },
  );

  it.each(tours)('$name expects something of each of its arms, within its steps', ({ scene, expectation, look }) => {
    const names = scene.arms.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(2);
    expect(new Set(expectation.map(({ arm }) => arm))).toEqual(new Set(names));
    expect(new Set(look).size).toBe(look.length);
    // A mini-batch has its loss at steps 0 … steps − 1, a test set after 0 … steps updates.
    const last = (quantity: string): number => (quantity.startsWith('test-') ? scene.steps : scene.steps - 1);
    expect(expectation.filter(({ step, quantity }) => step < 0 || step > last(quantity))).toEqual([]);
  });

  it.each(tours)('$name has only settings that there are', ({ scene }) => {
    for (const arm of scene.arms) {
      const { network = '', norm = '', activation = '', initialiser = '', depth } = { ...scene.shared, ...arm };
      expect([...Object.keys(models), 'deep-mlp']).toContain(network);
      expect(depth !== undefined).toBe(network === 'deep-mlp');
      expect(Object.keys(norms)).toContain(norm);
      expect(Object.keys(activations)).toContain(activation);
      expect(Object.keys(initialisers)).toContain(initialiser);
    }
  });
});
