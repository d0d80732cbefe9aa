import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { CellMark, DotMark, LineMark, PlotFigure, RidgeMark } from '../../studies/figure.ts';
import { cellBounds, cellColours } from './cell.ts';
import { drawFigure, inlineFigure, renderFigure } from './figure.ts';
import { thumbnail } from './thumbnail.ts';

const number = { label: 'number', unit: '', scale: 'linear' } as const;
const power = { label: 'power', unit: '', scale: 'log' } as const;
const base = { id: 'f', title: 'Made up', caption: 'For a test.', x: number, y: number } as const;

const cells: CellMark = {
  mark: 'cell',
  x: [1, 10, 100, 1, 10],
  y: [0, 0, 0, 3, 3],
  values: [1, 2, 3, 4, Number.NaN],
  colour: { label: 'accuracy', unit: '%', scale: 'linear' },
};
const heat: PlotFigure = { ...base, x: power, marks: [cells] };

const bodyOf = (svg: string) => parseHTML(`<!doctype html><html><body>${svg}</body></html>`).document.body;
const draw = (figure: PlotFigure) => bodyOf(inlineFigure(figure, 'panel').text);
const texts = (figure: PlotFigure) => [...draw(figure).querySelectorAll('text')].map((text) => text.textContent);
/** Colour, from left to right and from top to bottom, in px. */
const rects = (figure: PlotFigure) =>
  [...draw(figure).querySelectorAll('rect[stroke]')].map((rect) => {
    const [x = 0, y = 0, width = 0, height = 0] = ['x', 'y', 'width', 'height'].map((name) =>
      Number(rect.getAttribute(name)),
    );
    return { x, y, right: x + width, bottom: y + height, opacity: Number(rect.getAttribute('fill-opacity')) };
  });

describe('cells', () => {
  it('reach half-way to their neighbours, on a log axis in powers', () => {
    expect([...cellBounds([3, 1, 2, 2], number).values()]).toEqual([
      [0.5, 1.5],
      [1.5, 2.5],
      [2.5, 3.5],
    ]);
    const [first = [], last = []] = [...cellBounds([1, 100, 0], power).values()];
    expect([...first, ...last].map((end) => Math.log10(end))).toEqual(
      [-1, 1, 1, 3].map((end) => expect.closeTo(end, 9)),
    );
    expect([...cellBounds([0, 3], { ...number, categories: ['a', 'b', 'c', 'd'] }).values()]).toEqual([
      [-0.5, 0.5],
      [2.5, 3.5],
    ]);
  });

  it('lie side by side, more opaque the larger their value, with their values and a colour bar', () => {
    const [low, middle, high, above, missing] = rects(heat);
    expect(middle?.x).toBeCloseTo(low?.right ?? 0, 0);
    expect(above?.bottom).toBeCloseTo(low?.y ?? 0, 0);
    expect(low?.opacity).toBeLessThan(middle?.opacity ?? 0);
    expect(middle?.opacity).toBeLessThan(high?.opacity ?? 0);
    expect(missing?.opacity).toBe(0);
    expect(texts(heat)).toEqual(expect.arrayContaining(['1', '2', '3', '4', '–', 'accuracy (%)', '100']));
  });

  it('leave their value to the title where another mark lies on them', () => {
    const own: CellMark = { ...cells, values: [1.1, 2.2, 3.3, 4.4, 5.5] };
    const dot: DotMark = { mark: 'dot', arm: 'first', x: [10], y: [0] };
    const [plain, marked] = [[own], [own, dot]].map((marks) => texts({ ...heat, marks }));
    expect(plain?.filter((text) => !marked?.includes(text))).toEqual(['2.2']);
    const titles = [...draw({ ...heat, marks: [own, dot] }).querySelectorAll('rect title')];
    expect(titles.map((title) => title.textContent)).toContain('power 10, number 0: 2.2');
  });

  it('are crossed out from corner to corner where it is known why they have no value, and say so', () => {
    const lost = [undefined, 'diverged', undefined, undefined, undefined];
    const figure: PlotFigure = { ...heat, marks: [{ ...cells, lost }] };
    const crossed = draw(figure).querySelectorAll('path[d*="M"][stroke="var(--muted)"][pointer-events]');
    expect(crossed).toHaveLength(1);
    const [, middle] = rects(figure);
    const ends = [...(crossed[0]?.getAttribute('d') ?? '').matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    expect(ends).toHaveLength(4);
    const inside = ([x = 0, y = 0]: readonly number[]): boolean =>
      x > (middle?.x ?? 0) && x < (middle?.right ?? 0) && y > (middle?.y ?? 0) && y < (middle?.bottom ?? 0);
    expect(ends.every(inside)).toBe(true);
    expect(middle?.opacity).toBe(0);
    const titles = [...draw(figure).querySelectorAll('rect title')].map((title) => title.textContent);
    expect(titles[1]).toBe('power 10, number 0: diverged');
    // Its value is written there no more; the other 2 is the colour bar's.
    expect(texts(heat).length - texts(figure).length).toBe(1);
  });

  it('part at 0 where values have both signs, and not on a log scale', () => {
    const of = (values: readonly number[], scale: 'linear' | 'log' = 'linear') =>
      cellColours([{ ...cells, values, colour: { ...cells.colour, scale } }]);
    const both = of([-1, 0, 2]);
    expect(both.domain).toEqual([-2, 2]);
    expect([-1, 1].map((value) => both.of(value).role)).toEqual(['cell-low', 'cell-high']);
    expect(both.of(-1).opacity).toBe(both.of(1).opacity);
    const powers = of([1, 10, 100], 'log');
    const [low, middle, high] = [1, 10, 100].map((value) => powers.of(value).opacity) as [number, number, number];
    expect(middle - low).toBeCloseTo(high - middle, 9);
  });

  it('are written only where all texts have room, and many have no titles', () => {
    const many = Array.from({ length: 30 * 20 }, (_, i) => i);
    const mark = { ...cells, x: many.map((i) => 1 + (i % 30)), y: many.map((i) => Math.floor(i / 30)), values: many };
    const body = draw({ ...base, marks: [mark] });
    expect(body.querySelectorAll('rect title')).toHaveLength(0);
    expect([...body.querySelectorAll('text')].map((text) => text.textContent)).not.toContain('599');
    expect(thumbnail({ ...base, marks: [mark] }).text).toContain('<rect');
  });
});

describe('dots', () => {
  const dots: DotMark = {
    mark: 'dot',
    arm: 'a',
    x: [1, 2, 2, Number.NaN, 3],
    y: [1, 2, 2, 5, Number.POSITIVE_INFINITY],
  };
  const path = (figure: PlotFigure, arm: number) =>
    draw(figure).querySelector(`path[fill="var(--series-${arm})"][fill-opacity]`)?.getAttribute('d') ?? '';

  it('are one to a pixel, inside the frame, and an arrow beyond it', () => {
    const figure = { ...base, marks: [dots] };
    expect(path(figure, 1).match(/M/g)).toHaveLength(2);
    expect(draw(figure).querySelectorAll('path[fill="var(--series-1)"]:not([fill-opacity])')).toHaveLength(1);
  });

  it('differ in shape by arm, and have bars for their intervals', () => {
    const interval = { along: 'x', low: [0, 1, 1, 1, 2], high: [2, 3, 3, 3, 4] } as const;
    const figure = { ...base, marks: [dots, { ...dots, arm: 'b', interval }] };
    const shape = (arm: number) =>
      path(figure, arm)
        .replaceAll(/M[^a-zA-Z]+/g, '')
        .split('z')[0];
    expect(shape(1)).not.toBe(shape(2));
    const bars = [...draw(figure).querySelectorAll('path[stroke="var(--series-2)"]')];
    expect(bars).toHaveLength(3);
    expect(texts(figure)).toEqual(expect.arrayContaining(['a', 'b']));
  });
});

describe('ridges', () => {
  const ridge: RidgeMark = { mark: 'ridge', arm: 'a', base: 0, edges: [0, 2, 4, 6], heights: [5, 15, 10] };
  const figure: PlotFigure = { ...base, marks: [ridge, { ...ridge, base: 10, heights: [15, 5, 0] }] };
  const points = (data: string): [number, number][] =>
    [...data.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  const outlines = (of: PlotFigure) =>
    [...draw(of).querySelectorAll('path[fill="var(--series-1)"]')].map((path) => points(path.getAttribute('d') ?? ''));

  it('rise from their bases over the middles of their bins, on the axes of the figure', () => {
    const [behind = [], front = []] = outlines(figure);
    const [left = 0, first = 0, second = 0, third = 0, right = 0] = front.map(([x]) => x);
    const width = right - left;
    expect([first, second, third].map((x) => (x - left) / width)).toEqual(
      [1, 3, 5].map((x) => expect.closeTo(x / 6, 2)),
    );
    const [ground = 0, ...rises] = front.map(([, y]) => y);
    const unit = (ground - (behind[0]?.[1] ?? 0)) / 10;
    expect(rises.map((y) => (ground - y) / unit)).toEqual([5, 15, 10, 0].map((height) => expect.closeTo(height, 1)));
    expect(behind.map(([, y]) => (ground - y) / unit)).toEqual(
      [10, 25, 15, 10, 10].map((height) => expect.closeTo(height, 1)),
    );
  });

  it('are drawn from the back to the front, each over the paper, and need no name where there is one arm', () => {
    const bases = outlines({ ...figure, marks: figure.marks.toReversed() }).map((points) => points[0]?.[1] ?? 0);
    expect(bases).toHaveLength(2);
    expect(bases[0]).toBeLessThan(bases[1] ?? 0);
    expect(draw(figure).querySelectorAll('path[fill="var(--paper)"]')).toHaveLength(2);
    expect(texts(figure)).not.toContain('a');
    expect(texts({ ...figure, marks: [...figure.marks, { ...ridge, arm: 'b' }] })).toEqual(
      expect.arrayContaining(['a', 'b']),
    );
    const panels = {
      ...figure,
      marks: [
        { ...ridge, panel: 'left' },
        { ...ridge, arm: 'b', panel: 'right' },
      ],
    };
    expect(texts(panels).filter((text) => ['a', 'b', 'left', 'right'].includes(text ?? ''))).toEqual(['left', 'right']);
  });

  it('are in thumbnails too', () => {
    expect(thumbnail(figure).text.match(/var\(--series-1\)/g)?.length).toBeGreaterThan(1);
  });
});

describe('names on an axis', () => {
  it('stand from the top down, with equal room', () => {
    const categories = ['mlp', 'vgg', 'resnet'];
    const figure = {
      ...base,
      y: { ...number, categories },
      marks: [{ mark: 'dot', arm: 'a', x: [1, 2], y: [0, 2] }],
    } as const;
    const heights = [...draw(figure).querySelectorAll('text[text-anchor=end]')].map((text) => [
      text.textContent,
      Number(text.getAttribute('y')),
    ]);
    expect(heights.map(([name]) => name)).toEqual(categories);
    const [one = 0, two = 0, three = 0] = heights.map(([, y]) => Number(y));
    expect(two).toBeGreaterThan(one);
    expect(three - two).toBeCloseTo(two - one, 0);
  });

  it('have room for all lines of the longest', () => {
    const categories = [
      'short',
      'a name of so many words that it stands in three lines or more beside the frame of a small panel',
    ];
    const figure = {
      ...base,
      y: { ...number, categories: Array.from({ length: 20 }, (_, i) => categories[i % 2] ?? '') },
      marks: [{ mark: 'dot', arm: 'a', x: [1, 2], y: [0, 2] }],
    } as const;
    const heights = [...draw(figure).querySelectorAll('text[text-anchor=end]')].map((text) =>
      Number(text.getAttribute('y')),
    );
    const gaps = heights.slice(1).map((height, i) => height - (heights[i] ?? 0));
    // Lines of a block stand 15 px apart; so must those of two names.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15);
  });
});

describe('names on a horizontal axis', () => {
  const named = (categories: readonly string[]) =>
    draw({
      ...base,
      x: { ...number, categories },
      marks: [{ mark: 'dot', arm: 'a', x: categories.map((_, i) => i), y: categories.map((_, i) => i) }],
    });
  const turned = (found: ReturnType<typeof named>) =>
    [...found.querySelectorAll('text[transform]')].map((text) => text.textContent);

  it('are broken between words where these fit', () => {
    expect(turned(named(['at equal steps', 'at matched loss']))).toEqual([]);
  });

  it('read upwards, whole, where a word would be broken, and the figure is as much higher', () => {
    const categories = Array.from({ length: 12 }, (_, i) => `Adam, matched loss, median ${i}`);
    const found = named(categories);
    expect(turned(found)).toEqual(categories);
    const height = (svg: typeof found) => Number(svg.querySelector('svg')?.getAttribute('viewBox')?.split(' ')[3]);
    expect(height(found) - height(named(['a', 'b']))).toBeGreaterThan(120);
  });
});

describe('panels', () => {
  const line = (panel: string, arm: string, height: number): LineMark => ({
    mark: 'line',
    arm,
    panel,
    x: [0, 1, 2],
    y: [0, height, 2 * height],
  });
  const names = ['mlp', 'vgg', 'resnet'];
  const facets: PlotFigure = {
    ...base,
    marks: [
      ...names.flatMap((name, i) => [line(name, 'standard', i + 1), line(name, 'batch', 2)]),
      { mark: 'rule', kind: 'theory', label: 'limit', value: 4 },
    ],
  };

  it.each(['wide', 'panel'] as const)('share scales, have a title each and one legend (%s)', (size) => {
    const body = bodyOf(inlineFigure(facets, size).text);
    const written = [...body.querySelectorAll('text')].map((text) => text.textContent);
    for (const name of names) expect(written.filter((text) => text === name)).toHaveLength(1);
    for (const name of ['standard', 'batch norm']) expect(written.filter((text) => text === name)).toHaveLength(1);
    // A mark that names no panel stands in each of them.
    expect(written.filter((text) => text === 'limit')).toHaveLength(3);
    const rises = [...body.querySelectorAll('path[stroke="var(--standard)"][stroke-width="2.2"]')].map((path) => {
      const [, from, to] = /^M[\d.]+,([\d.]+) .* [\d.]+,([\d.]+)$/.exec(path.getAttribute('d') ?? '') ?? [];
      return Number(from) - Number(to);
    });
    const [first = 0, second = 0, third = 0] = rises;
    expect([second / first, third / first]).toEqual([expect.closeTo(2, 1), expect.closeTo(3, 1)]);
  });

  it('stand in rows of three where there is room, of two on a phone, and make the figure higher', () => {
    const lefts = (size: 'wide' | 'panel') =>
      new Set(
        [...bodyOf(inlineFigure(facets, size).text).querySelectorAll('text[font-weight]')]
          .filter((text) => names.includes(text.textContent ?? ''))
          .map((text) => text.getAttribute('x')),
      ).size;
    expect([lefts('wide'), lefts('panel')]).toEqual([3, 2]);
  });

  it('are shown whole as a thumbnail', () => {
    expect(thumbnail(facets).text).toContain('<use href="#f-panel-drawing"/>');
  });
});

describe('names of more arms than fit', () => {
  it('stand under the figure, each once', () => {
    const arms = Array.from({ length: 24 }, (_, i) => `arm ${i + 1}`);
    const marks = arms.map((arm, i): LineMark => ({ mark: 'line', arm, x: [0, 1], y: [0, i] }));
    const figure = { ...base, marks };
    expect(texts(figure).filter((text) => text?.startsWith('arm'))).toEqual(arms);
    const heightOf = (one: PlotFigure) => Number(draw(one).querySelector('svg')?.getAttribute('height'));
    expect(heightOf(figure)).toBeGreaterThan(heightOf({ ...base, marks: marks.slice(0, 5) }));
  });
});

describe('drawFigure', () => {
  it('brings the colours of both schemes, and is drawn anew as its data grow', () => {
    const { document } = parseHTML('<!doctype html><html><body><div></div></body></html>');
    const place = document.querySelector('div');
    if (place === null) throw new Error('the page has a place for the figure');
    const points = [2, 9, 30].map((count) => {
      const x = Array.from({ length: count }, (_, i) => i);
      place.innerHTML = drawFigure({ ...base, marks: [{ mark: 'line', arm: 'batch', x, y: x.map(Math.sqrt) }] });
      return place.querySelector('path[stroke="var(--batch)"]')?.getAttribute('d')?.split(' ').length;
    });
    expect(points).toEqual([2, 9, 30]);
    expect(place.querySelectorAll('svg')).toHaveLength(1);
    expect(place.querySelector('svg')?.getAttribute('style')).toContain('--batch:light-dark(#0072b2,#56a9dd)');
    expect(place.querySelector('title')?.textContent).toBe('Made up');
  });

  it.each([['cells', heat]])('writes all colours of %s out in a file', (_, figure) => {
    expect(renderFigure(figure)).not.toMatch(/var\(|NaN|undefined/);
  });
});
