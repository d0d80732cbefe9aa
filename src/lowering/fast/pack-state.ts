/**
 * @file Small stored tensors that are updated alike lie one after the other in one tensor, and are updated as one: an
 * optimiser's step is then a few nodes instead of a few per parameter, and a run has few inputs and outputs.
 */

import type { PhysicalBuilder, PhysicalNode, PhysicalValue, Port } from '../../graph/physical.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { concat, reshape } from './emit.ts';
import { type Formula, formulaOf, type FormulaSource, formulaText, madeIn, storedIn } from './update-formula.ts';

/** Up to this many elements a tensor costs more by its nodes than by the copies that packing makes of it. */
const SMALL = 1 << 16;

interface Member {
  readonly port: Port;
  readonly formula: Formula;
}

/** Tensors with one formula, in the order of their updates. */
type Group = readonly [Member, ...Member[]];

export interface Packed {
  readonly inputs: readonly Port[];
  readonly updates: readonly Port[];
  readonly nodes: readonly PhysicalNode[];
}

/**
 * The same computation, in the same rounding, with small tensors packed. Which tensors lie together follows from the
 * updates, so that steps with the same optimiser agree.
 * @param isStored - whether an input of this name lives beside the session
 */
export function packState(
  b: PhysicalBuilder,
  inputs: readonly Port[],
  updates: readonly Port[],
  isStored: (name: string) => boolean,
): Packed {
  const stored = new Map(inputs.filter(({ name }) => isStored(name)).map(({ name, value }) => [value, name]));
  const fed = new Set(inputs.filter(({ name }) => !isStored(name)).map(({ value }) => value));
  const source: FormulaSource = { producer: (value) => b.producer(value), stored, fed };
  const groups = alignedGroups(source, updates);
  const computed = b.nodes.length;
  b.origin = undefined;
  const places = new Map<string, Port>();
  const pieces = new Map<PhysicalValue, PhysicalValue>();
  const values = new Map(inputs.map(({ name, value }) => [name, value]));
  for (const group of groups) {
    const ports = placed(b, group);
    for (const port of ports) places.set(port.name, port);
    unpack(b, ports).forEach((piece, i) => {
      const value = values.get(ports[i]?.name ?? '');
      if (value !== undefined) pieces.set(value, piece);
    });
  }
  const unpacked = b.nodes.length;
  const next = packedUpdates(b, groups, places, pieces);
  const [network, unpacking, formulas] = [
    b.nodes.slice(0, computed),
    b.nodes.slice(computed, unpacked),
    b.nodes.slice(unpacked),
  ];
  return {
    inputs: inputs.map((port) => places.get(port.name) ?? port),
    updates: updates.map((port) => next.get(port.name) ?? port),
    nodes: [...unpacking, ...network.map((node) => readingPieces(node, pieces)), ...formulas],
  };
}

/** Groups of at least two; those a formula reads besides its own tensor must be a group in the same order. */
function alignedGroups(source: FormulaSource, updates: readonly Port[]): readonly Group[] {
  const alike = new Map<string, Member[]>();
  for (const port of updates) {
    if (elementCount(port.value.shape) > SMALL || port.value.dtype !== 'float32') continue;
    const formula = formulaOf(source, port.value);
    const others = storedIn(formula).filter((name) => name !== port.name);
    const made = madeIn(formula);
    const text = formulaText(formula, {
      stored: (name) => (name === port.name ? 'self' : `other ${others.indexOf(name)}`),
      made: (value) => `made ${made.indexOf(value)}`,
    });
    if (formula.kind === 'op') alike.set(text, [...(alike.get(text) ?? []), { port, formula }]);
  }
  let groups = [...alike.values()].filter((members): members is [Member, ...Member[]] => members.length > 1);
  for (let before = -1; before !== groups.length; ) {
    before = groups.length;
    const orders = new Set(groups.map((group) => group.map(({ port }) => port.name).join()));
    groups = groups.filter((group) => readTogether(group).every((names) => orders.has(names.join())));
  }
  return groups;
}

/** For each place of a stored tensor in a group's formula, the tensors that stand there for its members. */
function readTogether(group: Group): readonly (readonly string[])[] {
  return storedIn(group[0].formula).map((_, i) => group.map(({ formula }) => storedIn(formula)[i] ?? ''));
}

/** Where the members lie in their common input. */
function placed(b: PhysicalBuilder, group: Group): readonly Port[] {
  const total = group.reduce((sum, { port }) => sum + elementCount(port.value.shape), 0);
  const value = b.value({ dtype: 'float32', shape: [total] }, 'state');
  let offset = 0;
  return group.map(({ port: { name, perm, value: next } }) => {
    const part = { offset, shape: next.shape };
    offset += elementCount(next.shape);
    return { name, value, perm, part };
  });
}

/** The members by themselves, for the network to read. */
function unpack(b: PhysicalBuilder, ports: readonly Port[]): readonly PhysicalValue[] {
  const shapes = ports.map(({ part, value }) => part?.shape ?? value.shape);
  const sizes = shapes.map(elementCount);
  const flat = ports[0]?.value;
  if (flat === undefined) return [];
  const types = sizes.map((size) => ({ dtype: flat.dtype, shape: [size] }));
  const pieces = b.emitAll('Split', [flat, b.ints(sizes)], { axis: 0 }, types);
  return pieces.map((piece, i) => reshape(b, piece, shapes[i] ?? piece.shape));
}

/** The updates of packed tensors, by name: each group's formula, once, on what its members have one after the other. */
function packedUpdates(
  b: PhysicalBuilder,
  groups: readonly Group[],
  places: ReadonlyMap<string, Port>,
  pieces: ReadonlyMap<PhysicalValue, PhysicalValue>,
): ReadonlyMap<string, Port> {
  const done = new Map<string, PhysicalValue>();
  const once = (key: string, make: () => PhysicalValue): PhysicalValue => {
    const value = done.get(key) ?? make();
    done.set(key, value);
    return value;
  };
  const updates = new Map<string, Port>();
  for (const group of groups) {
    const madeTogether = madeIn(group[0].formula).map((_, i) =>
      group.flatMap(({ formula }) => madeIn(formula)[i] ?? []),
    );
    const flat = (formula: Formula): PhysicalValue => {
      switch (formula.kind) {
        case 'stored': {
          const port = places.get(formula.name);
          if (port === undefined) throw new RangeError(`'${formula.name}' must be packed where its group is`);
          return port.value;
        }
        case 'scalar':
          return formula.value;
        case 'made': {
          const members = madeTogether[madeIn(group[0].formula).indexOf(formula.value)] ?? [];
          return once(members.map(({ name }) => name).join(), () => side(b, members, pieces));
        }
        case 'op': {
          const operands = formula.operands.map(flat);
          const shape = operands.find((operand) => elementCount(operand.shape) > 1)?.shape ?? [];
          const key = `${formula.op}(${operands.map(({ name }) => name).join()})`;
          return once(key, () => b.emit(formula.op, operands, {}, shape));
        }
      }
    };
    const value = flat(group[0].formula);
    for (const { port } of group) {
      const place = places.get(port.name);
      if (place !== undefined) updates.set(port.name, { ...place, value });
    }
  }
  return updates;
}

/**
 * Values one after the other. ORT computes what a node reads in the order in which the last ops stand in the file, the
 * last one first. An op for each value, in reverse, makes it compute them as they come: otherwise the backward pass
 * would run to its end with all its images in memory, and only then the gradients of weights.
 */
function side(
  b: PhysicalBuilder,
  members: readonly PhysicalValue[],
  pieces: ReadonlyMap<PhysicalValue, PhysicalValue>,
): PhysicalValue {
  const parts = members.toReversed().map((member) => {
    const size = [elementCount(member.shape)];
    return b.emit('Reshape', [pieces.get(member) ?? member, b.ints(size)], {}, size);
  });
  return concat(b, parts.toReversed(), 0);
}

function readingPieces(node: PhysicalNode, pieces: ReadonlyMap<PhysicalValue, PhysicalValue>): PhysicalNode {
  if (!node.inputs.some((input) => pieces.has(input))) return node;
  return { ...node, inputs: node.inputs.map((input) => pieces.get(input) ?? input) };
}
