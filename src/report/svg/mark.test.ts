import { describe, expect, it } from 'vitest';
import { areaPath, linePath, runs } from './mark.ts';
import { textWidth, wrapText } from './text.ts';

describe('linePath', () => {
  it('breaks at what is not finite, and shows a lone point', () => {
    const ys = [1, 2.04, Number.NaN, 4, Number.POSITIVE_INFINITY, 6, 7];
    expect(linePath(ys.map((y, x) => ({ x, y })))).toBe('M0,1 1,2M3,4h1M5,6 6,7');
  });

  it('is empty without points', () => {
    expect(linePath([])).toBe('');
  });
});

describe('areaPath', () => {
  it('goes along the upper edge and back along the lower', () => {
    const points = [
      { x: 0, low: 5, high: 1 },
      { x: 10, low: 6, high: 2 },
      { x: 20, low: Number.NaN, high: 3 },
    ];
    expect(areaPath(points)).toBe('M0,1 10,2 10,6 0,5Z');
  });
});

describe('runs', () => {
  it('splits a list into the stretches that are kept', () => {
    expect(runs([1, 2, -1, 3, -1, -1, 4], (value) => value > 0)).toEqual([[1, 2], [3], [4]]);
  });
});

describe('wrapText', () => {
  it('keeps lines within the width, and loses no word', () => {
    const text = 'paper: the loss of the standard network spikes to about ten (Figure 4a)';
    const lines = wrapText(text, 150);
    expect(lines.join(' ')).toBe(text);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(150);
  });

  it('breaks a word that is longer than a line', () => {
    const lines = wrapText('a incomprehensibilities b', 80);
    expect(lines.join('').replaceAll(' ', '')).toBe('aincomprehensibilitiesb');
    expect(lines.length).toBeLessThanOrEqual(4);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
  });
});
