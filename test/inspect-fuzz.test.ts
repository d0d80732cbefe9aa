import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inspectionText } from '../src/cli/graph/inspect-text.ts';
import { isDeliberate } from '../src/errors.ts';
import { trainableOps } from '../src/importer/rules/index.ts';
import { inspectModel } from '../src/inspection/inspect-model.ts';
import { type ModelProto, ModelProtoSchema } from '../src/onnx/generated/onnx_pb.ts';
import { readOnnx } from '../src/onnx/read.ts';
import { createStream, type RandomStream } from '../src/math/random.ts';

const sources = ['mnist_cntk', 'tract_keras_example', 'light_squeezenet', 'pytorch-trio/kept'].map((name) =>
  readFileSync(fileURLToPath(new URL(`./onnx-files/${name}.onnx`, import.meta.url))),
);

/** What Philox draws of a list. */
function drawn<T>(random: RandomStream, from: readonly T[]): T {
  return from[random.uint32() % from.length] as T;
}

/** A file with some of its bytes changed, moved, lost or twice there. */
function withBytesChanged(source: Uint8Array, random: RandomStream): Uint8Array {
  const bytes = Uint8Array.from(source);
  const at = random.uint32() % bytes.length;
  const length = 1 + (random.uint32() % 64);
  switch (random.uint32() % 5) {
    case 0: {
      for (let i = 0; i < 1 + (length % 4); i++) bytes[random.uint32() % bytes.length] = random.uint32();
      return bytes;
    }
    case 1:
      return bytes.subarray(0, at);
    case 2: {
      bytes.copyWithin(at, random.uint32() % bytes.length, at + length);
      return bytes;
    }
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    default:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
  }
}

/** Numbers that programs stumble over. */
const numbers = [0, 1, -1, 2, 7, 255, 2 ** 31 - 1, -(2 ** 31), 65_536];
const longs = [...numbers.map(BigInt), 2n ** 63n - 1n, -(2n ** 63n), 2n ** 40n];

/** Something found anywhere in a message, put there or taken away: the parser has nothing against it. */
function withFieldChanged(source: Uint8Array, random: RandomStream): Uint8Array {
  const model: ModelProto = fromBinary(ModelProtoSchema, source);
  const names = (model.graph?.node ?? []).flatMap(({ input, output }) => [...input, ...output]);
  for (let changes = 1 + (random.uint32() % 3); changes > 0; changes--) change(model, random, names);
  return toBinary(ModelProtoSchema, model);
}

/** Walks down a message at random, and changes what it comes to. */
function change(message: object, random: RandomStream, names: readonly string[]): void {
  let at: unknown = message;
  for (let depth = 0; depth < 12; depth++) {
    const holder = at as Record<string, unknown>;
    const keys = Object.keys(holder).filter((key) => !key.startsWith('$'));
    if (keys.length === 0) return;
    const key = drawn(random, keys);
    const value = holder[key];
    if (Array.isArray(value) && value.length > 0 && random.uint32() % 8 === 0) {
      const i = random.uint32() % value.length;
      if (random.uint32() % 2 === 0) value.splice(i, 1);
      else value.push(value[i]);
      return;
    }
    if (typeof value === 'number') holder[key] = numberIn(key, random);
    else if (typeof value === 'bigint') holder[key] = drawn(random, longs);
    else if (typeof value === 'string') holder[key] = random.uint32() % 4 === 0 ? '\u001b[31m\n' : drawn(random, names);
    else if (value instanceof Uint8Array) {
      const bytes = Uint8Array.from(value);
      if (bytes.length > 0) bytes[random.uint32() % bytes.length] = 0xff;
      holder[key] = random.uint32() % 4 === 0 ? bytes.subarray(0, bytes.length >> 1) : bytes;
    } else if (typeof value === 'object' && value !== null) {
      at = value;
      continue;
    }
    return;
  }
}

/** Types and places are numbers of their own; all else may be any. */
function numberIn(key: string, random: RandomStream): number {
  if (key === 'type') return drawn(random, [0, 1, 2, 3, 4, 5, 6, 7]);
  return key === 'dataLocation' ? random.uint32() % 2 : drawn(random, numbers);
}

it('2,000 changed files end in a text or in an error that says what to do', () => {
  const outcomes = { text: 0, refused: 0, unparsed: 0 };
  const strange: string[] = [];
  for (let turn = 0; turn < 2000; turn++) {
    const random = createStream({ seed: 13, purpose: 'noise', step: turn });
    const source = drawn(random, sources);
    const bytes = (turn % 2 === 0 ? withBytesChanged : withFieldChanged)(source, random);
    try {
      const text = inspectionText('model.onnx', bytes.length, inspectModel(readOnnx(bytes), trainableOps));
      outcomes.text += 1;
      // Controls, and lines wider than a terminal.
      if (text.split('\n').some((line) => /\p{Cc}|.{81}/u.test(line))) strange.push(`${turn}: ${text}`);
    } catch (error) {
      if (!isDeliberate(error)) strange.push(`${turn}: ${String(error)} ${error instanceof Error ? error.stack : ''}`);
      const message = String(error);
      outcomes[message.includes('must be an ONNX model') ? 'unparsed' : 'refused'] += 1;
      if (/\p{Cc}/u.test(message)) strange.push(`${turn}: ${JSON.stringify(message)}`);
    }
  }
  expect(strange).toEqual([]);
  expect(outcomes.text).toBeGreaterThan(200);
  expect(outcomes.refused).toBeGreaterThan(150);
  expect(outcomes.text + outcomes.refused).toBeGreaterThan(500);
});
