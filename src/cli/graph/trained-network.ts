/** @file A trained network of normscope's own as an ONNX file that anyone runs: evaluation mode, weights inside, norms kept. */

import { normNode, type NormPlace, normPlaces } from '../../diagnosis/norm-places.ts';
import type { State } from '../../diagnosis/subject.ts';
import { need } from '../../errors.ts';
import type { Node } from '../../graph/graph.ts';
import { type Initialiser, type PhysicalBuilder, type PhysicalValue, physicalValue } from '../../graph/physical.ts';
import { renameValues } from '../../graph/rename.ts';
import { referenceForm } from '../../lowering/reference-form.ts';
import { lowerReference } from '../../lowering/reference.ts';
import { encodeModel } from '../../onnx/encode.ts';
import type { BuiltProblem, Problem } from '../../problems/problem.ts';
import { version } from '../../report/node/version.ts';

/** Any that the network can be built for: the file leaves it open. */
const BATCH = 2;

/**
 * Input `x` [batch, …] to `logits` [batch, classes]. A batch norm is one node BatchNormalization in evaluation mode; any
 * other norm is what it is made of.
 * @param state - parameters and running statistics by name
 */
export function trainedNetwork(problem: Problem, state: State): Uint8Array {
  const places = normPlaces(problem, BATCH);
  // Where a batch norm is one op, training mode says where: evaluation mode has it as its sums and products.
  const built = problem.build({ mode: places.length === 0 ? 'eval' : 'train', batchSize: BATCH });
  const graph = built.g.finish('network', { logits: built.prediction });
  const norms = normNodes(built, places);
  const stored = new Map<string, Initialiser>();
  const numbers = (name: string, shape: readonly number[]): PhysicalValue => {
    const data = Array.from(need(state.get(name), `the numbers of '${name}'`), Number);
    const known = stored.get(name) ?? { value: physicalValue(name, { dtype: graph.float, shape }), data };
    stored.set(name, known);
    return known.value;
  };
  const lowered = lowerReference(graph, (b, node, operands) => {
    const place = norms.get(node);
    if (place !== undefined) return [evaluationNorm(b, operands, place, numbers)];
    return node.op === 'Reshape' ? [openReshape(b, node, operands)] : referenceForm(b, node, operands);
  });
  for (const { value } of lowered.inputs) if (state.has(value.name)) numbers(value.name, value.shape);
  const whole = {
    ...lowered,
    inputs: lowered.inputs.filter(({ name }) => !stored.has(name)),
    initialisers: [...lowered.initialisers, ...stored.values()],
  };
  const named = renameValues(whole, new Map(lowered.outputs.map(({ name, value }) => [value, name])));
  return encodeModel(named, { producerVersion: version, isBatchOpen: true });
}

function normNodes(built: BuiltProblem, places: readonly NormPlace[]): ReadonlyMap<Node, NormPlace> {
  const byLayer = new Map(places.map((place) => [place.layer, place]));
  return new Map(
    built.network.layers.flatMap((trace) => {
      const [node, place] = [normNode(built, trace), byLayer.get(trace.name)];
      return node === undefined || place === undefined ? [] : [[node, place] as const];
    }),
  );
}

function evaluationNorm(
  b: PhysicalBuilder,
  [x, gamma, beta]: readonly PhysicalValue[],
  { channels, epsilon, kept, runningMean, runningVariance }: NormPlace,
  numbers: (name: string, shape: readonly number[]) => PhysicalValue,
): PhysicalValue {
  const [images, scale, shift] = [need(x, 'x'), need(gamma, 'gamma'), need(beta, 'beta')];
  const inputs = [images, scale, shift, numbers(runningMean, [channels]), numbers(runningVariance, [channels])];
  const attrs = { epsilon: { float: epsilon }, momentum: { float: kept } };
  return b.emit('BatchNormalization', inputs, attrs, images.shape);
}

/** The size of the batch is copied, not said. */
function openReshape(b: PhysicalBuilder, node: Node, [x]: readonly PhysicalValue[]): PhysicalValue {
  const [from, shape] = [need(x, 'x'), need(node.outputs[0], 'a result').shape];
  const target = from.shape[0] === BATCH && shape[0] === BATCH ? [0, ...shape.slice(1)] : shape;
  return b.emit('Reshape', [from, b.ints(target)], {}, shape);
}
