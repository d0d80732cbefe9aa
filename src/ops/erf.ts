import { mul } from '../graph/arithmetic.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = 2/√π ∫₀ˣ exp(−t²) dt; dx = dy · 2/√π · exp(−x²). */
export const erfOp: OpDef<'Erf'> = {
  infer: inferUnary,
  vjp: ({ g, inputs: [x], cotangents: [dy] }) => [
    mul(g, mul(g, dy, 2 / Math.sqrt(Math.PI)), g.emit('Exp', [g.emit('Neg', [mul(g, x, x)])])),
  ],
  onnx: (context) => {
    const [x] = context.inputs;
    return x.dtype === 'float64' ? [sineSeries(context.b, x)] : sameOp('Erf')(context);
  },
};

/** erf(±6) is ±1 to 2e-17. */
const END = 6;
/** A smoothed square wave of half period 2 END: its next jump is END away from where x may be. */
const FREQUENCY = Math.PI / (2 * END);
/** Odd multiples of the frequency, up to where amplitudes are below 1e-17. */
const harmonics = Array.from({ length: 25 }, (_, k) => 2 * k + 1);

/**
 * In float64, which ORT's Erf does not know: a square wave is 4/π Σ sin(n ω x)/n over odd n, and smoothing it by the Gaussian
 * exp(−t²)/√π multiplies each term by exp(−(n ω/2)²). Near its jump that is erf(x), to rounding.
 */
function sineSeries(b: PhysicalBuilder, x: PhysicalValue): PhysicalValue {
  const terms = [...x.shape, harmonics.length];
  const limits = [-END, END].map((limit) => b.constant([limit], [], x.dtype));
  const inside = b.emit('Clip', [x, ...limits], {}, x.shape);
  const column = b.emit('Reshape', [inside, b.ints([...x.shape, 1])], {}, [...x.shape, 1]);
  const frequencies = harmonics.map((n) => n * FREQUENCY);
  const angles = b.emit('Mul', [column, b.constant(frequencies, [terms.at(-1) ?? 1], x.dtype)], {}, terms);
  const amplitudes = harmonics.map((n) => {
    const half = (n * FREQUENCY) / 2;
    return (4 / (Math.PI * n)) * Math.exp(-half * half);
  });
  const sines = b.emit('Sin', [angles], {}, terms);
  return b.emit('MatMul', [sines, b.constant(amplitudes, [amplitudes.length], x.dtype)], {}, x.shape);
}
