/**
 * @file Many small random numbers at once: noise of a step, one number for each activation. They are drawn from the streams
 * of `random.ts`, eight from a block of Philox4x32-10, and every one can be recomputed from what stands here.
 *
 * Draw i of a stream takes one field of 16 bits: block floor(i / 8) of the stream, word floor((i mod 8) / 2) of it, the
 * lower half for even i and the upper one for odd i. With k the field:
 *
 *     uniform: k / 2^16, in [0, 1)
 *     normal:  Φ̄⁻¹((2^15 − m − ½) / 2^16), with m the lower 15 bits of k, negative where the upper bit is set
 *
 * where Φ̄⁻¹(p) is what a standard normal number exceeds with probability p. So much of the distribution is one of 65,536
 * numbers, each the middle of a cell of equal probability. In the outermost cells, m ≥ 2^15 − 8 or |z| > 3.67, such a middle
 * would not do: r, word 0 of block 2^31 + i of the same stream, tells where in its cell the number is,
 *
 *     Φ̄⁻¹((2^15 − m − (r + ½) / 2^32) / 2^16),
 *
 * which reaches to 7.8. What is written is centre + width · number, each of the four rounded to float32 as it is computed,
 * also where the target holds float64: the same noise in every precision.
 */
import { drawsWasm } from './generated/draws-wasm.ts';
import { normalTail } from './normal-tail.ts';
import { blockOf, placeOf, type StreamKey, type StreamPlace } from './random.ts';

/** How numbers are spread around their centres. */
export interface Spread {
  readonly distribution: 'uniform' | 'normal';
  /** Multiplies the uniform number in [0, 1), or the standard normal one. */
  readonly width: number;
  /** Added to numbers 0, 1, 2, … in turn, and again from the first: one centre for each place along a last axis. */
  readonly centres: Float32Array;
}

/** Fills a target of at most 2^31 numbers with the draws of a stream. */
export function fillDraws(target: Float32Array | Float64Array, key: StreamKey, spread: Spread): void {
  kernel ??= new Kernel();
  kernel.fill(target, placeOf(key), spread);
}

/** Cells of one sign, each of probability 2^−16; of the outermost ones the numbers are not in the table. */
const CELLS = 2 ** 15;

/** The number at a share of a cell, from the inner edge of it. */
function normalAt(cell: number, share: number): number {
  return normalTail((CELLS - cell - share) / 2 ** 16);
}

/** What is used of WebAssembly, which no types declare that Node and browsers share. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/** What `draws.wat` exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly fill: (...words: number[]) => void;
}

/** Memory of the kernel: its table, the words of four blocks, then centres and draws. */
const CENTRES = 4 * CELLS + 64;
const PAGE = 2 ** 16;
/** Drawn by one call: few enough to stay in a processor's cache until they are copied. A multiple of 32. */
const DRAWN_AT_ONCE = 4096;

class Kernel {
  readonly #exports: Exports;
  readonly #words = new Uint32Array(4);
  /** Of the stream that is being drawn from. */
  #place: StreamPlace = { key: [0, 0], counter: [0, 0, 0] };

  constructor() {
    const outer = (block: number, lane: number, field: number): number => this.#outer(8 * block + lane, field);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(drawsWasm), { draws: { outer } });
    this.#exports = exports as Exports;
    const table = new Float32Array(this.#exports.memory.buffer, 0, CELLS);
    for (let cell = 0; cell < CELLS; cell++) table[cell] = normalAt(cell, 0.5);
  }

  fill(target: Float32Array | Float64Array, place: StreamPlace, { distribution, width, centres }: Spread): void {
    this.#place = place;
    // Eight are read at once: as many rounds of the centres as end with a multiple of eight.
    const period = centres.length * (8 / commonDivisor(centres.length, 8));
    const centresEnd = CENTRES + 4 * period;
    const first = 16 * Math.ceil(centresEnd / 16);
    const { memory, fill } = this.#exports;
    const missing = first + 4 * DRAWN_AT_ONCE - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    const repeated = new Float32Array(memory.buffer, CENTRES, period);
    for (let i = 0; i < period; i += centres.length) repeated.set(centres, i);
    const drawn = new Float32Array(memory.buffer, first, DRAWN_AT_ONCE);
    const isNormal = distribution === 'normal';
    for (let i = 0; i < target.length; i += DRAWN_AT_ONCE) {
      const count = Math.min(DRAWN_AT_ONCE, target.length - i);
      fill(
        isNormal ? 1 : 0,
        isNormal ? width : width / 2 ** 16,
        ...place.key,
        i / 8,
        ...place.counter,
        first,
        first + 4 * count,
        CENTRES + 4 * (i % period),
        CENTRES,
        centresEnd,
      );
      target.set(count === DRAWN_AT_ONCE ? drawn : drawn.subarray(0, count), i);
    }
  }

  /** The number of draw i, whose field is of an outermost cell. */
  #outer(i: number, field: number): number {
    blockOf(this.#words, this.#place, 2 ** 31 + i);
    const number = normalAt(field % CELLS, ((this.#words[0] as number) + 0.5) / 2 ** 32);
    return field < CELLS ? number : -number;
  }
}

/** Made when it is first needed: its table takes a while. */
let kernel: Kernel | undefined;

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
