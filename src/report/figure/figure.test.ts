import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { EffectsFigure, Figure, LineMark, PlotFigure } from '../../studies/figure.ts';
import { textWidth } from '../svg/text.ts';
import { colours } from '../theme.ts';
import { identifier } from './element.ts';
import { inlineFigure, renderFigure } from './figure.ts';

const step = { label: 'step', unit: '', scale: 'linear' } as const;
const base = { title: 'Test data', caption: 'Made up for a test.', x: step } as const;

const bands: PlotFigure = {
  ...base,
  id: 'loss/0.1',
  y: { label: 'loss', unit: 'nat', scale: 'log' },
  marks: [
    { mark: 'band', arm: 'standard', seed: 1, x: [0, 10, 20], low: [2, 1, 1], high: [3, 9, 4] },
    { mark: 'band', arm: 'batch', seed: 1, x: [0, 10, 20], low: [2, 0.5, 0.2], high: [3, 0.7, 0.3] },
  ],
};

const lines: readonly LineMark[] = [1, 2, 3].map((seed) => ({
  mark: 'line',
  arm: 'batch',
  seed,
  x: [1, 2, 3],
  y: [10 * seed, 50, 80 + seed],
}));

const curves: PlotFigure = {
  ...base,
  id: 'accuracy',
  y: { label: 'accuracy', unit: '%', scale: 'linear' },
  marks: lines,
};

const effects: EffectsFigure = {
  ...base,
  view: 'effects',
  id: 'effects',
  rows: [
    {
      label: '(a) at equal steps',
      margin: 0.1,
      effects: [1, 2, 3].map((seed) => ({ seed, value: 0.2 * seed })),
      interval: { mean: 0.4, lower: -0.1, upper: 0.9 },
    },
    { label: '(b)', margin: 0.4, effects: [{ seed: 1, value: Number.NaN }], interval: undefined },
  ],
};

const few = { mark: 'line', seed: 1, x: [1, 2, 3], y: [1, 2, 3] } as const;

const histogram: PlotFigure = {
  ...base,
  id: 'values',
  y: { label: 'count', unit: '', scale: 'log' },
  marks: [
    { mark: 'step', arm: 'M = 1', edges: [0, 1, 2, 3], counts: [10, 1000, 0] },
    { mark: 'step', arm: 'M = 3', edges: [0, 2, 3], counts: [50, 1] },
  ],
};

const parse = (svg: string) => parseHTML(`<!doctype html><html><body>${svg}</body></html>`).document;

function texts(svg: string): readonly string[] {
  return [...parse(svg).querySelectorAll('text')].map((text) => text.textContent ?? '');
}

/** Every number in path data and coordinates. */
function coordinates(svg: string): readonly number[] {
  const attributes = svg.matchAll(/ (?:d|x|y|cx|cy|width|height)="([^"]*)"/g);
  return [...attributes].flatMap(([, value = '']) =>
    value
      .split(/[^-\d.a-zA-Z]+|[MZhL]/)
      .filter(Boolean)
      .map(Number),
  );
}

describe('renderFigure', () => {
  it.each<[string, Figure]>([
    ['bands', bands],
    ['curves', curves],
    ['effects', effects],
    ['histogram', histogram],
  ])('draws %s as a file with title, description and finite coordinates inside it', (_, figure) => {
    for (const size of ['wide', 'panel'] as const) {
      const svg = renderFigure(figure, { size });
      const root = parse(svg).querySelector('svg');
      expect(root?.getAttribute('xmlns')).toBe('http://www.w3.org/2000/svg');
      expect(root?.querySelector('title')?.textContent).toBe('Test data');
      expect(root?.querySelector('desc')?.textContent).toBe('Made up for a test.');
      const values = coordinates(svg);
      expect(values.length).toBeGreaterThan(50);
      for (const value of values) expect(value).toBeGreaterThan(-30);
      for (const value of values) expect(value).toBeLessThan(820);
      expect(svg).not.toMatch(/var\(|NaN|undefined/);
      // XML wants a space between attributes, which HTML does without.
      expect(svg).not.toMatch(/[=]"[^"<>]*"[a-z]/);
      expect(renderFigure(figure, { size })).toBe(svg);
    }
  });

  it('writes light colours out and replaces every one of them in the dark', () => {
    const svg = renderFigure(bands);
    expect(svg).toContain('stroke="#d55e00"');
    expect(svg).toContain('fill="#0072b2"');
    for (const [light, dark] of Object.values(colours)) expect(svg).toContain(`[fill="${light}"]{fill:${dark}}`);
    const lights = Object.values(colours).map(([light]) => light);
    expect(new Set(lights).size).toBe(lights.length);
  });

  it('escapes titles', () => {
    const svg = renderFigure({ ...bands, title: 'a <script>alert(1)</script> & b' });
    expect(svg).not.toContain('<script');
    expect(parse(svg).querySelector('title')?.textContent).toBe('a <script>alert(1)</script> & b');
  });

  it('draws a small figure exactly so', () => {
    const tiny: PlotFigure = {
      ...base,
      id: 'tiny',
      y: { label: 'loss', unit: '', scale: 'linear' },
      marks: [
        { mark: 'rule', kind: 'theory', label: '2/η = 2', value: 2 },
        { mark: 'line', arm: 'batch', seed: 1, x: [0, 100], y: [4, 1] },
      ],
    };
    const body = inlineFigure(tiny, 'panel').text.replaceAll('><', '>\n<');
    expect(body).toMatchInlineSnapshot(`
      "<svg class="panel" viewBox="0 0 360 290" width="360" height="290" role="img" aria-labelledby="tiny-panel-title tiny-panel-desc" font-size="12">
      <title id="tiny-panel-title">Test data</title>
      <desc id="tiny-panel-desc">Made up for a test.</desc>
      <g id="tiny-panel-drawing">
      <path d="M18,248 276.5,248" fill="none" stroke="var(--rule)"/>
      <text x="11" y="252.2" fill="var(--muted)" text-anchor="end">0</text>
      <path d="M18,192 276.5,192" fill="none" stroke="var(--rule)"/>
      <text x="11" y="196.2" fill="var(--muted)" text-anchor="end">1</text>
      <path d="M18,136 276.5,136" fill="none" stroke="var(--rule)"/>
      <text x="11" y="140.2" fill="var(--muted)" text-anchor="end">2</text>
      <path d="M18,80 276.5,80" fill="none" stroke="var(--rule)"/>
      <text x="11" y="84.2" fill="var(--muted)" text-anchor="end">3</text>
      <path d="M18,24 276.5,24" fill="none" stroke="var(--rule)"/>
      <text x="11" y="28.2" fill="var(--muted)" text-anchor="end">4</text>
      <path d="M18,24 276.5,192" fill="none" stroke="var(--batch)" stroke-linejoin="round" stroke-width="2.2">
      <title>batch norm, seed 1</title>
      </path>
      <path d="M18,24h0M276.5,192h0" fill="none" stroke="var(--batch)" stroke-width="6" stroke-linecap="round"/>
      <path d="M18,136 276.5,136" fill="none" stroke="var(--ink)"/>
      <path d="M18,248 276.5,248" fill="none" stroke="var(--muted)"/>
      <path d="M18,248 18,252" fill="none" stroke="var(--muted)"/>
      <text x="18" y="265.2" fill="var(--muted)" text-anchor="middle">0</text>
      <path d="M69.7,248 69.7,252" fill="none" stroke="var(--muted)"/>
      <text x="69.7" y="265.2" fill="var(--muted)" text-anchor="middle">20</text>
      <path d="M121.4,248 121.4,252" fill="none" stroke="var(--muted)"/>
      <text x="121.4" y="265.2" fill="var(--muted)" text-anchor="middle">40</text>
      <path d="M173.1,248 173.1,252" fill="none" stroke="var(--muted)"/>
      <text x="173.1" y="265.2" fill="var(--muted)" text-anchor="middle">60</text>
      <path d="M224.8,248 224.8,252" fill="none" stroke="var(--muted)"/>
      <text x="224.8" y="265.2" fill="var(--muted)" text-anchor="middle">80</text>
      <path d="M276.5,248 276.5,252" fill="none" stroke="var(--muted)"/>
      <text x="276.5" y="265.2" fill="var(--muted)" text-anchor="middle">100</text>
      <text x="253.6" y="129.7" fill="var(--ink)" text-anchor="middle" stroke="var(--paper)" stroke-width="4" stroke-linejoin="round" paint-order="stroke">2/η = 2</text>
      <text x="284.5" y="196.2" fill="var(--batch-text)" font-weight="600">batch norm</text>
      <text x="1" y="12.2" fill="var(--ink)">loss</text>
      <text x="147.2" y="283.2" fill="var(--ink)" text-anchor="middle">step</text>
      </g>
      </svg>"
    `);
  });
});

describe('inlineFigure', () => {
  it('takes the colours of the page and has ids of its own', () => {
    const svg = inlineFigure(bands, 'panel').text;
    expect(svg).toContain('stroke="var(--standard)"');
    expect(svg).toContain('aria-labelledby="loss-0-1-panel-title loss-0-1-panel-desc"');
    expect(identifier('loss/0.1')).toBe('loss-0-1');
  });

  it('labels the arms directly and the axes with units, and tells arms apart without colour', () => {
    const svg = inlineFigure(bands, 'panel').text;
    expect(texts(svg)).toEqual(expect.arrayContaining(['standard', 'batch norm', 'loss (nat)', 'step']));
    const dashed = [...parse(svg).querySelectorAll('path[stroke-dasharray]')];
    expect(dashed.map((path) => path.getAttribute('stroke'))).toEqual(['var(--batch)']);
  });

  it('marks what lies beyond the axis once per stretch, and leaves gaps for NaN', () => {
    const high = [3, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3, Number.NaN, 3, Number.POSITIVE_INFINITY];
    const x = high.map((_, i) => i);
    const low = [1, 1, 1, 1, 1, 0, 1];
    const svg = inlineFigure(
      { ...bands, marks: [{ mark: 'band', arm: 'standard', seed: 1, x, low, high }] },
      'panel',
    ).text;
    const triangles = [...parse(svg).querySelectorAll('path')].filter((path) => !path.getAttribute('fill-opacity'));
    expect(triangles.filter((path) => path.getAttribute('fill') === 'var(--standard)')).toHaveLength(3);
    const area = parse(svg).querySelector('path[fill-opacity]')?.getAttribute('d') ?? '';
    expect(area.split('M')).toHaveLength(3);
    expect(svg).not.toContain('NaN');
  });

  it('says so where there is nothing finite', () => {
    const nothing: PlotFigure = { ...curves, marks: [{ mark: 'line', arm: 'batch', x: [1], y: [Number.NaN] }] };
    expect(texts(inlineFigure(nothing, 'panel').text)).toContain('no finite values');
    expect(texts(inlineFigure({ ...curves, marks: [] }, 'wide').text)).toContain('no finite values');
  });

  it('draws references with their labels, and points to those far beyond the data', () => {
    const rules = [
      { mark: 'rule', kind: 'published', label: 'paper: 83 %', value: 83 },
      { mark: 'rule', kind: 'theory', label: 'chance', value: 10 },
      { mark: 'rule', kind: 'published', label: 'far away', value: 1e6 },
    ] as const;
    const svg = inlineFigure({ ...curves, marks: [...lines, ...rules] }, 'panel').text;
    expect(texts(svg)).toEqual(expect.arrayContaining(['paper: 83 %', 'chance', '↑ far away']));
    expect(parse(svg).querySelectorAll('path[stroke="var(--published)"][stroke-dasharray]')).toHaveLength(1);
    expect(parse(svg).querySelectorAll('path[stroke="var(--ink)"]')).toHaveLength(1);
  });

  it('stays small however many points there are', () => {
    const x = Array.from({ length: 20_000 }, (_, i) => i);
    const long = [1, 2, 3].map(
      (seed) => ({ mark: 'line', arm: 'batch', seed, x, y: x.map((t) => Math.sin(t) + seed) }) as const,
    );
    expect(inlineFigure({ ...curves, marks: long }, 'panel').text.length).toBeLessThan(40_000);
  });

  it('fills histograms down to the base, without a mark for bins that are empty, and a bin of one above the base', () => {
    const svg = inlineFigure(histogram, 'panel').text;
    const fills = [...parse(svg).querySelectorAll('path[fill-opacity]')];
    expect(fills.map((path) => path.getAttribute('fill'))).toEqual(['var(--series-1)', 'var(--series-2)']);
    // The fills alone are areas: there are no triangles.
    expect(parse(svg).querySelectorAll('path[d$="Z"]')).toHaveLength(fills.length);
    const outline = parse(svg).querySelector('path[stroke="var(--series-2)"]')?.getAttribute('d') ?? '';
    const heights = [...outline.matchAll(/,([\d.]+)/g)].map(([, y]) => Number(y));
    const [base = 0, fifty = 0, , one = 0] = heights;
    expect(heights).toEqual([base, fifty, fifty, one, one, base]);
    expect(base).toBeGreaterThan(one + 5);
    expect(one).toBeGreaterThan(fifty);
    expect(texts(svg)).toEqual(expect.arrayContaining(['M = 1', 'M = 3']));
  });

  it('marks the points of lines that have few, but not of theory', () => {
    const many = { ...few, x: Array.from({ length: 16 }, (_, i) => i), y: Array.from({ length: 16 }, (_, i) => i) };
    const dots = (trace: LineMark): string =>
      parse(inlineFigure({ ...curves, marks: [trace] }, 'panel').text)
        .querySelector('path[stroke-linecap=round]')
        ?.getAttribute('d') ?? '';
    expect(dots({ ...few, arm: 'batch' }).match(/h0/g)).toHaveLength(3);
    expect(dots({ ...few, arm: 'batch', y: [1, Number.NaN, 3] }).match(/h0/g)).toHaveLength(2);
    expect(dots({ ...few, arm: 'theory' })).toBe('');
    expect(dots({ ...many, arm: 'batch' })).toBe('');
  });

  it('draws references on the x axis upright, and widens the axis for those that are near', () => {
    const rules = [
      { mark: 'rule', kind: 'theory', label: 'edge 4', axis: 'x', value: 4 },
      { mark: 'rule', kind: 'theory', label: 'far', axis: 'x', value: 400 },
    ] as const;
    const svg = inlineFigure({ ...curves, marks: [...lines, ...rules] }, 'panel').text;
    expect(texts(svg)).toEqual(expect.arrayContaining(['edge 4', '→ far']));
    const [line, ...others] = [...parse(svg).querySelectorAll('path[stroke="var(--ink)"]')];
    expect(others).toEqual([]);
    const [, from, to] = /^M([\d.]+),[\d.]+ ([\d.]+),[\d.]+$/.exec(line?.getAttribute('d') ?? '') ?? [];
    expect(from).toBe(to);
    const ends = [...parse(svg).querySelectorAll('path[stroke="var(--batch)"]')].map((path) => path.getAttribute('d'));
    for (const end of ends) expect(Number(/([\d.]+),[\d.]+(h0)?$/.exec(end ?? '')?.[1])).toBeLessThan(Number(from));
  });

  it('labels only as many ticks of a log axis as have room', () => {
    const x = { label: 'epsilon', unit: '', scale: 'log' } as const;
    const points = Array.from({ length: 30 }, (_, i) => 10 ** (i / 3 - 7));
    const svg = inlineFigure({ ...curves, x, marks: [{ ...few, arm: 'batch', x: points, y: points }] }, 'wide').text;
    const labels = [...parse(svg).querySelectorAll('text[text-anchor=middle]')].slice(0, -1);
    expect(labels.length).toBeGreaterThan(4);
    const spans = labels.map((label) => {
      const half = textWidth(label.textContent ?? '') / 2;
      const at = Number(label.getAttribute('x'));
      return [at - half, at + half] as const;
    });
    for (const [i, [from]] of spans.entries()) expect(from).toBeGreaterThan(spans[i - 1]?.[1] ?? 0);
  });

  it('breaks long labels of lines and axes, so that the frame keeps its room', () => {
    const label = 'products of five square Gaussian matrices, each of width one thousand, in float64';
    const y = { label: `${label} as the label of an axis`, unit: 's', scale: 'linear' } as const;
    const traces = lines.map((line) => ({ ...line, label }));
    const svg = inlineFigure({ ...curves, y, x: y, marks: traces }, 'panel').text;
    const written = texts(svg);
    expect(written.join(' ').match(/as the label of an axis \(s\)/g)).toHaveLength(2);
    for (const line of written) expect(textWidth(line)).toBeLessThanOrEqual(360);
    const ticks = [...parse(svg).querySelectorAll('text[text-anchor=middle]')].map((text) =>
      Number(text.getAttribute('x')),
    );
    expect(Math.max(...ticks) - Math.min(...ticks)).toBeGreaterThan(150);
  });

  it('prints every effect with interval, margin and seeds', () => {
    const svg = inlineFigure(effects, 'panel').text;
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        '(a) at equal steps',
        '0.400 [−0.100, 0.900]',
        'margin 0.1',
        'no interval',
        'margin 0.4',
      ]),
    );
    const titles = [...parse(svg).querySelectorAll('circle title')].map((title) => title.textContent);
    expect(titles).toEqual(['seed 1: 0.2', 'seed 2: 0.4', 'seed 3: 0.600']);
  });

  it('breaks numbers that would run into the track beside them', () => {
    const [mean, lower, upper] = [0.003162, -0.002131, 0.008452];
    const row = { label: 'l', margin: 0, effects: [{ seed: 1, value: mean }], interval: { mean, lower, upper } };
    const svg = inlineFigure({ ...effects, rows: [row] }, 'wide').text;
    const numbers = [...parse(svg).querySelectorAll('text')].filter((text) => text.getAttribute('x') === '760');
    expect(numbers.map((text) => text.textContent)).toEqual(['0.00316', '[−0.00213, 0.00845]', 'margin 0']);
    const heights = numbers.map((text) => Number(text.getAttribute('y')));
    expect(heights.map((y) => Math.round(y - (heights[0] ?? 0)))).toEqual([0, 15, 30]);
  });

  it('cuts an interval far wider than its effects, with arrows', () => {
    const wide = {
      label: 'w',
      margin: 0.1,
      effects: [{ seed: 1, value: 0.3 }],
      interval: { mean: 0.3, lower: -90, upper: 90 },
    };
    const svg = inlineFigure({ ...effects, rows: [wide] }, 'panel').text;
    const arrows = [...parse(svg).querySelectorAll('g > path[fill="var(--ink)"]')];
    expect(arrows).toHaveLength(2);
    expect(texts(svg)).toContain('0.3 [−90.0, 90.0]');
  });
});
