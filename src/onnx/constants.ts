/** @file What is constant in a graph, in whichever of its forms: initialisers, Constant nodes, tensors filled with one number. */

import { elementCount } from '../graph/tensor-type.ts';
import { DataError } from '../errors.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxNumbers, OnnxTensor, OnnxType } from './model.ts';
import { shown } from './shown.ts';

/** Numbers that all tensors filled with one number may have together: a gigabyte of float32. The file has none of them. */
const MOST_FILLED = 268_435_456;
/** Axes of a tensor: engines take fewer. */
const MOST_AXES = 64;

/**
 * The constants of a graph by the names under which its nodes read them: initialisers, results of Constant nodes, of
 * ConstantOfShape where the shape is constant, and of Identity of those. Bodies of loops and branches are graphs of their own.
 * Tensors filled with one number are made when their `data` is first asked for.
 * @param outer - constants of the graphs around this one
 * @throws {DataError} for a constant without a value, or filled tensors of more than 2^28 numbers in all
 */
export function constantsOf(
  graph: OnnxGraph,
  outer: ReadonlyMap<string, OnnxTensor> = new Map(),
): ReadonlyMap<string, OnnxTensor> {
  const constants = new Map([...outer, ...graph.initialisers]);
  let numbers = 0;
  for (const node of graph.nodes) {
    if (node.domain !== '') continue;
    const [name = ''] = node.outputs;
    const [source] = node.inputs;
    const input = source === undefined ? undefined : constants.get(source);
    const made = resultOf(node, name, input);
    if (made === undefined) continue;
    if (made.fill !== undefined) numbers += elementCount(made.shape);
    if (numbers > MOST_FILLED) {
      throw new DataError(
        `Tensors that ConstantOfShape fills must have at most ${MOST_FILLED} numbers in all, got more with '${shown(name)}'`,
      );
    }
    constants.set(name, made);
  }
  return constants;
}

function resultOf(node: OnnxNode, name: string, input: OnnxTensor | undefined): OnnxTensor | undefined {
  switch (node.op) {
    case 'Constant':
      return constantOf(node, name);
    case 'ConstantOfShape':
      return input === undefined ? undefined : filledTensor(node, name, input);
    case 'Identity':
      return input === undefined ? undefined : renamed(input, name);
    default:
      return undefined;
  }
}

/** Undefined for text, and for tensors whose type has no numbers here. */
function constantOf({ attributes }: OnnxNode, name: string): OnnxTensor | undefined {
  const [value] = [...attributes].flatMap(([key, attribute]) =>
    key.startsWith('value') || key === 'sparse_value' ? [attribute] : [],
  );
  if (value === undefined) throw new DataError(`A Constant must have a value, got '${shown(name)}' without`);
  return tensorOf(value, name);
}

function tensorOf(attribute: OnnxAttribute, name: string): OnnxTensor | undefined {
  switch (attribute.kind) {
    case 'tensor':
      return { ...attribute.value, name };
    case 'float':
      return { name, type: 'float', shape: [], data: Float32Array.of(attribute.value) };
    case 'floats':
      return { name, type: 'float', shape: [attribute.value.length], data: Float32Array.from(attribute.value) };
    case 'int':
      return { name, type: 'int64', shape: [], data: wholeNumbers(name, [attribute.value]) };
    case 'ints':
      return { name, type: 'int64', shape: [attribute.value.length], data: wholeNumbers(name, attribute.value) };
    default:
      return undefined;
  }
}

/** 2^63, which no int64 reaches. */
const INT64_END = 9_223_372_036_854_775_808;

/** Attributes are numbers: beyond 2^53 their last digits are lost, and only the ends of int64 come up, for "to the end". */
function wholeNumbers(name: string, values: readonly number[]): BigInt64Array {
  if (values.some((value) => !Number.isInteger(value))) {
    throw new DataError(`The constant '${shown(name)}' must hold whole numbers, got others`);
  }
  return BigInt64Array.from(values, (value) => (value < INT64_END ? BigInt(value) : BigInt(INT64_END) - 1n));
}

/** The same numbers under another name; those that take no memory yet still take none. */
function renamed(tensor: OnnxTensor, name: string): OnnxTensor {
  if (tensor.fill === undefined) return { ...tensor, name };
  const { type, shape, fill } = tensor;
  return {
    name,
    type,
    shape,
    fill,
    get data() {
      return tensor.data;
    },
  };
}

/** A tensor all of whose numbers are one, which take no memory until somebody wants them. */
function filled(name: string, type: OnnxType, shape: readonly number[], value: OnnxNumbers): OnnxTensor {
  let data: OnnxNumbers | undefined;
  return {
    name,
    type,
    shape,
    fill: Number(value[0]),
    get data() {
      data ??= repeated(value, elementCount(shape));
      return data;
    },
  };
}

function repeated(value: OnnxNumbers, count: number): OnnxNumbers {
  const Numbers = value.constructor as new (length: number) => OnnxNumbers;
  const many = new Numbers(count);
  const [first = 0] = value;
  if (many instanceof BigInt64Array || many instanceof BigUint64Array) many.fill(BigInt(first));
  else many.fill(Number(first));
  return many;
}

function filledTensor({ attributes }: OnnxNode, name: string, sizes: OnnxTensor): OnnxTensor | undefined {
  const isList = sizes.shape.length <= 1 && elementCount(sizes.shape) <= MOST_AXES;
  const shape = isList ? Array.from(sizes.data, Number) : [];
  if (!isList || shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new DataError(`The shape of '${shown(name)}' must be a list of sizes, got [${shape.slice(0, 8).join(',')}]`);
  }
  const value = attributes.get('value');
  if (value === undefined) return filled(name, 'float', shape, Float32Array.of(0));
  if (value.kind === 'other') return undefined;
  if (value.kind !== 'tensor' || value.value.data.length !== 1) {
    throw new DataError(
      `'${shown(name)}' must be filled with one number, got ${value.kind === 'tensor' ? value.value.data.length : value.kind}`,
    );
  }
  return filled(name, value.value.type, shape, value.value.data);
}
