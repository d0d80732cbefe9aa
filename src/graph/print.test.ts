import { describe, expect, it } from 'vitest';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { crossEntropy } from '../nn/losses.ts';
import { dense } from '../nn/layers.ts';
import { ops } from '../ops/index.ts';
import { add, mul } from './arithmetic.ts';
import { GraphBuilder } from './builder.ts';
import type { Graph, Role } from './graph.ts';
import { printGraph } from './print.ts';

/** A gradient step of a linear classifier: every kind of line. */
function linearStep(rate: number): Graph {
  const g = new GraphBuilder(ops);
  const x = g.input('x', [3, 5], { kind: 'data' });
  const labels = g.input('labels', [3], { kind: 'data' }, 'int32');
  const noise = g.input('noise', [3, 2], { kind: 'random', distribution: 'normal', stream: 'noise' });
  const logits = add(g, dense(g, 'head', x, 2, { initialiser: 'glorot', bias: true }), noise);
  const loss = crossEntropy(g, logits, labels);
  const weights = g.inputs.filter(({ role }) => role.kind === 'parameter').map(({ value }) => value);
  const gradients = grad(g, loss, weights);
  const updates = weights.map((state, i) => ({
    state,
    next: add(g, state, mul(g, need(gradients[i], 'a gradient'), -rate)),
  }));
  return g.finish('step', { loss }, updates);
}

/** One convolution. */
function convolution(attrs: {
  strides: readonly [number, number];
  pads: readonly [number, number, number, number];
}): Graph {
  const g = new GraphBuilder(ops);
  const x = g.input('x', [2, 3, 5, 4], { kind: 'data' });
  const w = g.input('w', [4, 3, 3, 3], { kind: 'data' });
  return g.finish('conv', { y: g.emit('Conv', [x, w], attrs) });
}

function oneInput(role: Role, constant: number): Graph {
  const g = new GraphBuilder(ops);
  return g.finish('one', { y: add(g, g.input('x', [2], role), constant) });
}

describe('printGraph()', () => {
  it('prints one line per input, constant, node, update and output', async () => {
    await expect(printGraph(linearStep(0.125))).toMatchFileSnapshot('../../test/golden/linear-step.graph.txt');
  });

  it('prints equal graphs as equal text', () => {
    expect(printGraph(linearStep(0.5))).toBe(printGraph(linearStep(0.5)));
    const one = { strides: [1, 2], pads: [1, 0, 0, 1] } as const;
    const other = { pads: [1, 0, 0, 1], strides: [1, 2] } as const;
    expect(printGraph(convolution(one))).toBe(printGraph(convolution(other)));
  });

  it('prints a difference in any attribute, constant, role or initial value', () => {
    const initial = { kind: 'normal', std: 1 } as const;
    const texts = [
      convolution({ strides: [1, 2], pads: [1, 1, 1, 1] }),
      convolution({ strides: [2, 1], pads: [1, 1, 1, 1] }),
      convolution({ strides: [1, 1], pads: [1, 1, 1, 1] }),
      oneInput({ kind: 'data' }, 1),
      oneInput({ kind: 'scalar' }, 1),
      oneInput({ kind: 'data' }, 1 + Number.EPSILON),
      oneInput({ kind: 'data' }, 0),
      oneInput({ kind: 'data' }, -0),
      oneInput({ kind: 'parameter', initial, owner: 'layer' }, 1),
      oneInput({ kind: 'parameter', initial, owner: 'norm' }, 1),
      oneInput({ kind: 'parameter', initial: { kind: 'normal', std: 2 }, owner: 'layer' }, 1),
      oneInput({ kind: 'random', distribution: 'normal', stream: 'a' }, 1),
      oneInput({ kind: 'random', distribution: 'normal', stream: 'b' }, 1),
    ].map(printGraph);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
