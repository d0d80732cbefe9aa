/** @file What is known of a file's values before anything is built: numbers, sizes, and what becomes of its norms. */

import type { Shape } from '../graph/tensor-type.ts';
import { memoised } from '../math/memoised.ts';
import type { OnnxNode } from '../onnx/model.ts';
import { shapeAt } from './measure.ts';
import { affineOf, foldedOperand, type NormChange } from './norm-changes.ts';
import { fixedOf, type ChannelAffine, type ChannelStatistics, type Fixed } from './fixed.ts';
import type { Plan } from './plan.ts';

export class Known {
  readonly #plan: Plan;
  readonly #change: NormChange;
  readonly #foldedNorms: ReadonlySet<OnnxNode>;
  /** Once, however often the network is built: weights that a norm is multiplied into are as large as it. */
  readonly #operands = memoised((node: OnnxNode) => this.#operandsOf(node));

  constructor(plan: Plan, change: NormChange) {
    this.#plan = plan;
    this.#change = change;
    this.#foldedNorms = new Set(change.kind === 'none' ? plan.normsBehind.values() : []);
  }

  layerOf(node: OnnxNode): string {
    return this.#plan.layers.get(node) ?? node.op;
  }

  /** Operand i of a node, if it does not depend on what is fed; with the norm behind it, if that is multiplied into it. */
  operand(node: OnnxNode, i: number): Fixed | undefined {
    return this.#operands(node)[i];
  }

  /** Whether operand i is there. A norm that is put back takes the bias before it away; one multiplied into it brings one. */
  has(node: OnnxNode, i: number): boolean {
    if (i === 2 && this.putBack(node) !== undefined) return false;
    return (node.inputs[i] ?? '') !== '' || (i === 2 && this.#affineInto(node) !== undefined);
  }

  /** The bias of a layer whose norm is put back. */
  takenBias(node: OnnxNode): Fixed | undefined {
    return this.#fixed(node.inputs[2]);
  }

  /** What a layer's norm is put back from; undefined where none is. */
  putBack(node: OnnxNode): ChannelStatistics | undefined {
    return this.#change.kind === 'put-back' ? this.#change.statistics.get(this.layerOf(node)) : undefined;
  }

  /** Of a batch norm: what is left of it. */
  normAs(node: OnnxNode): 'norm' | 'nothing' | ChannelAffine {
    if (this.#change.kind !== 'none') return 'norm';
    return this.#foldedNorms.has(node) ? 'nothing' : (affineOf(node, (name) => this.#fixed(name)) ?? 'norm');
  }

  /** Undefined for what was not measured. */
  shapeOf(name: string, batchSize: number): Shape | undefined {
    const measured = this.#plan.measurement.values.get(name);
    return measured && shapeAt(measured, batchSize);
  }

  /** Of a value that is the same for each example, whatever is fed: that of one example, with 1 in place of the batch. */
  row(name = ''): Fixed | undefined {
    const measured = this.#plan.measurement.values.get(name);
    if (measured?.row === undefined) return undefined;
    return fixedOf({ type: measured.type, shape: shapeAt(measured, 1), data: measured.row });
  }

  #operandsOf(node: OnnxNode): readonly (Fixed | undefined)[] {
    const affine = this.#affineInto(node);
    // A norm that is multiplied into a layer without a bias brings one, behind its other operands.
    const count = Math.max(affine === undefined ? 0 : 3, node.inputs.length);
    return Array.from({ length: count }, (_, i) => {
      const fixed = this.#fixed(node.inputs[i]);
      return affine === undefined ? fixed : foldedOperand(node, i, affine, fixed);
    });
  }

  #affineInto(node: OnnxNode): ChannelAffine | undefined {
    if (this.#change.kind !== 'none') return undefined;
    const norm = this.#plan.normsBehind.get(node);
    return norm && affineOf(norm, (name) => this.#fixed(name));
  }

  #fixed(name = ''): Fixed | undefined {
    const tensor = this.#plan.constants.get(name);
    if (tensor !== undefined) return fixedOf(tensor);
    const measured = this.#plan.measurement.values.get(name);
    if (measured?.data === undefined) return undefined;
    return fixedOf({ type: measured.type, shape: shapeAt(measured, 1), data: measured.data });
  }
}
