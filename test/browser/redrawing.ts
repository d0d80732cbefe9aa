/** @file A page that draws the same figure again while its data grow, and looks at what stands there each time. */

import { drawFigure, type PlotFigure } from '../../src/everywhere.ts';

export interface Redrawn {
  /** Points of the line after each drawing. */
  readonly points: readonly number[];
  /** The colour that the line has in a page of each scheme. */
  readonly strokes: Readonly<Record<'light' | 'dark', string>>;
  /** SVG elements in the end. */
  readonly pictures: number;
}

/** What the page needs of a document: the project has no types of browsers. */
interface Page {
  readonly body: PageElement;
  readonly documentElement: PageElement;
  readonly defaultView: { getComputedStyle(element: PageElement): { readonly stroke: string } };
  createElement(name: string): PageElement;
}

interface PageElement {
  innerHTML: string;
  readonly style: { colorScheme: string };
  append(child: PageElement): void;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement;
  querySelectorAll(selector: string): { readonly length: number };
}

function lossAfter(steps: number): PlotFigure {
  const x = Array.from({ length: steps }, (_, step) => step);
  return {
    id: 'loss',
    title: 'Loss',
    caption: 'Made up for a test.',
    x: { label: 'step', unit: '', scale: 'linear' },
    y: { label: 'loss', unit: 'nats', scale: 'log' },
    marks: [{ mark: 'line', arm: 'batch', x, y: x.map((step) => 2 / (1 + step)) }],
  };
}

export async function redrawn(page: Page): Promise<Redrawn> {
  const place = page.createElement('div');
  page.body.append(place);
  const line = (): PageElement => place.querySelector('path[stroke="var(--batch)"]');
  const points = [2, 11, 20, 29].map((steps) => {
    place.innerHTML = drawFigure(lossAfter(steps), { size: 'panel' });
    return line().getAttribute('d')?.split(' ').length ?? 0;
  });
  const strokeIn = (scheme: string): string => {
    page.documentElement.style.colorScheme = scheme;
    return page.defaultView.getComputedStyle(line()).stroke;
  };
  return {
    points,
    strokes: { light: strokeIn('light'), dark: strokeIn('dark') },
    pictures: page.body.querySelectorAll('svg').length,
  };
}
