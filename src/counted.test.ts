import { expect, it } from 'vitest';
import { counted } from './counted.ts';

it.each([
  [counted(0, 'step'), '0 steps'],
  [counted(1, 'step'), '1 step'],
  [counted(2, 'step'), '2 steps'],
  [counted(1, 'class', 'classes'), '1 class'],
  [counted(10, 'class', 'classes'), '10 classes'],
])('says %s', (said, expected) => {
  expect(said).toBe(expected);
});
