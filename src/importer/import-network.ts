/** @file A file of someone else's network → a problem like any other. */

import type { Rescaling } from '../data/scalings.ts';
import { SettingError, UnsupportedOpError } from '../errors.ts';
import { constantsOf } from '../onnx/constants.ts';
import { elementCount, type FloatType, type Shape } from '../graph/tensor-type.ts';
import type { ExternalLoader } from '../onnx/tensors.ts';
import { inFormOf } from './input-form.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { classifier, type ClassifierLoss } from '../problems/classifier.ts';
import { decided } from './decide-branches.ts';
import type { Problem } from '../problems/problem.ts';
import type { RunForeign } from '../runtime/foreign.ts';
import { exampleShape, fedInput } from './fed-input.ts';
import { layerNames } from '../onnx/layer-names.ts';
import { measure, shapeAt } from './measure.ts';
import { networkOf } from './network.ts';
import { type NormChange, normsBehind } from './norm-changes.ts';
import { logitsOf, nodesBetween, type Plan } from './plan.ts';
import type { PlacedNorm } from './site.ts';
import { dynamicValues } from './walks.ts';

export interface ImportSettings {
  /** What the network is called. */
  readonly name: string;
  /** Sizes of one example, for what the file leaves open. */
  readonly shape?: readonly number[] | undefined;
  /** The output to train, or any value before it; default the first that follows the input. */
  readonly output?: string | undefined;
  /** Fetches numbers that the file keeps elsewhere. */
  readonly external?: ExternalLoader | undefined;
}

/** A network of a file, and the problem that it makes with its norms as they are or changed. */
export interface ImportedNetwork {
  readonly plan: Plan;
  /** Of one example, as the file takes it. */
  readonly input: readonly number[];
  readonly classes: number;
  /** @throws {UnsupportedOpError} where a node cannot be built as ONNX Runtime computes it */
  readonly problem: (settings?: ProblemSettings) => ImportedProblem;
}

export interface ProblemSettings {
  /** What is fed: an example in another form, such as channels first where the file has them last; default its own. */
  readonly input?: Shape;
  /** What is done to each channel of what is fed, so that it is what the file's network was trained on; default nothing. */
  readonly scaling?: Rescaling | undefined;
  /** Default: kept as they are. */
  readonly norms?: NormChange;
  /** Default cross-entropy. */
  readonly loss?: ClassifierLoss;
  /** What everything is computed in; default float32. */
  readonly float?: FloatType;
}

export interface ImportedProblem extends Problem {
  readonly norms: readonly PlacedNorm[];
}

const KEEP: NormChange = { kind: 'keep' };

/**
 * Reads a network out of a file: what it computes is measured by running it, and built again from normscope's ops.
 * @throws {UnsupportedOpError} naming what cannot be trained through
 * @throws {SettingError} where the sizes of an example are open
 * @throws {DataError} where ONNX Runtime refuses the file, or the file mixes the examples of a batch
 */
export async function importNetwork(
  run: RunForeign,
  file: Uint8Array,
  model: OnnxModel,
  { name, shape, output, external }: ImportSettings,
): Promise<ImportedNetwork> {
  const input = fedInput(model.graph);
  const example = exampleShape(input, shape);
  const { bytes, graph } = await decided(run, file, model, { example, external });
  const dynamic = dynamicValues(graph, input.name);
  const logits = logitsOf(graph, dynamic, output);
  const nodes = nodesBetween(graph, dynamic, logits);
  const measurement = await measure(run, { bytes, graph, example, logits, dynamic, external });
  const plan: Plan = {
    name,
    input: input.name,
    logits,
    nodes,
    layers: layerNames(nodes),
    constants: constantsOf(graph),
    measurement,
    normsBehind: normsBehind(nodes),
  };
  const classes = classesOf(plan);
  return {
    plan,
    input: example,
    classes,
    problem: ({ norms: change = KEEP, input: fed = example, scaling, ...settings } = {}) => {
      const network = networkOf(plan, change, inFormOf(example, scaling));
      const made = classifier(network.build, { input: fed, classes, norm: 'none', ...settings });
      // Once, so that what does not fit is said now.
      made.build({ mode: 'eval', batchSize: 2 });
      const norms = network.norms();
      const about = {
        ...made.about,
        network: name,
        norm: norms.length === 0 ? 'none' : 'batch',
        norms: change.kind,
        ...(scaling && { scaling: { ...scaling } }),
      };
      return { ...made, about, norms };
    },
  };
}

function classesOf({ logits, measurement }: Plan): number {
  const measured = measurement.values.get(logits);
  const [n, ...rest] = measured === undefined ? [] : shapeAt(measured, 3);
  const classes = elementCount(rest);
  if (n === 3 && rest.filter((size) => size > 1).length <= 1) return Math.max(2, classes);
  throw new (n === 3 ? UnsupportedOpError : SettingError)(
    `A classifier must end in [N, classes], got [${['N', ...rest].join(', ')}] at '${logits}'; name another value with --output`,
  );
}
