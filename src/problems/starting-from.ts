/** @file A problem whose training starts from numbers that are there already: those of a file, or of another training. */

import { ShapeError } from '../errors.ts';
import type { GivenValues } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { sha256Hex } from '../records/hash.ts';
import type { Problem } from './problem.ts';

/** Numbers as a graph starts from them: their hash stands for them in cells. */
export function givenValues(data: Float32Array | Float64Array): GivenValues {
  const digest = sha256Hex(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).slice(0, 32);
  return { kind: 'given', digest, values: () => data };
}

/**
 * The same problem, whose parameters and running statistics of these names start from the numbers given, whatever the seed;
 * all others as before.
 */
export function startingFrom(problem: Problem, values: ReadonlyMap<string, GivenValues>): Problem {
  return {
    ...problem,
    build: (request) => {
      const built = problem.build(request);
      const sizes = new Map(built.g.inputs.map(({ value }) => [value.name, elementCount(value.shape)]));
      for (const [name, given] of values) {
        const size = sizes.get(name);
        const { length } = given.values();
        if (size !== undefined && size !== length) {
          throw new ShapeError(`Values must fill '${name}', got ${length} for ${size}`);
        }
      }
      built.g.startFrom(values);
      return built;
    },
  };
}
