import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ConvolutionName } from './lowering-choice.ts';
import { checkLowering } from './self-check.ts';
import { runnableLowerings } from '../testing/usual-lowering.ts';
import type { TensorData } from './tensor-data.ts';

/** What is done to the outputs of the lowering under test, plain ONNX left alone. */
let spoil: ((outputs: Record<string, TensorData>) => void) | undefined;
vi.mock('./device.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('./device.ts')>();
  class Spoilt extends original.Device {
    override async run(...args: Parameters<InstanceType<typeof original.Device>['run']>) {
      const outputs = { ...(await super.run(...args)) };
      if (this.settings.lowering !== 'reference') spoil?.(outputs);
      return outputs;
    }
  }
  return { ...original, Device: Spoilt };
});
afterEach(() => {
  spoil = undefined;
});

/**
 * Relative to the largest value of each tensor, as for gradients of whole networks (test/oracle/precisions.ts): roundings
 * of 6e-8 add up to a few 1e-6 through the layers, and Winograd's F(4,3) loses two bits more.
 */
const expected: Readonly<Record<ConvolutionName, number>> = { winograd4: 3e-5, winograd2: 1e-5, direct: 1e-5 };

describe('checkLowering()', () => {
  it.each(runnableLowerings)('trusts $lowering, $convolution on this machine, to rounding', async (settings) => {
    const check = await checkLowering(settings);
    expect(check).toMatchObject({ ...settings, passed: true });
    expect(check.error).toBeLessThanOrEqual(expected[settings.convolution]);
    // Float32 cannot be as near as this: the yardstick is float64, and is another computation.
    expect(check.error).toBeGreaterThan(1e-8);
  });

  const change = (name: string, index: number, value: (old: number) => number): typeof spoil => {
    return (outputs) => {
      const data = outputs[name]?.slice() as Float32Array;
      data[index] = value(data[index] ?? Number.NaN);
      outputs[name] = data;
    };
  };
  it.each([
    ['one wrong element of a result', change('strided', 50, (old) => old + 1)],
    ['one wrong element of a gradient', change('gradient of few', 7, (old) => -old)],
    ['a number that is not one', change('gradient of x', 0, () => Number.NaN)],
    ['an infinity', change('loss', 0, () => Number.POSITIVE_INFINITY)],
    [
      'a missing output',
      (outputs: Record<string, TensorData>): void => {
        delete outputs['gradient of norm/beta'];
      },
    ],
  ])('does not trust a lowering with %s', async (_, fault) => {
    spoil = fault;
    const check = await checkLowering({ lowering: 'portable' });
    expect(check.passed).toBe(false);
    expect(check.error).toBeGreaterThan(1e-3);
  });
});
