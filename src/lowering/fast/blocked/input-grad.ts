/**
 * @file The input gradient of a strided convolution as one convolution of stride 1: the pixels of x that leave the same
 * rest by the strides are results of channels of their own, and are put in their places afterwards.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import type { BlockSize } from '../../../graph/stored-layout.ts';
import { sizeAt } from '../../../graph/tensor-type.ts';
import type { ConvGeometry } from '../convolution-geometry.ts';
import { concat, filled, padAxes, reshape, transpose } from '../emit.ts';
import { type NchwcConv, reorderInput, stored } from './nchwc.ts';

export interface InputGradPlan {
  /** Names everything that the weights depend on. */
  readonly key: string;
  /** Names the form of the raw result. */
  readonly space: string;
  readonly conv: NchwcConv;
  /** Weights [K/16, C/16, R, S, 16, 16] as the convolution of the gradient takes them. */
  readonly weights: (b: PhysicalBuilder, w: PhysicalValue) => PhysicalValue;
  /** What is convolved, of the gradients [N, K/16, P, Q, 16]; default those themselves. */
  readonly gradients?: (b: PhysicalBuilder, g: PhysicalValue) => PhysicalValue;
  /** The raw result as images [N, C/16, H, W, 16]. */
  readonly finish: (b: PhysicalBuilder, raw: PhysicalValue) => PhysicalValue;
}

/** One axis: pixel q · stride + phase takes from gradient q + shift through tap[phase][shift − least]. */
interface AxisPlan {
  readonly stride: number;
  /** Pixels per phase. */
  readonly length: number;
  /** Undefined where no tap reaches. */
  readonly taps: readonly (readonly (number | undefined)[])[];
  readonly before: number;
  readonly after: number;
}

/** Undefined where the gradient would have to be cut instead of padded. */
export function inputGradPlan(sizes: ConvGeometry, block: BlockSize): InputGradPlan | undefined {
  const { N, C, H, W, K, R, S, P, Q, strides, pads } = sizes;
  const rows = axisPlan(H, R, strides[0], pads[0], P);
  const columns = axisPlan(W, S, strides[1], pads[1], Q);
  const [blocks, kBlocks, perPair] = [C / block, K / block, block * block];
  const amounts = [rows.before, columns.before, rows.after, columns.after] as const;
  if (amounts.some((amount) => amount < 0)) return undefined;
  const [A, B] = [rows.stride, columns.stride];
  const [U, V] = [rows.taps[0]?.length ?? 0, columns.taps[0]?.length ?? 0];
  return {
    key: `input gradient ${[H, W, P, Q, ...strides, ...pads].join()}`,
    space: A * B === 1 ? 'images' : `phases ${[A, B, rows.length, columns.length].join()}`,
    conv: { kernel: [U, V], pads: amounts },
    weights: (b, w) => {
      const count = kBlocks * blocks * R * S;
      const order: number[] = [];
      for (const rowTaps of rows.taps)
        for (const columnTaps of columns.taps)
          for (let c = 0; c < blocks; c++)
            for (let k = 0; k < kBlocks; k++)
              for (const r of rowTaps)
                for (const s of columnTaps) {
                  const isReached = r !== undefined && s !== undefined;
                  order.push(isReached ? ((k * blocks + c) * R + r) * S + s : count);
                }
      const turned = reshape(b, reorderInput(b, reshape(b, w, [count, block, block / 4, 4]), false), [count, perPair]);
      const hasGaps = order.includes(count);
      const source = hasGaps ? concat(b, [turned, filled(b, 0, [1, perPair])], 0) : turned;
      const picked = b.emit('Gather', [source, b.ints(order)], { axis: 0 }, [order.length, perPair]);
      return reshape(b, picked, [A * B * C, K, U, V]);
    },
    finish: (b, raw) => {
      if (A * B === 1) return stored(b, raw);
      const phases = reshape(b, raw, [N, A, B, blocks, rows.length, columns.length, block]);
      const placed = transpose(b, phases, [0, 3, 4, 1, 5, 2, 6]);
      const covered = reshape(b, placed, [N, blocks, A * rows.length, B * columns.length, block]);
      return padAxes(b, covered, [0, 0, 0, 0], [0, 0, H - sizeAt(covered.shape, 2), W - sizeAt(covered.shape, 3)]);
    },
  };
}

/** For an axis of `length` pixels, `before` zeros in front, and `results` gradients. */
function axisPlan(length: number, kernel: number, stride: number, before: number, results: number): AxisPlan {
  const shiftOf = (phase: number, tap: number): number => (phase + before - tap) / stride;
  const phases = Array.from({ length: stride }, (_, phase) => phase);
  const all = Array.from({ length: kernel }, (_, tap) => tap);
  const shifts = phases.flatMap((phase) => all.map((tap) => shiftOf(phase, tap)).filter(Number.isInteger));
  const [least, most] = [Math.min(...shifts), Math.max(...shifts)];
  const places = Array.from({ length: most - least + 1 }, (_, i) => least + i);
  const pixels = Math.ceil(length / stride);
  return {
    stride,
    length: pixels,
    taps: phases.map((phase) => places.map((shift) => all.find((tap) => shiftOf(phase, tap) === shift))),
    before: -least,
    after: pixels - results + most,
  };
}
