import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { models } from '../../models/index.ts';
import { stepSettings } from '../subject.ts';
import { chosenLoops, loopCommand, loopName, loops, runLengths } from './loops.ts';

const settings = { threads: 3, lowering: 'portable', convolution: 'winograd2' } as const;

describe('loops', () => {
  it('are the three networks, and one of them with the landscape at seven step sizes', () => {
    expect(loops.map((loop) => `${loopName(loop)}, batch ${loop.batchSize}`)).toEqual([
      'mlp, batch 64',
      'vgg11 × 0.25, batch 128',
      'resnet20, batch 128',
      'vgg11 × 0.25, landscape × 7, batch 128',
    ]);
  });

  it('evaluate equally often in the short run and the long one, or each epoch', () => {
    for (const { model, batchSize, steps } of loops) {
      const [channels] = stepSettings({ model, batchSize, norm: 'batch', width: 1, threads: 1 }).imageShape;
      const epoch = Math.floor((channels === 1 ? 60_000 : 50_000) / batchSize);
      expect(steps.short).toBeLessThan(steps.long);
      expect(steps.long <= epoch || (steps.short % epoch === 0 && steps.long % epoch === 0)).toBe(true);
      expect(Object.keys(models)).toContain(model);
    }
  });
});

describe('loopCommand', () => {
  it.each(loops.flatMap((loop) => runLengths.map((length) => [loopName(loop), length, loop] as const)))(
    'is one that the program understands: %s, %s',
    async (_, length, loop) => {
      const words = loopCommand(loop, length, settings);
      const program = await createProgram(words);
      let given: Readonly<Record<string, unknown>> = {};
      const name = words[0] ?? '';
      program.commands
        .find((command) => command.name() === name)
        ?.action((_argument, options: Record<string, unknown>) => void (given = options));
      program.parse([...words], { from: 'user' });
      expect(given).toMatchObject(settings);
      const steps = loop.probe === undefined ? given['steps'] : Number((given['set'] as { steps: string }).steps);
      expect(steps).toBe(loop.steps[length]);
    },
  );

  it('trains as many networks as its study plans', async () => {
    const { findStudy } = await import('../../studies/index.ts');
    for (const loop of loops.filter(({ probe }) => probe !== undefined)) {
      const words = loopCommand(loop, 'long', settings);
      const pairs = words.flatMap((word, i) => (word === '--set' ? [words[i + 1] ?? ''] : []));
      const set = Object.fromEntries(pairs.map((pair) => pair.split('=')));
      const seeds = Number(words[words.indexOf('--seeds') + 1]);
      const { jobs } = findStudy(words[1] ?? '').plan({ budget: 'quick', seeds, set });
      expect(jobs).toHaveLength(loop.networks);
      for (const job of jobs) {
        // Evaluated once, at the end, in short runs and in long ones.
        const steps = loop.steps.long;
        expect(job).toMatchObject({
          settings: { network: loop.model, batchSize: loop.batchSize, steps, evaluateEvery: steps },
        });
        expect(job.cells[0]).toMatchObject({
          probes: [{ settings: { every: 1, random: false, multiples: { length: 7 } } }],
        });
      }
    }
  });
});

describe('chosenLoops', () => {
  it('narrows by network, and to steps or probes alone', () => {
    expect(chosenLoops({})).toEqual(loops);
    expect(chosenLoops({ model: ['vgg11', 'vgg16'] }).map(loopName)).toEqual([
      'vgg11 × 0.25',
      'vgg11 × 0.25, landscape × 7',
    ]);
    expect(chosenLoops({ only: 'probes' }).map(loopName)).toEqual(['vgg11 × 0.25, landscape × 7']);
    expect(chosenLoops({ only: 'steps', model: ['resnet20'] }).map(loopName)).toEqual(['resnet20']);
  });

  it('refuses to be empty', () => {
    expect(() => chosenLoops({ model: ['vgg16', 'vgg19'] })).toThrow('No loop trains vgg16 or vgg19; between builds');
    expect(() => chosenLoops({ model: ['mlp'], only: 'probes' })).toThrow('No loop of probes trains mlp');
  });
});
