/** @file Colours by role, light and dark, and the one colour of each arm (Okabe and Ito's palette, lightened for dark). */
import type { ArmName } from '../studies/figure.ts';

/** A role that figures and page refer to as `var(--role)`. Light values differ from each other: see `standalone.ts`. */
export type ColourRole =
  | 'paper'
  | 'ink'
  | 'muted'
  | 'published'
  | 'rule'
  | 'zone'
  | 'standard'
  | 'standard-text'
  | 'batch'
  | 'batch-text';

/** Light value, dark value. Text colours have a contrast of at least 4.5 against the paper. */
export const colours: Readonly<Record<ColourRole, readonly [light: string, dark: string]>> = {
  paper: ['#fffefb', '#15171c'],
  ink: ['#1c1f26', '#e8e6e1'],
  muted: ['#5d636e', '#a3a8b1'],
  published: ['#767c87', '#8e949e'],
  rule: ['#e7e5df', '#2b2f37'],
  zone: ['#eef3ee', '#1b2723'],
  standard: ['#d55e00', '#f0853c'],
  'standard-text': ['#b04c00', '#f59a5c'],
  batch: ['#0072b2', '#56a9dd'],
  'batch-text': ['#00659e', '#7bbfe9'],
};

/** How an arm is called wherever the report names it. */
export const armNames: Readonly<Record<ArmName, string>> = { standard: 'standard', batch: 'batch norm' };

/** The order of arms in labels and dash patterns. */
export const armOrder: readonly ArmName[] = ['standard', 'batch'];

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
