import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { ReportDocument, StudySection, TrainingSection } from '../studies/document.ts';
import type { Figure, PlotFigure } from '../studies/figure.ts';
import { casesPart, resultOf } from '../studies/parts.ts';
import type { WriteUp } from '../studies/write-ups/write-up.ts';
import { renderReport } from './report.ts';

// Made-up data in the shape of a real study: no number here was measured.
const seeds = [1, 2, 3];
const steps = Array.from({ length: 51 }, (_, i) => 10 * i);
const evil = '<script>alert("x")</script>';

function panel(id: string, peak: number): PlotFigure {
  const band = (arm: 'standard' | 'batch', seed: number, height: number) => ({
    mark: 'band' as const,
    arm,
    seed,
    x: steps,
    low: steps.map((t) => 0.5 + seed / 10 + Math.cos(t * seed) / 10),
    high: steps.map((t) => 1 + height * Math.abs(Math.sin(t + seed))),
  });
  return {
    id,
    title: `Panel ${id}`,
    caption: 'Test data.',
    x: { label: 'step', unit: '', scale: 'linear' },
    y: { label: 'loss', unit: '', scale: 'log' },
    marks: [
      { mark: 'rule', kind: 'published', label: 'paper: 5', value: 5 },
      ...seeds.flatMap((seed) => [band('standard', seed, peak), band('batch', seed, 1)]),
    ],
  };
}

const identity = { claim: 'It holds.', effect: 'relative error', tolerance: 1e-8 };

const effects: Figure = {
  view: 'effects',
  id: 'effects',
  title: 'Panel of effects',
  caption: 'Test data.',
  x: { label: 'effect', unit: '', scale: 'linear' },
  rows: [{ label: 'a', margin: 0.1, effects: [{ seed: 1, value: 0.3 }], interval: undefined }],
};

const exhibit = { form: 'lost picture', published: 'Nobody 2020, Figure 1' } as const;

const study: StudySection = {
  kind: 'study',
  name: 'santurkar2018/landscape',
  title: 'A made-up study',
  paper: 'santurkar2018',
  where: 'Figure 4',
  claim: 'The loss changes less.',
  needsData: true,
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
            effects: seeds.map((seed) => ({ seed, value: 1 + seed / 7 })),
            interval: { mean: 1.8, lower: 1.5, upper: 2.1234, count: 3 },
          },
          {
            name: 'at matched training loss',
            verdict: 'inconclusive',
            effects: [],
            interval: undefined,
          },
        ],
        verdict: 'inconclusive',
        remarks: ['Measured 1.8; paper about 2.2.'],
      },
    ],
    notes: [
      'A note beside the verdict; see ioffe2015/mnist, and not nobody2015/mnist.',
      'Of “batch” itself, other definitions: ioffe2015/scale, beside the rows “max L” and “none”.',
    ],
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
  definitions: [
    { quantity: 'loss', mode: 'train', definition: 'L(x − s g)' },
    { quantity: 'gradient', mode: 'train', definition: 'g(x)' },
    { quantity: 'loss-again', mode: 'train', definition: 'L(x − s g)' },
  ],
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

const exact: StudySection = {
  ...study,
  name: 'ioffe2015/scale',
  title: 'An identity',
  paper: 'ioffe2015',
  needsData: false,
  result: {
    ...resultOf(
      [
        ...['a', 'b', 'c', 'd'].map((name) => casesPart({ ...identity, name }, [0, 3e-15])),
        casesPart({ ...identity, name: 'e' }, [0.5, 0]),
      ],
      { outcome: 'the largest error is 6.1e-14' },
    ),
    figures: [{ ...panel('identity', 2), id: 'identity' }, effects],
    tables: [
      {
        title: 'Definitions',
        caption: 'Test data.',
        columns: ['definition', 'says'],
        rows: [
          ['● max L', '0.5 smoother'],
          ['batch', '–'],
        ],
      },
    ],
  },
};

const writeUp: WriteUp = {
  key: 'evil',
  author: evil,
  title: 'A made-up write-up',
  year: 2020,
  exhibits: [
    { ...exhibit, quote: 'shown by name', studies: ['santurkar2018/landscape'], figures: ['c', 'b2'] },
    { ...exhibit, quote: 'shown by the first figure', studies: ['ioffe2015/scale'], figures: ['absent'] },
    { ...exhibit, quote: 'did not run', studies: ['ioffe2015/mnist'] },
    { ...exhibit, quote: 'not chosen', studies: ['bjorck2018/not-chosen'] },
    { ...exhibit, quote: 'not named', studies: ['keskar2017/sharpness'] },
  ],
  misstatements: [{ study: 'santurkar2018/landscape', says: `It says ${evil}.`, source: 'It is not so.' }],
  agreements: [{ study: 'ioffe2015/scale', says: 'This.', source: 'This too.' }],
};

const report: ReportDocument = {
  title: `Report ${evil}`,
  created: '2026-11-20T19:05:12.345Z',
  manifest: [['processor', `2 cores ${evil}`]],
  sections: [exact, study, notRun, training],
  writeUps: [writeUp],
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
    expect(all('link, img, iframe, script[src], source, image')).toEqual([]);
    for (const use of all('use')) expect(use.getAttribute('href')).toMatch(/^#/);
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
    for (const link of all('[href^="#"]')) expect(ids).toContain(link.getAttribute('href').slice(1));
  });

  it('gives every figure a title and a description, and every table headers', () => {
    const figures = all('figure svg');
    // Six panels, and three figures alone in their rows in two sizes.
    expect(figures).toHaveLength(12);
    for (const figure of figures) {
      expect(figure.getAttribute('role')).toBe('img');
      const [title, description] = figure.getAttribute('aria-labelledby').split(' ');
      expect(document.getElementById(title)?.textContent).toMatch(/^Panel/);
      expect(document.getElementById(description)?.textContent).toBe('Test data.');
    }
    for (const table of all('table')) expect(table.querySelectorAll('thead th[scope=col]').length).toBeGreaterThan(1);
    for (const icon of all('.badge svg')) expect(icon.getAttribute('aria-hidden')).toBe('true');
  });

  it('shows the front rows, those without data first: verdict, claim, paper and where, result, budget', () => {
    const cells = (row: ReturnType<typeof all>[number]): readonly string[] =>
      [...row.querySelectorAll('td')].slice(1).map((cell) => cell.textContent);
    const [first, second, third] = all('table.claims tbody tr');
    expect(texts('.group h3')).toEqual(['No data needed', 'Trained on data']);
    expect(cells(second)).toEqual([
      'inconclusive',
      'A made-up studyThe loss changes less.A write-up misstates this',
      'Santurkar, Tsipras, Ilyas, Madry 2018, Figure 4',
      'a1.80 [1.50, 2.12] at equal steps– at matched training loss',
      'quick',
    ]);
    expect(cells(first)[1]).toBe('An identityThe loss changes less.');
    expect(cells(third)[0]).toBe('not run');
    expect(cells(third)[3]).toBe('The quick protocol cannot decide it.');
    expect(texts('.tally')).toEqual(['3 claims: 1 not reproduced, 1 inconclusive, 1 not run']);
  });

  it('counts cases, and shows the parts that failed where there are many', () => {
    const result = all('table.claims tbody tr')[0]?.querySelector('[data-label=Result]');
    const hold = 'all 2 hold, error ≤ 3.00×10⁻¹⁵';
    const lines = [`a${hold}`, `b${hold}`, `c${hold}`, 'e1 of 2 fail, error ≤ 0.5', 'and 1 more: reproduced'];
    expect(result?.textContent).toBe(lines.join(''));
  });

  it('opens the main figure of each claim by its thumbnail', () => {
    const links = all('td.thumbnail a');
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['#figure-identity', '#figure-a']);
    for (const link of links) {
      const target = document.getElementById(link.getAttribute('href').slice(1));
      expect(target?.tagName).toBe('FIGURE');
      expect(link.getAttribute('aria-label')).toBe(`Figure: ${target?.querySelector('h4')?.textContent}`);
      expect(link.querySelectorAll('svg path').length).toBeGreaterThan(2);
      expect(link.querySelectorAll('text')).toHaveLength(0);
    }
  });

  it('offers every verdict there is to choose from, but only to a script that can', () => {
    const [filter] = all('.filter');
    expect(filter?.hasAttribute('hidden')).toBe(true);
    const outcomes = all('.filter button').map((button) => button.getAttribute('data-outcome'));
    expect(outcomes).toEqual([null, 'not-reproduced', 'inconclusive', 'not-run']);
    expect(all('tr[data-outcome]').map((row) => row.getAttribute('data-outcome'))).toEqual(outcomes.slice(1));
  });

  it('leads from the mark on a row to what the write-up says and what the paper says', () => {
    const [mark, ...others] = all('.misstated');
    expect(others).toEqual([]);
    const block = document.getElementById(mark?.getAttribute('href').slice(1) ?? '');
    expect(block?.closest('section')?.querySelector('h2')?.textContent).toBe('A made-up study');
    expect(block?.querySelector('dt')?.textContent).toBe(`${evil} 2020 says: It says ${evil}.`);
    expect(block?.querySelector('dd')?.textContent).toBe('The paper: It is not so.');
  });

  it('has a gallery: figures again under their sentences, and the others with what became of them', () => {
    expect(texts('.exhibit .quoted')).toEqual(['“shown by name”', '“shown by the first figure”']);
    expect(all('.again').map((link) => link.getAttribute('href'))).toEqual([
      '#figure-c',
      '#figure-b2',
      '#figure-c2',
      '#figure-identity',
    ]);
    for (const use of all('.again use')) {
      const drawing = document.getElementById(use.getAttribute('href').slice(1));
      expect(drawing?.querySelectorAll('path').length).toBeGreaterThan(5);
    }
    const about = 'lost picture · Nobody 2020, Figure 1';
    expect(texts('.to-come li')).toEqual([
      `“did not run”${about}A made-up study not run`,
      `“not chosen”${about}Not part of this run: normscope reproduce bjorck2018/not-chosen`,
      `“not named”${about}Not part of this run: normscope reproduce keskar2017/sharpness`,
    ]);
    expect(texts('.gallery > .small')[0]).toContain('Of 5 figures, formulas and findings');
    expect(texts('.gallery > .small')[0]).toContain('2 are measured again');
    expect(texts('.statements div')).toEqual([
      `It says: It says ${evil}.The source: It is not so.A made-up study inconclusive`,
      'It says: This.The source: This too.An identity not reproduced',
    ]);
  });

  it('reads in the order verdict, figures, meaning, measurement, command', () => {
    const section = all('section.study')[1];
    const order = ['.verdict', '.panels', '.part', '.notes', '.misstatements', '.pairs', '.definitions', '.command'];
    const elements = [...section.querySelectorAll(order.join())];
    const classes = elements.map((element) => `.${element.className}`);
    expect(classes).toEqual(order);
    expect(section.querySelector('.command').textContent).toBe('npx normscope reproduce santurkar2018/landscape');
    expect(section.textContent).toContain('Took 7 min 12 s');
  });

  it('links the names of studies in notes to their sections, where it has them', () => {
    const [note] = all('section.study .notes li');
    expect(note.textContent).toBe('A note beside the verdict; see ioffe2015/mnist, and not nobody2015/mnist.');
    const links = [...note.querySelectorAll('a')];
    expect(links.map((link) => link.textContent)).toEqual(['ioffe2015/mnist']);
    expect(all(links[0].getAttribute('href'))).toHaveLength(1);
  });

  it('links what notes quote behind the name of a study to that row of its tables, where it has one', () => {
    const [, note] = all('section.study .notes li');
    const links = [...note.querySelectorAll('a')];
    expect(links.map((link) => link.textContent)).toEqual(['ioffe2015/scale', '“max L”']);
    expect(all(links[1].getAttribute('href')).map((row) => row.textContent)).toEqual(['● max L0.5 smoother']);
    expect(all('.sortable tr[id]').length).toBe(1);
  });

  it('shows every pairing with its seeds', () => {
    const rows = all('.part tbody tr').map((row) => row.textContent);
    expect(rows).toEqual([
      'at equal steps1.80 [1.50, 2.12]seed 1 1.14seed 2 1.29seed 3 1.43reproduced',
      'at matched training loss––inconclusive',
    ]);
  });

  it('lists a study without a result as not run, with its reason and no verdict', () => {
    const third = all('section.study')[2];
    expect(third.querySelector('.verdict').textContent).toBe('not runThe quick protocol cannot decide it.');
    expect(third.querySelectorAll('.part, figure')).toHaveLength(0);
  });

  it('says a definition once for all quantities that share it', () => {
    const items = [...(all('section.study')[1]?.querySelectorAll('.definitions div') ?? [])];
    expect(items.map((item) => item.textContent)).toEqual(['loss, loss-again trainL(x − s g)', 'gradient traing(x)']);
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
      'An identity',
      'A made-up study',
      'A made-up study',
      training.title,
      'Gallery of the write-ups',
      'Machine and versions',
    ]);
    const alone = parseHTML(renderReport({ ...report, sections: [training], writeUps: [] })).document;
    expect(alone.querySelector('nav, .claims, .glossary, .gallery')).toBeNull();
    expect(alone.querySelector('.lone')).not.toBeNull();
  });

  it('has the distributions of a few layers of a training in rows, and all others in a closed fold', () => {
    const row = (...ids: string[]) => ids.map((id) => panel(id, 1));
    const distributions = { rows: [row('a', 'b', 'c'), row('d')], folded: row('e', 'f') };
    const sections = [{ ...training, distributions }];
    const page = parseHTML(renderReport({ ...report, sections, writeUps: [] })).document;
    const ids = (within: string) => [...page.querySelectorAll(`${within} figure`)].map(({ id }) => id);
    expect(ids('.training > .panels')).toEqual(['figure-a', 'figure-b', 'figure-c']);
    expect(ids('.training > .lone')).toEqual(['figure-lone', 'figure-d']);
    expect(ids('.training > details:not([open])')).toEqual(['figure-e', 'figure-f']);
    expect(page.querySelector('.training summary')?.textContent).toBe('2 figures of other layers');
  });

  it('folds long contents away', () => {
    const sections = Array.from({ length: 9 }, (_, i) => ({ ...notRun, name: `ioffe2015/${i}` }));
    const long = parseHTML(renderReport({ ...report, sections, writeUps: [] })).document;
    expect(long.querySelectorAll('nav details li')).toHaveLength(11);
    expect(document.querySelector('nav details')).toBeNull();
  });

  it('stays small', () => {
    expect(text.length).toBeLessThan(300_000);
  });
});
