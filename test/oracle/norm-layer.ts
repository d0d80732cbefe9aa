/** @file One normalised layer with its backward pass, as the golden files of norms hold it. */

import { vjp } from '../../src/autodiff/reverse.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { type Graph, parametersOf } from '../../src/graph/graph.ts';
import type { FloatType, Shape } from '../../src/graph/tensor-type.ts';
import { type Mode, newNetwork } from '../../src/nn/network.ts';
import { type NormName, norms } from '../../src/norms/index.ts';
import type { NormSettings } from '../../src/norms/norm.ts';
import { ops } from '../../src/ops/index.ts';
import { normed } from '../conformance/norm-checks.ts';

/** Outputs y and, by the last part of its name, the gradient of x and each parameter; x and the cotangent of y are fed. */
export function layerWithGradients(
  norm: NormName,
  shape: Shape,
  mode: Mode,
  settings: NormSettings,
  float: FloatType,
): Graph {
  const g = new GraphBuilder(ops, float);
  const network = newNetwork(g, mode);
  const x = g.input('x', shape, { kind: 'data' });
  const cotangent = g.input('cotangent', shape, { kind: 'data' });
  const y = normed(norms[norm], network, x, settings);
  const parameters = parametersOf(g);
  const wrt = [x, ...parameters];
  const gradients = vjp(g, [y], [cotangent], wrt);
  const named = gradients.map((value, i) => [`d${lastPart(wrt[i]?.name ?? '')}`, value] as const);
  return g.finish(mode, { y, ...Object.fromEntries(named) }, network.updates);
}

/** `layer/gamma` → `gamma`. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
