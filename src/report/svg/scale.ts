/** @file Scales: from values to pixels, with the ticks that are drawn on them. */
import type { Axis } from '../../studies/figure.ts';
import { formatTick } from '../format.ts';
import { textWidth, wrapText } from './text.ts';

export interface Scale {
  readonly type: Axis['scale'];
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  /** Whether labels read upwards, each in one line, as some word of them is wider than its room. */
  readonly isTurned?: boolean;
  /** The lines of a tick's label. */
  label(tick: number): readonly string[];
  /** The pixel of a value; what lies outside the domain lands on its nearer end, NaN stays NaN. */
  at(value: number): number;
}

/**
 * A scale over what `values` hold: on a log axis their positive, on a linear one their finite numbers.
 * @param range - pixels of the low and the high end; pixels rise along a horizontal axis, and fall up a vertical one
 * @param rounding - `outwards` ends the domain at ticks, and at 0 where that is near; `none` at the values themselves
 */
export function makeScale(
  type: Axis['scale'],
  values: readonly number[],
  range: readonly [number, number],
  rounding: 'outwards' | 'none',
): Scale {
  const [start, end] = range;
  const span = Math.abs(end - start);
  const [low, high] = type === 'log' ? logDomain(values, rounding) : linearDomain(values, span, rounding);
  const place = type === 'log' ? Math.log : (value: number) => value;
  const origin = place(low);
  const pixels = (end - start) / (place(high) - origin);
  return {
    type,
    domain: [low, high],
    ticks: type === 'log' ? logTicks(low, high, span, end > start ? 45 : 20) : linearTicks(low, high, span),
    label: (tick) => [formatTick(tick, type)],
    at(value) {
      const inside = Math.max(low, Math.min(value, high));
      return start + (place(inside) - origin) * pixels;
    },
  };
}

/** The scale with other ticks, each written out in full. */
export function withTicks(scale: Scale, ticks: readonly number[]): Scale {
  return { ...scale, ticks, label: (tick) => [formatTick(tick, 'linear')] };
}

/**
 * A scale of names, of equal room each, the first at the start of the range.
 * @param room - the widest line of a label, px; as wide as the room of a name when omitted
 */
export function categoryScale(names: readonly string[], range: readonly [number, number], room?: number): Scale {
  const [start, end] = range;
  const slot = (end - start) / Math.max(1, names.length);
  const width = room ?? Math.abs(slot) - 6;
  const isTurned =
    room === undefined && names.some((name) => name.split(/\s+/u).some((word) => textWidth(word) > width));
  const domain = [-0.5, names.length - 0.5] as const;
  return {
    type: 'linear',
    domain,
    ticks: names.map((_, i) => i),
    isTurned,
    label: (tick) => (isTurned ? [names[tick] ?? ''] : wrapText(names[tick] ?? '', width)),
    at: (value) => start + (Math.max(domain[0], Math.min(value, domain[1])) + 0.5) * slot,
  };
}

function linearDomain(values: readonly number[], span: number, rounding: 'outwards' | 'none'): [number, number] {
  let [low, high] = extent(values.filter(Number.isFinite));
  if (low > high) return [0, 1];
  if (rounding === 'outwards' && low > 0 && low < high / 2) low = 0;
  if (low === high) [low, high] = low === 0 ? [0, 1] : [Math.min(0, 2 * low), Math.max(0, 2 * low)];
  if (rounding === 'none') return [low, high];
  const step = tickStep(low, high, span);
  return [step * Math.floor(low / step + 1e-9), step * Math.ceil(high / step - 1e-9)];
}

function logDomain(values: readonly number[], rounding: 'outwards' | 'none'): [number, number] {
  const [low, high] = extent(values.filter((value) => value > 0 && Number.isFinite(value)));
  if (low > high) return [1, 10];
  if (rounding === 'none' && low < high) return [low, high];
  // At least one decade, so that noise does not look like a trend, and a little air.
  const decades = Math.log10(high / low);
  const pad = Math.max(0.04 * decades, (1 - decades) / 2);
  return [low * 10 ** -pad, high * 10 ** pad];
}

function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** 1, 2 or 5 times a power of ten, so that ticks stand at least 50 px apart. */
function tickStep(low: number, high: number, span: number): number {
  const rough = (high - low) / Math.max(2, span / 50);
  const power = Math.floor(Math.log10(rough));
  const multiple = [1, 2, 5, 10].find((candidate) => candidate * 10 ** power >= rough * 0.999) ?? 10;
  return multiple * 10 ** power;
}

function linearTicks(low: number, high: number, span: number): readonly number[] {
  const step = tickStep(low, high, span);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Twelve digits: 3 × 0.1 is then 0.3.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Powers of ten, with 2 and 5 between them where those stand `apart` px from each other, the width or the height of a label;
 * every second, third, … where there are many.
 */
function logTicks(low: number, high: number, span: number, apart: number): readonly number[] {
  const decades = Math.log10(high / low);
  const multiples = (Math.log10(2) * span) / decades >= apart ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(decades / Math.max(2, span / 35)));
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
    if (exponent % stride === 0) ticks.push(...multiples.map((multiple) => Number(`${multiple}e${exponent}`)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}
