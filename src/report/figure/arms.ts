/** @file How arms look: a name, a colour, and a dash and a shape that tell them apart without colour. */
import type { Mark, PlotFigure } from '../../studies/figure.ts';
import type { Hue } from '../theme.ts';

/** Arms that have a name and a colour of their own wherever they occur, in the order in which labels stand. */
const known: ReadonlyMap<string, { readonly name: string; readonly hue: Hue }> = new Map([
  ['standard', { name: 'standard', hue: 'standard' }],
  ['batch', { name: 'batch norm', hue: 'batch' }],
  ['noisy', { name: 'noisy batch norm', hue: 'noisy' }],
  ['theory', { name: 'theory', hue: 'theory' }],
]);

const others = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5'] as const satisfies readonly Hue[];

const dashes: readonly (string | undefined)[] = [undefined, '6 3', '2 2.5', '8 2.5 2 2.5', '13 3'];

/** Path data of a dot around the current point. */
const shapes = [
  'm-3,0a3,3 0 1 0 6,0a3,3 0 1 0-6,0',
  'm-2.7-2.7h5.4v5.4h-5.4z',
  'm0-3.8l3.5 6.2h-7z',
  'm0-4l4 4l-4 4l-4-4z',
  'm0 3.8l3.5-6.2h-7z',
] as const;

export interface Arm {
  readonly arm: string;
  readonly name: string;
  readonly hue: Hue;
}

/** The arms of a figure: those known everywhere, then its own by the colours that it gives them, theory last. */
export function armsOf(figure: PlotFigure): readonly Arm[] {
  const drawn = new Set(figure.marks.map(armOf));
  const own = [...new Set([...(figure.arms ?? []), ...drawn])].filter(
    (arm): arm is string => arm !== undefined && !known.has(arm),
  );
  const named = own.map((arm, i): Arm => ({ arm, name: arm, hue: others[i % others.length] ?? 'series-1' }));
  const everywhere = [...known].map(([arm, look]): Arm => ({ arm, ...look }));
  return [
    ...everywhere.filter(({ arm }) => arm !== 'theory'),
    ...named,
    ...everywhere.filter(({ arm }) => arm === 'theory'),
  ].filter(({ arm }) => drawn.has(arm));
}

/** The arm of a mark; references and cells have none. */
export function armOf(mark: Mark): string | undefined {
  return 'arm' in mark ? mark.arm : undefined;
}

/** `stroke-dasharray` and the shape of dots. */
export interface Pattern {
  readonly dash: string | undefined;
  readonly shape: string;
}

/** Patterns for series of these colours: the next in order, unless a series of the same colour has it already. */
export function patternsFor(hues: readonly Hue[]): readonly Pattern[] {
  const taken = new Set<string>();
  return hues.map((hue, i) => {
    if (hue === 'theory') return { dash: undefined, shape: shapes[0] };
    const turns = dashes.map((_, turn) => (i + turn) % dashes.length);
    const chosen = turns.find((at) => !taken.has(`${hue} ${at}`)) ?? i % dashes.length;
    taken.add(`${hue} ${chosen}`);
    return { dash: dashes[chosen], shape: shapes[chosen] ?? shapes[0] };
  });
}
