import { describe, expect, it } from 'vitest';
import { sweptCells } from '../../../test/made-up-sweep.ts';
import { renderFigure } from '../../report/figure/figure.ts';
import { renderReport } from '../../report/report.ts';
import { sweepSection } from './sweep-section.ts';
import { sweepText } from './sweep-text.ts';

const lr = { name: 'lr', values: ['0.01', '0.1', '1'] };
const norm = { name: 'norm', values: ['none', 'batch'] };
const axes = [lr, norm];
const cells = sweptCells(axes, 3, (setting, seed) => {
  if (setting['lr'] === '1' && setting['norm'] === 'none') return { loss: 1, accuracy: 0, divergedAt: 5 };
  if (setting['lr'] === '0.01' && setting['norm'] === 'batch') return undefined;
  return { loss: 0.5 + seed / 8, accuracy: 0.75 + seed / 64 };
});
const about = { settings: [['model', 'mlp']], command: 'normscope sweep mlp', wallSeconds: 7 } as const;

describe('sweepSection()', () => {
  const section = sweepSection({ title: 'mlp over lr and norm', axes, cells, ...about });

  it('is a section that a report draws, with what the axes are', () => {
    expect(section.figures.map(({ id }) => id)).toEqual([
      'sweep-map-loss',
      'sweep-map-accuracy',
      'sweep-curve-loss',
      'sweep-curve-accuracy',
    ]);
    expect(section.settings.slice(0, 2)).toEqual([
      ['lr', '0.01, 0.1, 1'],
      ['norm', 'none, batch'],
    ]);
    const quantities = section.definitions.map(({ quantity }) => quantity);
    expect(quantities).toEqual(['final-training-loss', 'loss', 'test-accuracy', 'diverged']);
    const page = renderReport({ title: 'x', created: 'now', manifest: [], sections: [section], writeUps: [] });
    expect(page).toContain('15 of 18 trainings finished, 3 of them diverged.');
    expect(page).toContain('>Sweep<');
  });

  it('crosses out the cell that diverged, and has a dash for the one that is missing', () => {
    const [map] = section.figures;
    const drawn = map === undefined ? '' : renderFigure(map);
    expect(drawn).toContain('none: diverged</title>');
    expect(drawn).toContain('batch: –</title>');
    expect(drawn.match(/<path d="M[\d.]+,[\d.]+L[\d.]+,[\d.]+M[\d.]+,[\d.]+L[\d.]+,[\d.]+"/g)).toHaveLength(1);
  });

  it('shows the definition of divergence only where something diverged', () => {
    const whole = cells.filter(({ setting }) => setting['lr'] === '0.1');
    const { definitions } = sweepSection({ title: 'x', axes, cells: whole, ...about });
    expect(definitions.map(({ quantity }) => quantity)).not.toContain('diverged');
  });
});

describe('sweepText()', () => {
  it('is a sentence and a row per setting', () => {
    const lines = sweepText({ axes, cells }).split('\n');
    expect(lines.slice(3, 8)).toEqual([
      'lr    norm   loss   test accuracy        finished  diverged',
      '0.01  none   0.625  76.6 % [72.7, 80.4]  3 of 3    0',
      '0.01  batch  –      –                    0 of 3    0',
      '0.1   none   0.625  76.6 % [72.7, 80.4]  3 of 3    0',
      '0.1   batch  0.625  76.6 % [72.7, 80.4]  3 of 3    0',
    ]);
    expect(lines.at(-2)).toBe('1     none   –      –                    3 of 3    3');
  });

  it('keeps to 80 columns whatever values are called, and leaves out axes that do not vary', () => {
    const long = ['initialiser', 'activation', 'normalised', 'optimiser', 'placement'].map((name) => ({
      name,
      values: [`a-rather-long-${name}`, `b-rather-long-${name}`],
    }));
    const fixed = { name: 'dataset', values: ['mnist'] };
    const many = [fixed, ...long];
    const text = sweepText({
      axes: many,
      cells: sweptCells(many, 3, (_, seed) => ({ loss: 1, accuracy: 0.9 + seed / 99 })),
    });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).not.toContain('mnist');
  });

  it('lists the best of many settings', () => {
    const rates = { name: 'lr', values: Array.from({ length: 43 }, (_, i) => String(i + 1)) };
    const lots = sweptCells([rates], 1, (setting) => ({ loss: 1, accuracy: Number(setting['lr']) / 100 }));
    const lines = sweepText({ axes: [rates], cells: lots }).split('\n');
    expect(lines.at(-1)).toBe('The 40 with the highest test accuracy of 43; the report has all.');
    expect(lines.find((line) => line.startsWith('43 '))).toContain('43 %');
    expect(lines.some((line) => line.startsWith('3 '))).toBe(false);
  });
});
