/** @file Colours by role, light and dark; those of arms are Okabe and Ito's and two more, lightened for dark. */

/** Who lines belong to: the arms that have their colour everywhere, and the colours that all others take in order. */
export type Hue = 'standard' | 'batch' | 'noisy' | 'theory' | `series-${1 | 2 | 3 | 4 | 5}`;

/** A role that figures and page refer to as `var(--role)`. Light values differ from each other: see `renderFigure`. */
export type ColourRole =
  | 'paper'
  | 'ink'
  | 'muted'
  | 'published'
  | 'rule'
  | 'zone'
  | 'gradient'
  | 'gradient-text'
  | 'gradient-zone'
  | 'cell-low'
  | 'cell-high'
  | Hue
  | `${Hue}-text`;

/** Light value, dark value. Text colours have a contrast of at least 4.5 against the paper. */
export const colours: Readonly<Record<ColourRole, readonly [light: string, dark: string]>> = {
  paper: ['#fffefb', '#15171c'],
  ink: ['#1c1f26', '#e8e6e1'],
  muted: ['#5d636e', '#a3a8b1'],
  published: ['#767c87', '#8e949e'],
  rule: ['#e7e5df', '#2b2f37'],
  zone: ['#eef3ee', '#1b2723'],
  gradient: ['#b8588f', '#cc79a7'],
  'gradient-text': ['#96356d', '#e6a3c6'],
  'gradient-zone': ['#fbf0f6', '#2a1d26'],
  standard: ['#d55e00', '#f0853c'],
  'standard-text': ['#b04c00', '#f59a5c'],
  batch: ['#0072b2', '#56a9dd'],
  'batch-text': ['#00659e', '#7bbfe9'],
  noisy: ['#e69f00', '#f0b840'],
  'noisy-text': ['#875c00', '#f3c566'],
  theory: ['#1c1f27', '#e8e6e2'],
  'theory-text': ['#1c1f28', '#e8e6e3'],
  'series-1': ['#009e73', '#3fc79c'],
  'series-1-text': ['#00704f', '#5cd3ad'],
  'series-2': ['#cc79a7', '#e09cc3'],
  'series-2-text': ['#97456f', '#e8b0cf'],
  'series-3': ['#56b4e9', '#b3e2ff'],
  'series-3-text': ['#1a6a99', '#b4e3ff'],
  'series-4': ['#882255', '#b8336a'],
  'series-4-text': ['#882256', '#e07aa5'],
  'series-5': ['#4b2e83', '#7d6be8'],
  'series-5-text': ['#4b2e84', '#a79af5'],
  // Cells are so opaque as their values are large, over the paper.
  'cell-low': ['#8f3d00', '#e0813f'],
  'cell-high': ['#00518f', '#6fb3e6'],
};

/** `var(--role)`, as figures write it. */
export function colour(role: ColourRole): string {
  return `var(--${role})`;
}

/** CSS declarations of every role: `--paper:#fffefb;…`. */
export function colourDeclarations(scheme: 'light' | 'dark'): string {
  const side = scheme === 'light' ? 0 : 1;
  return Object.entries(colours)
    .map(([role, pair]) => `--${role}:${pair[side]};`)
    .join('');
}

/** Every system's own sans serif. */
export const sansSerif = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
