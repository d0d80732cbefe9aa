/** @file What the commands print: lines for people, or one JSON value for machines. */

import { WIDTH, wrap } from './lines.ts';

export interface OutputOptions {
  readonly json?: boolean;
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints sentences: on a terminal, lines too long for it are broken between words. */
export function printProse(text: string): void {
  print(fitted(text, process.stdout));
}

/** Text as it is, or with lines no longer than the terminal's that a stream leads to. */
export function fitted(text: string, stream: NodeJS.WriteStream): string {
  if (!stream.isTTY) return text;
  const width = widthOf(stream);
  const broken = text.split('\n').map((line) => {
    if (line.length <= width) return line;
    const indent = /^ */.exec(line)?.[0] ?? '';
    const [first = '', ...others] = wrap(line.trim(), width - indent.length - 2);
    return [`${indent}${first}`, ...others.map((other) => `${indent}  ${other}`)].join('\n');
  });
  return broken.join('\n');
}

/** A label and a text beside it; on a terminal the text is broken into lines that stand under each other. */
export function hanging(label: string, text: string, stream: NodeJS.WriteStream): string {
  const indent = label.length + 2;
  const lines = stream.isTTY ? wrap(text, Math.max(20, widthOf(stream) - indent)) : [text];
  return `${label}  ${lines.join(`\n${' '.repeat(indent)}`)}`;
}

/** Characters in a line of a stream; some terminals do not tell. */
export function widthOf({ columns: told }: NodeJS.WriteStream): number {
  return told > 0 ? told : WIDTH;
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** 95 s as `1 min 35 s`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}
