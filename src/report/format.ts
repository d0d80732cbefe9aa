/** @file Numbers as the report writes them: three significant digits, a true minus sign, intervals with equal decimals. */

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const MINUS = '−';
/** U+202F: groups the digits of a long integer without letting it break. */
const NARROW_SPACE = ' ';
const SI_PREFIXES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/**
 * A number to three significant digits: `1.83`, `0.0412`, `1230`, `4.30×10⁶`.
 * Integers below a million are exact (`15 000`), since they count something, and a setting such as 0.1 stays `0.1`:
 * only what was cut off ends in zeros. NaN is a dash and infinity is `∞`.
 */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (value < 0) return MINUS + formatNumber(-value);
  if (value === Number.POSITIVE_INFINITY) return '∞';
  if (Number.isInteger(value) && value < 1e6) return grouped(value);
  const [digits = '', power = ''] = value.toExponential(2).split('e');
  const exponent = Number(power);
  if (exponent < -3 || exponent >= 5) return `${digits}×10${superscript(exponent)}`;
  if (exponent <= 2 && Number(`${digits}e${power}`) === value) return String(value);
  return exponent <= 2 ? value.toFixed(2 - exponent) : grouped(Number(`${digits}e${power}`));
}

/**
 * A mean with the ends of its interval, `1.83 [1.48, 2.18]`: all three with the same decimals, as many as give the
 * largest three significant digits, and more where the interval would otherwise shrink to a point.
 */
export function formatInterval(interval: {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}): string {
  const values = [interval.mean, interval.lower, interval.upper];
  const largest = Math.max(...values.map(Math.abs));
  const halfWidth = (interval.upper - interval.lower) / 2;
  const bySize = decimalsFor(largest, 3);
  const byWidth = halfWidth > 0 ? Math.min(decimalsFor(halfWidth, 1), decimalsFor(largest, 6)) : 0;
  const decimals = Math.max(0, bySize, byWidth);
  const plain = values.every(Number.isFinite) && largest < 1e5 && (largest === 0 || largest >= 1e-3);
  const [mean, lower, upper] = values.map((value) => (plain ? fixed(value, decimals) : formatNumber(value)));
  return `${mean} [${lower}, ${upper}]`;
}

/** Text in which a number such as `6.1e-14` stands as `6.1×10⁻¹⁴`, and `1e-5` as `10⁻⁵`. */
export function withPowers(text: string): string {
  return text.replace(/(?<![\w.])(\d+(?:\.\d+)?)e([-+]?\d+)(?![\w.]*\w)/g, (_, digits: string, exponent: string) => {
    const power = `10${superscript(Number(exponent))}`;
    return digits === '1' ? power : `${digits}×${power}`;
  });
}

/** An axis tick: as short as it can be, `0.5`, `200`, `15k`, `10⁶`. */
export function formatTick(value: number, scale: 'linear' | 'log'): string {
  if (value < 0) return MINUS + formatTick(-value, scale);
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  if (scale === 'log' && (exponent > 3 || exponent < -3)) {
    const leading = Math.round(value / 10 ** exponent);
    return `${leading === 1 ? '' : `${leading}×`}10${superscript(exponent)}`;
  }
  if (value < 1e-3 || value >= 1e15) {
    return `${Number((value / 10 ** exponent).toPrecision(3))}×10${superscript(exponent)}`;
  }
  const [size, prefix] = (value >= 1e4 ? SI_PREFIXES.find(([least]) => value >= least) : undefined) ?? [1, ''];
  return `${Number((value / size).toPrecision(4))}${prefix}`;
}

/** A stretch of time: `0.42 s`, `38 s`, `7 min 12 s`, `1 h 4 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toPrecision(2))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return withRest(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function withRest(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** How many decimals give `value` that many significant digits. */
function decimalsFor(value: number, significant: number): number {
  return value > 0 && Number.isFinite(value) ? significant - 1 - Math.floor(Math.log10(value)) : significant - 1;
}

function fixed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

function grouped(value: number): string {
  const text = String(value);
  return text.length < 5 ? text : text.replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
}

function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? '');
  return (exponent < 0 ? '⁻' : '') + digits;
}
