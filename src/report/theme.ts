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
  | 'gradient'
  | 'gradient-text'
  | 'gradient-zone'
  | 'standard'
  | 'standard-text'
  | 'batch'
  | 'batch-text'
  | 'noisy'
  | 'noisy-text'
  | 'theory'
  | 'theory-text'
  | 'first'
  | 'first-text'
  | 'second'
  | 'second-text'
  | 'third'
  | 'third-text';

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
  first: ['#009e73', '#3fc79c'],
  'first-text': ['#00704f', '#5cd3ad'],
  second: ['#cc79a7', '#e09cc3'],
  'second-text': ['#97456f', '#e8b0cf'],
  third: ['#56b4e9', '#7cc6f0'],
  'third-text': ['#1a6a99', '#97d2f4'],
};

/** How an arm is called wherever the report names it; empty where its label does. */
export const armNames: Readonly<Record<ArmName, string>> = {
  standard: 'standard',
  batch: 'batch norm',
  noisy: 'noisy batch norm',
  theory: 'theory',
  first: '',
  second: '',
  third: '',
};

/** The order of arms in labels and dash patterns. */
export const armOrder: readonly ArmName[] = ['standard', 'batch', 'noisy', 'first', 'second', 'third', 'theory'];

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
