/**
 * @file How a stored tensor is updated, as a formula that is elementwise in tensors of one shape. Two tensors with
 * equal formulas are updated alike.
 */

import type { PhysicalNode, PhysicalValue } from '../../graph/physical.ts';
import { elementCount, sameShape } from '../../graph/tensor-type.ts';

export type Formula =
  | { readonly kind: 'stored'; readonly name: string }
  /** One number, the same for all elements. */
  | { readonly kind: 'scalar'; readonly value: PhysicalValue }
  /** What the network makes for this tensor, such as its gradient. */
  | { readonly kind: 'made'; readonly value: PhysicalValue }
  | { readonly kind: 'op'; readonly op: string; readonly operands: readonly Formula[] };

/** What formulas are read from. */
export interface FormulaSource {
  readonly producer: (value: PhysicalValue) => PhysicalNode | undefined;
  /** The logical names of stored inputs. */
  readonly stored: ReadonlyMap<PhysicalValue, string>;
  /** Scalars that are fed, such as a learning rate. */
  readonly fed: ReadonlySet<PhysicalValue>;
}

const ELEMENTWISE: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul']);

/** A formula goes on as long as ops bring in something that is stored or fed; the rest is made by the network. */
export function formulaOf(source: FormulaSource, value: PhysicalValue): Formula {
  const name = source.stored.get(value);
  if (name !== undefined) return { kind: 'stored', name };
  if (elementCount(value.shape) === 1) return { kind: 'scalar', value };
  const node = source.producer(value);
  if (node === undefined || node.domain !== '' || !ELEMENTWISE.has(node.op)) return { kind: 'made', value };
  const fits = node.inputs.every(({ shape }) => sameShape(shape, value.shape) || elementCount(shape) === 1);
  const operands = fits ? node.inputs.map((input) => formulaOf(source, input)) : [];
  const goesOn = operands.some((operand) => {
    if (operand.kind === 'scalar') return source.fed.has(operand.value);
    return operand.kind !== 'made';
  });
  return goesOn ? { kind: 'op', op: node.op, operands } : { kind: 'made', value };
}

/** What the leaves of a formula are called. */
export interface LeafNames {
  readonly stored: (name: string) => string;
  readonly made: (value: PhysicalValue) => string;
}

export function formulaText(formula: Formula, names: LeafNames): string {
  switch (formula.kind) {
    case 'stored':
      return names.stored(formula.name);
    case 'scalar':
      return formula.value.name;
    case 'made':
      return names.made(formula.value);
    case 'op':
      return `${formula.op}(${formula.operands.map((operand) => formulaText(operand, names)).join(', ')})`;
  }
}

/** The leaves of one kind, each once, in the order in which the formula names them. */
export function storedIn(formula: Formula): readonly string[] {
  if (formula.kind === 'op') return [...new Set(formula.operands.flatMap(storedIn))];
  return formula.kind === 'stored' ? [formula.name] : [];
}

export function madeIn(formula: Formula): readonly PhysicalValue[] {
  if (formula.kind === 'op') return [...new Set(formula.operands.flatMap(madeIn))];
  return formula.kind === 'made' ? [formula.value] : [];
}
