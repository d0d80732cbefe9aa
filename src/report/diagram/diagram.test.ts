import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { DiagramEdge, DiagramFigure, DiagramNode } from '../../studies/diagram.ts';
import { inlineFigure, renderFigure } from '../figure/figure.ts';
import type { Point } from '../svg/mark.ts';
import { layoutOf } from './diagram.ts';

const node = (id: string, more: Partial<DiagramNode> = {}): DiagramNode => ({
  id,
  kind: 'computed',
  label: id,
  details: [],
  ...more,
});
const edge = (from: string, to: string, more: Partial<DiagramEdge> = {}): DiagramEdge => ({
  from,
  to,
  label: '',
  kind: 'forward',
  ...more,
});

/** y = a x: two boxes side by side over a third. */
const product: DiagramFigure = {
  view: 'diagram',
  id: 'product',
  title: 'A product',
  caption: 'Made up for a test.',
  nodes: [
    node('x', { kind: 'input', value: 2, gradient: { label: '∂y/∂x', value: 3 }, place: { column: 0, row: 0 } }),
    node('a', { kind: 'parameter', value: 3, gradient: { label: '∂y/∂a', value: 2 }, place: { column: 1, row: 0 } }),
    node('y', { value: 6, place: { column: 0.5, row: 1 } }),
  ],
  edges: [
    edge('x', 'y', { label: 'a', value: 3, labelled: 'source' }),
    edge('a', 'y', { label: 'x', value: 2, labelled: 'source' }),
  ],
  legend: [
    { sample: 'value', text: 'value' },
    { sample: 'gradient', text: 'gradient' },
    { sample: 'label', text: 'derivative' },
    { sample: 'idle', text: 'nothing' },
  ],
};

/** The same without places, and with a backward pass. */
const chain: DiagramFigure = {
  ...product,
  id: 'chain',
  nodes: [
    node('x', { kind: 'input', details: ['data'] }),
    node('layer', { details: ['Conv'] }),
    node('back', { details: ['ConvInputGrad'], isBackward: true }),
    node('end', { isBackward: true }),
  ],
  edges: [
    edge('x', 'layer', { label: '[3, 5]' }),
    edge('layer', 'end', { kind: 'kept' }),
    edge('end', 'back', { label: '[5]', kind: 'backward' }),
    edge('x', 'back', { kind: 'kept' }),
  ],
};

const parse = (svg: string) => parseHTML(`<!doctype html><html><body>${svg}</body></html>`).document;
const texts = (svg: string): readonly string[] =>
  [...parse(svg).querySelectorAll('text')].map((text) => text.textContent ?? '');

describe('a diagram', () => {
  it('writes value and gradient into the boxes, formula and number on the edges, and a legend', () => {
    const written = [
      'a | 3 | x | 2',
      'x = 2 | ∂y/∂x = 3 | a = 3 | ∂y/∂a = 2 | y = 6',
      'x = 1 | value | ∂l/∂x | gradient | ∂y/∂x | derivative | nothing',
    ];
    expect(texts(inlineFigure(product, 'wide').text)).toEqual(written.join(' | ').split(' | '));
  });

  it('is a file like every other figure, the same at every call', () => {
    const svg = renderFigure(product);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toMatch(/var\(|NaN|undefined/);
    expect(renderFigure(structuredClone(product))).toBe(svg);
  });

  it('escapes labels', () => {
    const evil = '<script>alert(1)</script>';
    const svg = renderFigure({ ...chain, nodes: chain.nodes.map((given) => ({ ...given, label: evil })) });
    expect(svg).not.toContain('<script');
    expect(texts(svg)).toContain(evil);
  });

  it('tells what flows back from what flows forward, in colour and in dashes', () => {
    const strokes = (figure: DiagramFigure): readonly string[] =>
      [...parse(inlineFigure({ ...figure, legend: [] }, 'wide').text).querySelectorAll('path[fill=none]')].map(
        (path) => `${path.getAttribute('stroke')} ${path.getAttribute('stroke-dasharray') ?? 'solid'}`,
      );
    expect(strokes(chain)).toEqual([
      'var(--muted) solid',
      'var(--gradient) 1 4',
      'var(--gradient) 5 3',
      'var(--gradient) 1 4',
    ]);
    expect(strokes({ ...chain, edges: [edge('x', 'layer', { kind: 'idle' })] })).toEqual(['var(--muted) 2 4']);
  });

  it('refuses an edge that leads nowhere', () => {
    const lost = [edge('x', 'nowhere')];
    expect(() => layoutOf({ ...product, edges: lost })).toThrow(/must join nodes of their diagram, got 'nowhere'/);
    expect(() => layoutOf({ ...chain, edges: lost })).toThrow(/must join nodes of their diagram, got 'nowhere'/);
  });
});

describe('the layout', () => {
  const top = (figure: DiagramFigure, id: string): number =>
    layoutOf(figure).nodes.find((placed) => placed.node.id === id)?.box.top ?? Number.NaN;

  it('keeps rows and columns where they are given', () => {
    const [x, a, y] = layoutOf(product).nodes.map(({ box }) => box);
    expect(x?.top).toBe(a?.top);
    expect((x?.left ?? 0) + (x?.width ?? 0)).toBeLessThan(a?.left ?? 0);
    expect((x?.top ?? 0) + (x?.height ?? 0)).toBeLessThan(y?.top ?? 0);
  });

  it('leads the forward pass down and the backward pass up in a column of its own', () => {
    expect(top(chain, 'x')).toBeLessThan(top(chain, 'layer'));
    expect(top(chain, 'back')).toBeLessThan(top(chain, 'end'));
    const { nodes } = layoutOf(chain);
    const right = Math.max(
      ...nodes.filter(({ node: { isBackward } }) => !isBackward).map(({ box }) => box.left + box.width),
    );
    const left = Math.min(...nodes.filter(({ node: { isBackward } }) => isBackward).map(({ box }) => box.left));
    expect(right).toBeLessThan(left);
  });

  it('begins and ends every edge at the boxes that it joins', () => {
    for (const figure of [product, chain]) {
      const { nodes, edges } = layoutOf(figure);
      const fromOutline = (id: string, point: Point | undefined): number => {
        const box = nodes.find((placed) => placed.node.id === id)?.box;
        if (box === undefined || point === undefined) return Number.NaN;
        const [right, bottom] = [box.left + box.width, box.top + box.height];
        return Math.max(box.left - point.x, point.x - right, box.top - point.y, point.y - bottom);
      };
      for (const { edge: joining, curves } of edges) {
        expect(fromOutline(joining.from, curves[0]?.[0])).toBeCloseTo(0, 6);
        expect(fromOutline(joining.to, curves.at(-1)?.[3])).toBeCloseTo(0, 6);
      }
    }
  });
});
