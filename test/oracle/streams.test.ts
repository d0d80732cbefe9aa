import { expect, it } from 'vitest';
import { type Golden, numbers, readGolden } from './golden.ts';
import { createStream, type RandomStream } from '../../src/math/random.ts';

interface StreamGolden extends Golden {
  readonly protocol: { readonly seed: number; readonly step: number };
  readonly draws: Readonly<Record<'uniform' | 'normal' | 'integers', { shape: readonly number[]; float64: string }>>;
}

it('random streams are the ones that the golden files were made with', () => {
  const { protocol, draws } = readGolden<StreamGolden>('streams-draws');
  const stream = (layer: string): RandomStream => createStream({ ...protocol, purpose: 'noise', layer });
  const expected = numbers(draws.uniform);
  const uniform = new Float32Array(expected.length);
  stream('uniform').fillUniform(uniform, -0.75, 1.5);
  expect([...uniform]).toEqual([...expected]);
  const normal = new Float32Array(expected.length);
  stream('normal').fillNormal(normal, 0, 0.3);
  expect([...normal]).toEqual([...numbers(draws.normal)]);
  const integers = stream('integers');
  expect(Array.from(expected, () => integers.integer(3 * 2 ** 30))).toEqual([...numbers(draws.integers)]);
});
