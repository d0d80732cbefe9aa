import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LoweringName, loweringNames } from './lowering-choice.ts';
import { checkLowering } from './self-check.ts';
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

/** What rounding allows: Winograd F(4,3) loses about a digit against plain products. */
const expected: Readonly<Record<LoweringName, number>> = {
  portable: 3e-5,
  'portable-f2': 3e-5,
  'portable-direct': 3e-5,
  reference: 0,
};

describe('checkLowering()', () => {
  it.each(loweringNames)('trusts %s on this machine, to rounding', async (lowering) => {
    const check = await checkLowering(lowering);
    expect(check).toMatchObject({ lowering, passed: true });
    expect(check.error).toBeLessThanOrEqual(expected[lowering]);
  });

  const change = (name: string, index: number, value: (old: number) => number): typeof spoil => {
    return (outputs) => {
      const data = outputs[name]?.slice() as Float32Array;
      data[index] = value(data[index] ?? Number.NaN);
      outputs[name] = data;
    };
  };
  it.each([
    ['one wrong element of a result', change('second', 50, (old) => old + 1)],
    ['one wrong element of a gradient', change('gradient1', 7, (old) => -old)],
    ['a number that is not one', change('gradient0', 0, () => Number.NaN)],
    ['an infinity', change('loss', 0, () => Number.POSITIVE_INFINITY)],
    [
      'a missing output',
      (outputs: Record<string, TensorData>): void => {
        delete outputs['gradient3'];
      },
    ],
  ])('does not trust a lowering with %s', async (_, fault) => {
    spoil = fault;
    const check = await checkLowering('portable');
    expect(check.passed).toBe(false);
    expect(check.error).toBeGreaterThan(1e-3);
  });
});
