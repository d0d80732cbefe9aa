import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { besideLine, spread } from './place.ts';

describe('spread', () => {
  it('leaves labels where they wish to be if there is room', () => {
    const wishes = [70, 20, 45].map((centre) => ({ centre, height: 10 }));
    expect(spread(wishes, 0, 100)).toEqual([70, 20, 45]);
  });

  it('moves a clash apart evenly', () => {
    const wishes = [50, 50].map((centre) => ({ centre, height: 10 }));
    expect(spread(wishes, 0, 100)).toEqual([45, 55]);
  });

  it('keeps labels inside', () => {
    expect(spread([{ centre: -20, height: 10 }], 0, 100)).toEqual([5]);
    expect(spread([{ centre: 99, height: 10 }], 0, 100)).toEqual([95]);
  });

  it('never lets labels overlap while they fit, and keeps their order', () => {
    const wish = fc.record({ centre: fc.integer({ min: -20, max: 220 }), height: fc.integer({ min: 5, max: 30 }) });
    fc.assert(
      fc.property(fc.array(wish, { minLength: 1, maxLength: 6 }), (wishes) => {
        const centres = spread(wishes, 0, 200);
        const placed = wishes.map((one, i) => ({ ...one, at: centres[i] ?? Number.NaN }));
        placed.sort((a, b) => a.at - b.at);
        placed.forEach((label, i) => {
          expect(label.at - label.height / 2).toBeGreaterThanOrEqual(-1e-9);
          expect(label.at + label.height / 2).toBeLessThanOrEqual(200 + 1e-9);
          const next = placed[i + 1];
          if (next === undefined) return;
          expect(next.at - label.at).toBeGreaterThanOrEqual((next.height + label.height) / 2 - 1e-9);
          expect(next.centre).toBeGreaterThanOrEqual(label.centre);
        });
      }),
    );
  });
});

describe('besideLine', () => {
  const frame = { left: 0, top: 0, width: 300, height: 200 };
  const size = { width: 100, height: 15 };

  it('stands at the right above the line where nothing is in the way', () => {
    expect(besideLine(size, 100, frame, [], [])).toEqual({ left: 200, top: 82, ...size });
  });

  it('avoids data', () => {
    const ink = [210, 250, 290].map((x) => ({ x, top: 0, bottom: 200 }));
    expect(besideLine(size, 100, frame, ink, []).left + size.width).toBeLessThan(210);
  });

  it('avoids other labels', () => {
    const first = besideLine(size, 100, frame, [], []);
    const second = besideLine(size, 102, frame, [], [first]);
    const apart = second.top >= first.top + 15 || first.top >= second.top + 15 || second.left + 100 <= first.left;
    expect(apart).toBe(true);
  });

  it('stays inside at the edges', () => {
    expect(besideLine(size, 2, frame, [], []).top).toBeGreaterThanOrEqual(2);
    expect(besideLine(size, 199, frame, [], []).top).toBeLessThanOrEqual(184);
  });
});
