import { describe, expect, it } from 'vitest';
import { type Hue, colours } from './theme.ts';

const hues = [
  'standard',
  'batch',
  'noisy',
  'theory',
  'series-1',
  'series-2',
  'series-3',
  'series-4',
  'series-5',
] as const satisfies readonly Hue[];

/** Linear red, green and blue as they reach an eye without one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1. */
const eyes: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'all cones': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(hex: string): readonly number[] {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** CIE 1976 L*a*b* under D65. */
function lab(hex: string, eye: readonly (readonly number[])[]): readonly number[] {
  const seen = eye.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, one, i) => sum + one * (linear(hex)[i] ?? 0), 0),
      ),
    ),
  );
  const [red = 0, green = 0, blue = 0] = seen;
  const curve = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = linear(hex);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('colours of arms, %s', (_, side) => {
  it.each(Object.entries(eyes))('stay apart for an eye with %s', (__, eye) => {
    const seen = hues.map((hue) => lab(colours[hue][side], eye));
    for (const [i, one] of seen.entries()) {
      for (const [j, other] of seen.slice(0, i).entries()) {
        // 2.3 is what can just be told apart side by side; lines are thin and lie apart.
        expect(Math.hypot(...one.map((value, k) => value - (other[k] ?? 0))), `${hues[i]}, ${hues[j]}`).toBeGreaterThan(
          10,
        );
      }
    }
  });

  it('have texts with a contrast of at least 4.5 against the paper', () => {
    for (const hue of hues) {
      const [low = 0, high = 0] = [colours[`${hue}-text`][side], colours.paper[side]]
        .map(luminance)
        .sort((a, b) => a - b);
      expect((high + 0.05) / (low + 0.05), hue).toBeGreaterThan(4.5);
    }
  });
});
