/** @file What lives beside the sessions between runs: parameters, state and scratch, one buffer or several in one. */

import type { Tensor } from 'onnxruntime-node';
import { ShapeError } from '../errors.ts';
import type { PhysicalValue, Port } from '../graph/physical.ts';
import { type DType, elementCount, type Shape } from '../graph/tensor-type.ts';
import type { Ort } from './ort.ts';
import { allocate, logicalShapeOf, requireData, type TensorData, toLogical, toStored } from './tensor-data.ts';

/** Runs read `front` and write `back`, then the two change places: ORT must never do both in one. */
interface Buffer {
  front: Tensor;
  back: Tensor;
}

/** A stored tensor: a whole buffer, or a part of one. */
interface Slot {
  readonly dtype: DType;
  /** As stored. */
  readonly shape: Shape;
  readonly perm: Port['perm'];
  readonly buffer: Buffer;
  readonly offset: number;
  readonly isWhole: boolean;
}

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Where a run writes its updates. */
export interface Writes {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Makes what was written what is stored. */
  readonly commit: () => void;
}

export class State {
  readonly #ort: Ort;
  readonly #slots = new Map<string, Slot>();

  constructor(ort: Ort) {
    this.#ort = ort;
  }

  /**
   * Makes zeros for the tensors that no program had before. Tensors that this program wants side by side in one buffer
   * move there.
   * @throws {ShapeError} where two programs want a tensor to lie differently.
   */
  declare(ports: readonly Port[]): void {
    for (const port of ports) {
      const known = this.#slots.get(port.name);
      const shape = port.part?.shape ?? port.value.shape;
      if (known !== undefined && !isSame(known, port, shape)) {
        throw new ShapeError(`Programs must agree on the element type and layout of '${port.name}', got two`);
      }
      if (known === undefined && port.part === undefined) {
        this.#slots.set(port.name, this.#newSlot(port, this.#newBuffer(port.value)));
      }
    }
    const packed = new Set(ports.flatMap(({ part, value }) => (part === undefined ? [] : [value])));
    for (const value of packed) {
      this.#pack(
        value,
        ports.filter((port) => port.value === value),
      );
    }
  }

  /** Writes tensors given in logical layout. @throws {ShapeError} for a wrong size or an unknown name. */
  write(state: ReadonlyMap<string, TensorData>): void {
    for (const [name, data] of state) {
      const slot = this.#slot(name);
      requireData(name, data, slot.dtype, logicalShapeOf(slot.shape, slot.perm));
      dataOf(slot, 'front').set(toStored(data, slot.shape, slot.perm) as Float32Array);
    }
  }

  /** Copies in logical layout. */
  read(names: readonly string[]): Map<string, NamedTensor> {
    return new Map(
      names.map((name) => {
        const slot = this.#slot(name);
        const data = toLogical(dataOf(slot, 'front').slice(), slot.shape, slot.perm);
        return [name, { shape: logicalShapeOf(slot.shape, slot.perm), data }];
      }),
    );
  }

  /** The tensors that a run is fed, by the names of the model's inputs. */
  inputs(ports: readonly Port[]): Record<string, Tensor> {
    const tensors: Record<string, Tensor> = {};
    for (const { name, value, part } of ports) {
      if (tensors[value.name] !== undefined) continue;
      const slot = this.#slot(name);
      const isBuffer = part !== undefined || slot.isWhole;
      tensors[value.name] = isBuffer
        ? slot.buffer.front
        : this.#ort.tensor(slot.dtype, dataOf(slot, 'front'), slot.shape);
    }
    return tensors;
  }

  /** Where a run writes, by the names of the model's outputs. */
  outputs(ports: readonly Port[]): Writes {
    const tensors: Record<string, Tensor> = {};
    const copies: (() => void)[] = [];
    const swapped = new Set<Buffer>();
    for (const { name, value, part } of ports) {
      const slot = this.#slot(name);
      const isBuffer = part !== undefined || slot.isWhole;
      const taken = tensors[value.name];
      if (isBuffer && (taken === undefined || taken === slot.buffer.back)) {
        tensors[value.name] = slot.buffer.back;
        swapped.add(slot.buffer);
        continue;
      }
      // Two states may be given the same value, and a program may write one of several in a buffer: these are copied.
      const written = (tensors[value.name] ??= this.#newTensor(value));
      copies.push(() => dataOf(slot, 'front').set(written.data as Float32Array));
    }
    const commit = (): void => {
      for (const buffer of swapped) [buffer.front, buffer.back] = [buffer.back, buffer.front];
      for (const copy of copies) copy();
    };
    return { tensors, commit };
  }

  #pack(value: PhysicalValue, ports: readonly Port[]): void {
    const before = ports.map(({ name }) => this.#slots.get(name));
    const [first] = before;
    const isThere = before.every(
      (slot, i) => slot !== undefined && slot.buffer === first?.buffer && slot.offset === ports[i]?.part?.offset,
    );
    if (isThere && first !== undefined && first.buffer.front.size === elementCount(value.shape)) return;
    const buffer = this.#newBuffer(value);
    ports.forEach((port, i) => {
      const old = before[i];
      const slot = this.#newSlot(port, buffer);
      if (old !== undefined) {
        if (!old.isWhole) throw new ShapeError(`Programs must agree on what lies beside '${port.name}', got two`);
        dataOf(slot, 'front').set(dataOf(old, 'front'));
      }
      this.#slots.set(port.name, slot);
    });
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw new ShapeError(`No loaded program stores '${name}'`);
    return slot;
  }

  #newSlot({ value, perm, part }: Port, buffer: Buffer): Slot {
    const place = { buffer, offset: part?.offset ?? 0, isWhole: part === undefined };
    return { dtype: value.dtype, shape: part?.shape ?? value.shape, perm, ...place };
  }

  #newBuffer(value: PhysicalValue): Buffer {
    return { front: this.#newTensor(value), back: this.#newTensor(value) };
  }

  #newTensor({ dtype, shape }: PhysicalValue): Tensor {
    return this.#ort.tensor(dtype, allocate(dtype, elementCount(shape)), shape);
  }
}

function isSame(slot: Slot, { value, perm }: Port, shape: Shape): boolean {
  return slot.dtype === value.dtype && slot.shape.join() === shape.join() && slot.perm?.join() === perm?.join();
}

function dataOf({ buffer, offset, shape }: Slot, side: keyof Buffer): Float32Array {
  return (buffer[side].data as Float32Array).subarray(offset, offset + elementCount(shape));
}
