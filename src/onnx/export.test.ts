import { fromBinary } from '@bufbuild/protobuf';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  PhysicalBuilder,
  type PhysicalGraph,
  type PhysicalValue,
  physicalValue,
  type Port,
} from '../graph/physical.ts';
import { typeCodes } from '../graph/tensor-type.ts';
import { readOnnx } from './read.ts';
import { encodeModel, OPSET } from './encode.ts';
import { exportModel } from './export.ts';
import { ModelProtoSchema } from './generated/onnx_pb.ts';

const port = (name: string, value: PhysicalValue): Port => ({ name, value, perm: undefined });

/** square = x ⊙ x (also the next s), total = Σ square, with an output that is called like an input. */
function sample(): PhysicalGraph {
  const x = physicalValue('x', { dtype: 'float32', shape: [3, 5] });
  const s = physicalValue('s', { dtype: 'float32', shape: [3, 5] });
  const b = new PhysicalBuilder();
  const square = b.emit('Mul', [x, x], {}, [3, 5]);
  const whole = b.emit('Cast', [square], { to: typeCodes.int64 }, [3, 5], { dtype: 'int64' });
  const total = b.emit('ReduceSum', [whole], { keepdims: 0 }, []);
  const moved = b.emit('Add', [s, square], {}, [3, 5]);
  return {
    name: 'sample',
    inputs: [port('x', x), port('s', s)],
    outputs: [port('square', square), port('total', total), port('s', moved)],
    updates: [port('s', square), port('t', moved)],
    initialisers: b.initialisers,
    nodes: b.nodes,
  };
}

const bytes = exportModel(sample(), '1.2.3');
const model = fromBinary(ModelProtoSchema, bytes);

describe('exportModel()', () => {
  it('says who made it, for which opset', () => {
    const { producerName, producerVersion, irVersion, opsetImport } = model;
    expect({ producerName, producerVersion, irVersion }).toEqual({
      producerName: 'normscope',
      producerVersion: '1.2.3',
      irVersion: 10n,
    });
    expect(opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', BigInt(OPSET)]]);
  });

  it('names outputs and updates after what they are, and leaves no name to two values', () => {
    expect(model.graph?.output.map(({ name }) => name)).toEqual(['square', 'total', 'next/t']);
    expect(model.graph?.input.map(({ name }) => name)).toEqual(['x', 's']);
  });

  it('gives every value between inputs and outputs its type and shape', () => {
    const inner = (model.graph?.valueInfo ?? []).map(({ name, type }) => {
      const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
      const sizes = tensor?.shape?.dim.map(({ value }) => Number(value.value));
      return [name, tensor?.elemType, sizes];
    });
    expect(inner).toEqual([['Cast#1', typeCodes.int64, [3, 5]]]);
  });

  it('loads in ONNX Runtime, which checks the types, and reads back', async () => {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    expect(session.outputNames).toEqual(['square', 'total', 'next/t']);
    await session.release();
    expect(readOnnx(bytes).graph.nodes.map(({ op }) => op)).toEqual(['Mul', 'Cast', 'ReduceSum', 'Add']);
  });

  it('differs from what sessions are made of by names and annotations alone', () => {
    const plain = fromBinary(ModelProtoSchema, encodeModel(sample()));
    expect(plain.graph?.valueInfo).toEqual([]);
    expect(plain.graph?.node.map(({ opType }) => opType)).toEqual(model.graph?.node.map(({ opType }) => opType));
  });
});
