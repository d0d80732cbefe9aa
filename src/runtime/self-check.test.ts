import { describe, expect, it } from 'vitest';
import type { Device, OpenDevice, Program, Tensors } from './device.ts';
import { type ConvolutionName } from './lowering-choice.ts';
import { chooseLowering } from './choose-lowering.ts';
import { threadlessDevice } from './node/node-device.ts';
import { checkLowering } from './self-check.ts';
import { runnableLowerings } from '../testing/usual-lowering.ts';
import type { TensorData } from './tensor-data.ts';

type Fault = (outputs: Record<string, TensorData>) => void;

/** Devices whose outputs are spoilt, those of one lowering left alone. */
function spoilt(fault: Fault, sparing: string = 'reference'): OpenDevice {
  return (settings) => {
    const device = threadlessDevice(settings);
    const load = async (...asked: Parameters<Device['load']>): Promise<Program> => {
      const program = await device.load(...asked);
      const run = async (feeds: Tensors): Promise<Tensors> => {
        const outputs = { ...(await program.run(feeds)) };
        if (settings.lowering !== sparing) fault(outputs);
        return outputs;
      };
      return { ...program, run };
    };
    const sibling: Device['sibling'] = (other) => spoilt(fault, sparing)({ ...settings, ...other });
    return { settings, load, sibling, close: () => device.close() } as Device;
  };
}

/**
 * Relative to the largest value of each tensor, as for gradients of whole networks (test/oracle/precisions.ts): roundings
 * of 6e-8 add up to a few 1e-6 through the layers, and Winograd's F(4,3) loses two bits more.
 */
const expected: Readonly<Record<ConvolutionName, number>> = { winograd4: 3e-5, winograd2: 1e-5, direct: 1e-5 };

describe('checkLowering()', () => {
  it.each(runnableLowerings)('trusts $lowering, $convolution on this machine, to rounding', async (settings) => {
    const check = await checkLowering(settings, threadlessDevice);
    expect(check).toMatchObject({ ...settings, passed: true });
    expect(check.error).toBeLessThanOrEqual(expected[settings.convolution]);
    // Float32 cannot be as near as this: the yardstick is float64, and is another computation.
    expect(check.error).toBeGreaterThan(1e-8);
  });

  const change = (name: string, index: number, value: (old: number) => number): Fault => {
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
    const check = await checkLowering({ lowering: 'portable' }, spoilt(fault));
    expect(check.passed).toBe(false);
    expect(check.error).toBeGreaterThan(1e-3);
  });
});

describe('chooseLowering()', () => {
  const wrong: Fault = (outputs) => (outputs['loss'] = Float32Array.of(7));

  it('falls back on plain ONNX where all others are wrong, and says which', async () => {
    const { check, failed } = await chooseLowering({}, spoilt(wrong));
    expect(check).toMatchObject({ lowering: 'reference', passed: true });
    expect(failed.map(({ lowering }) => lowering)).toEqual(['blocked', 'blocked8', 'portable']);
  });

  it('refuses to compute at all where plain ONNX is wrong too', async () => {
    // By another fault each time: two that are wrong alike would agree.
    let fault = 0;
    const broken = spoilt((outputs) => (outputs['loss'] = Float32Array.of(fault++)), 'none');
    await expect(chooseLowering({ lowering: 'portable' }, broken)).rejects.toThrow(/^Plain ONNX must compute/);
  });
});
