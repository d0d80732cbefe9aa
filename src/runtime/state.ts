/** @file What lives beside the sessions between runs: parameters, state and scratch, one buffer or several in one. */

import type { Tensor } from 'onnxruntime-common';
import { ShapeError } from '../errors.ts';
import type { PhysicalValue, Port } from '../graph/physical.ts';
import { type DType, elementCount, type Shape } from '../graph/tensor-type.ts';
import { memoised } from '../math/memoised.ts';
import type { Memory, Place } from './memory.ts';
import { type NamedTensor, logicalShapeOf, requireData, type TensorData, toLogical, toStored } from './tensor-data.ts';

/** Runs read `front` and write `back`, then the two change places: ORT must never do both in one. */
interface Buffer {
  front: Tensor;
  back: Tensor;
}

/** A stored tensor: a buffer, or a part of one. */
interface Slot {
  readonly dtype: DType;
  /** As stored. */
  readonly shape: Shape;
  readonly perm: Port['perm'];
  readonly buffer: Buffer;
  readonly offset: number;
}

/** Where a run writes its updates. */
export interface Writes {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Makes what was written what is stored. */
  readonly commit: () => void;
}

export class State {
  readonly #memory: Memory;
  readonly #slots = new Map<string, Slot>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /**
   * Makes zeros for the tensors that no program had before. Those that this program wants side by side move into one
   * buffer; a program that had them elsewhere goes on, with copies.
   * @throws {ShapeError} where two programs want a tensor to lie differently.
   */
  declare(ports: readonly Port[]): void {
    for (const port of ports) {
      const known = this.#slots.get(port.name);
      if (known !== undefined && !isSame(known, port)) {
        throw new ShapeError(`Programs must agree on the element type and layout of '${port.name}', got two`);
      }
    }
    for (const [value, members] of byValue(ports)) {
      if (this.#isPlaced(value, members)) continue;
      const buffer = { front: this.#zeros(value), back: this.#zeros(value) };
      for (const { name, part, perm } of members) {
        const old = this.#slots.get(name);
        const shape = part?.shape ?? value.shape;
        const slot = { dtype: value.dtype, shape, perm, buffer, offset: part?.offset ?? 0 };
        if (old !== undefined) this.#memory.copy(placeOf(old), placeOf(slot), elementCount(shape));
        this.#slots.set(name, slot);
      }
    }
  }

  /** Writes tensors given in logical layout. @throws {ShapeError} for a wrong size or an unknown name. */
  write(state: ReadonlyMap<string, TensorData>): void {
    for (const [name, data] of state) {
      const slot = this.#slot(name);
      requireData(name, data, slot.dtype, logicalShapeOf(slot.shape, slot.perm));
      this.#memory.write(placeOf(slot), toStored(data, slot.shape, slot.perm));
    }
  }

  /** Copies in logical layout. @throws {ShapeError} for an unknown name. */
  async read(names: readonly string[]): Promise<Map<string, NamedTensor>> {
    const tensors = names.map(async (name): Promise<[string, NamedTensor]> => {
      const slot = this.#slot(name);
      const data = toLogical(await this.#memory.read(placeOf(slot), elementCount(slot.shape)), slot.shape, slot.perm);
      return [name, { shape: logicalShapeOf(slot.shape, slot.perm), data }];
    });
    return new Map(await Promise.all(tensors));
  }

  /** Frees all memory: nothing is stored any more. */
  free(): void {
    for (const { front, back } of new Set([...this.#slots.values()].map(({ buffer }) => buffer))) {
      this.#memory.free(front);
      this.#memory.free(back);
    }
    this.#slots.clear();
  }

  /** The tensors that a run is fed, by the names of the model's inputs. */
  inputs(ports: readonly Port[]): Record<string, Tensor> {
    const tensors: Record<string, Tensor> = {};
    for (const [value, members] of byValue(ports)) {
      tensors[value.name] = this.#bufferOf(value, members)?.front ?? this.#gathered(value, members);
    }
    return tensors;
  }

  /** Where a run writes, by the names of the model's outputs. */
  outputs(ports: readonly Port[]): Writes {
    const tensors: Record<string, Tensor> = {};
    const commits: (() => void)[] = [];
    for (const [value, members] of byValue(ports)) {
      const buffer = this.#bufferOf(value, members);
      const written = buffer?.back ?? this.#zeros(value);
      tensors[value.name] = written;
      commits.push(() => {
        if (buffer === undefined) this.#scatter(written, members);
        else [buffer.front, buffer.back] = [buffer.back, buffer.front];
      });
    }
    return { tensors, commit: () => commits.forEach((commit) => commit()) };
  }

  /** Whether tensors need not move: there is one, which may lie anywhere, or they lie side by side as they should. */
  #isPlaced(value: PhysicalValue, ports: readonly Port[]): boolean {
    if (!ports.every(({ name }) => this.#slots.has(name))) return false;
    return ports.every(({ part }) => part === undefined) || this.#bufferOf(value, ports) !== undefined;
  }

  /** The buffer in which just these tensors lie, as their ports have it; undefined where they lie elsewhere. */
  #bufferOf(value: PhysicalValue, ports: readonly Port[]): Buffer | undefined {
    const [first, ...others] = ports.map(({ name, part }) => ({ slot: this.#slot(name), offset: part?.offset ?? 0 }));
    const buffer = first?.slot.buffer;
    if (buffer?.front.size !== elementCount(value.shape) || first?.slot.offset !== first?.offset) return undefined;
    return others.every(({ slot, offset }) => slot.buffer === buffer && slot.offset === offset) ? buffer : undefined;
  }

  #gathered(value: PhysicalValue, ports: readonly Port[]): Tensor {
    const tensor = this.#zeros(value);
    for (const { name, part } of ports) {
      const slot = this.#slot(name);
      this.#memory.copy(placeOf(slot), { tensor, offset: part?.offset ?? 0 }, elementCount(slot.shape));
    }
    return tensor;
  }

  /** Copies what was written for several tensors, or one value for two of them, to where each lies. */
  #scatter(tensor: Tensor, ports: readonly Port[]): void {
    for (const { name, part } of ports) {
      const slot = this.#slot(name);
      this.#memory.copy({ tensor, offset: part?.offset ?? 0 }, placeOf(slot), elementCount(slot.shape));
    }
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw new ShapeError(`No loaded program stores '${name}'`);
    return slot;
  }

  #zeros({ dtype, shape }: PhysicalValue): Tensor {
    return this.#memory.zeros(dtype, shape);
  }
}

/** Ports by the input or output that holds them: worked out once for a program, not at every run. */
const byValue = memoised((ports: readonly Port[]): ReadonlyMap<PhysicalValue, readonly Port[]> => {
  const members = new Map<string, [PhysicalValue, Port[]]>();
  for (const port of ports) {
    const known = members.get(port.value.name);
    if (known === undefined) members.set(port.value.name, [port.value, [port]]);
    else known[1].push(port);
  }
  return new Map(members.values());
});

function isSame(slot: Slot, { value, perm, part }: Port): boolean {
  const shape = part?.shape ?? value.shape;
  return slot.dtype === value.dtype && slot.shape.join() === shape.join() && slot.perm?.join() === perm?.join();
}

/** Where a slot lies now. */
function placeOf({ buffer, offset }: Slot): Place {
  return { tensor: buffer.front, offset };
}
