import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { ReportDocument, StudySection, TrainingSection } from '../studies/document.ts';
import type { Figure } from '../studies/figure.ts';
import { renderReport } from './report.ts';

// Made-up data in the shape of a real study: no number here was measured.
const seeds = [1, 2, 3];
const steps = Array.from({ length: 51 }, (_, i) => 10 * i);
const evil = '<script>alert("x")</script>';

function panel(id: string, peak: number): Figure {
  const band = (arm: 'standard' | 'batch', seed: number, height: number) => ({
    arm,
    seed,
    x: steps,
    low: steps.map((t) => 0.5 + seed / 10 + Math.cos(t * seed) / 10),
    high: steps.map((t) => 1 + height * Math.abs(Math.sin(t + seed))),
  });
  return {
    view: 'bands',
    id,
    title: `Panel ${id}`,
    caption: 'Test data.',
    x: { label: 'step', unit: '', scale: 'linear' },
    y: { label: 'loss', unit: '', scale: 'log' },
    references: [{ kind: 'published', label: 'paper: 5', value: 5 }],
    bands: seeds.flatMap((seed) => [band('standard', seed, peak), band('batch', seed, 1)]),
  };
}

const study: StudySection = {
  kind: 'study',
  name: 'santurkar2018/landscape',
  title: 'A made-up study',
  paper: 'santurkar2018',
  where: 'Figure 4',
  claim: 'The loss changes less.',
  budget: 'quick',
  result: {
    verdict: 'inconclusive',
    sentence: 'Inconclusive: the pairings disagree.',
    parts: [
      {
        name: 'a',
        claim: 'Part a holds.',
        effect: 'log of the ratio',
        margin: 0.1,
        pairings: [
          {
            name: 'at equal steps',
            verdict: 'reproduced',
            reason: undefined,
            effects: seeds.map((seed) => ({ seed, value: 1 + seed / 7 })),
            interval: { mean: 1.8, lower: 1.5, upper: 2.1234, count: 3 },
          },
          {
            name: 'at matched training loss',
            verdict: undefined,
            reason: 'too few pairs',
            effects: [],
            interval: undefined,
          },
        ],
        verdict: 'inconclusive',
        remarks: ['Measured 1.8; paper about 2.2.'],
      },
    ],
    notes: ['A note beside the verdict.'],
    figures: ['a', 'b', 'c', 'a2', 'b2', 'c2'].map((id, i) => panel(id, 3 + i)),
    tables: [
      {
        title: 'Control',
        caption: 'Test data.',
        columns: ['arm', 'β'],
        rows: [
          ['standard', Number.NaN],
          ['batch', 0.98765],
        ],
      },
    ],
  },
  notRun: undefined,
  protocol: [['network', 'VGG-11']],
  definitions: [{ quantity: 'loss', mode: 'train', definition: 'L(x − s g)' }],
  command: 'npx normscope reproduce santurkar2018/landscape',
  wallSeconds: 432,
};

const training: TrainingSection = {
  kind: 'training',
  title: `A run ${evil}`,
  sentence: 'Test accuracy 86.2 %.',
  figures: [panel('lone', 4)],
  tables: [],
  settings: [['optimiser', evil]],
  definitions: [],
  command: 'npx normscope run',
  wallSeconds: undefined,
};

const notRun: StudySection = {
  ...study,
  name: 'ioffe2015/mnist',
  paper: 'glorot2010',
  result: undefined,
  notRun: 'The quick protocol cannot decide it.',
};

const report: ReportDocument = {
  title: `Report ${evil}`,
  created: '2026-11-20T19:05:12.345Z',
  manifest: [['processor', `2 cores ${evil}`]],
  sections: [study, notRun, training],
};

const text = renderReport(report);
const { document } = parseHTML(text);
const all = (selector: string) => [...document.querySelectorAll(selector)];
const texts = (selector: string): readonly string[] => all(selector).map((element) => element.textContent);

describe('renderReport', () => {
  it('gives the same bytes for the same document', () => {
    expect(renderReport(structuredClone(report))).toBe(text);
  });

  it('loads nothing: the only addresses are citations', () => {
    expect(all('link, img, iframe, script[src], source, image, use')).toEqual([]);
    expect(text).not.toMatch(/url\(|@import|fetch\(/);
    const addresses = all('[href]').map((element) => element.getAttribute('href'));
    for (const address of addresses) expect(address).toMatch(/^(#|https:\/\/arxiv\.org\/abs\/)/);
    expect(document.querySelector('meta[http-equiv]')?.getAttribute('content')).toContain("default-src 'none'");
  });

  it('escapes every text', () => {
    expect(all('script')).toHaveLength(1);
    expect(text).not.toContain('alert("x")');
    expect(document.title).toBe(report.title);
    expect(texts('#machine dd')).toEqual([`2 cores ${evil}`]);
  });

  it('is well formed: every element is closed, ids are unique, and links within the page arrive', () => {
    const open: string[] = [];
    const misplaced: string[] = [];
    const markup = text.replace(/<(style|script)>.*?<\/\1>/gs, '').replace('<!doctype html>', '');
    for (const [, close, name = '', empty] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/gi)) {
      if (close === '/') misplaced.push(...(open.pop() === name ? [] : [name]));
      else if (empty !== '/' && name !== 'meta') open.push(name);
    }
    expect([...misplaced, ...open]).toEqual([]);
    const ids = all('[id]').map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of all('a[href^="#"]')) expect(ids).toContain(link.getAttribute('href').slice(1));
  });

  it('gives every figure a title and a description, and every table headers', () => {
    const figures = all('figure svg');
    // Six panels, and the lone figure in two sizes.
    expect(figures).toHaveLength(8);
    for (const figure of figures) {
      expect(figure.getAttribute('role')).toBe('img');
      const [title, description] = figure.getAttribute('aria-labelledby').split(' ');
      expect(document.getElementById(title)?.textContent).toMatch(/^Panel/);
      expect(document.getElementById(description)?.textContent).toBe('Test data.');
    }
    for (const table of all('table')) expect(table.querySelectorAll('thead th[scope=col]').length).toBeGreaterThan(1);
    for (const icon of all('.badge svg')) expect(icon.getAttribute('aria-hidden')).toBe('true');
  });

  it('shows the front row: verdict, claim, paper and where, effects with intervals, budget', () => {
    const [first, second] = all('table.claims tbody tr');
    const cells = (row: typeof first): readonly string[] =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent);
    expect(cells(first)).toEqual([
      'inconclusive',
      'A made-up studyThe loss changes less.',
      'Santurkar, Tsipras, Ilyas, Madry 2018, Figure 4',
      'a1.80 [1.50, 2.12] at equal steps– at matched training loss',
      'quick',
    ]);
    expect(cells(second)[0]).toBe('not run');
    expect(cells(second)[3]).toBe('The quick protocol cannot decide it.');
    expect(texts('.tally')).toEqual(['2 claims: 1 inconclusive, 1 not run']);
  });

  it('reads in the order verdict, figures, meaning, measurement, command', () => {
    const section = document.querySelector('section.study');
    const order = ['.verdict', '.panels', '.part', '.notes', '.pairs', '.definitions', '.command'];
    const elements = [...section.querySelectorAll(order.join())];
    const classes = elements.map((element) => `.${element.className}`);
    expect(classes).toEqual(order);
    expect(section.querySelector('.command').textContent).toBe('npx normscope reproduce santurkar2018/landscape');
    expect(section.textContent).toContain('Took 7 min 12 s');
  });

  it('shows every pairing with its seeds, and why one was not judged', () => {
    const rows = all('.part tbody tr').map((row) => row.textContent);
    expect(rows).toEqual([
      'at equal steps1.80 [1.50, 2.12]seed 1 1.14seed 2 1.29seed 3 1.43reproduced',
      'at matched training loss––not judgedtoo few pairs',
    ]);
  });

  it('lists a study without a result as not run, with its reason and no verdict', () => {
    const [, second] = all('section.study');
    expect(second.querySelector('.verdict').textContent).toBe('not runThe quick protocol cannot decide it.');
    expect(second.querySelectorAll('.part, figure')).toHaveLength(0);
  });

  it('shows missing numbers as a dash that sorts last', () => {
    const cells = all('.table td.number');
    expect(cells.map((cell) => [cell.textContent, cell.getAttribute('data-value')])).toEqual([
      ['–', ''],
      ['0.988', '0.98765'],
    ]);
  });

  it('has contents only where there are several sections, and no claims without studies', () => {
    expect(texts('nav li')).toEqual([
      'Claims',
      'A made-up study',
      'A made-up study',
      training.title,
      'Machine and versions',
    ]);
    const alone = parseHTML(renderReport({ ...report, sections: [training] })).document;
    expect(alone.querySelector('nav, .claims, .glossary')).toBeNull();
    expect(alone.querySelector('.lone')).not.toBeNull();
  });

  it('stays small', () => {
    expect(text.length).toBeLessThan(250_000);
  });
});
