/** @file The gradient with respect to what a layer computes, along the ray of a training step: smoothness in activations. */

import * as z from 'zod';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { reshape, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { Problem } from '../problems/problem.ts';
import { outputOf, scalarOf } from '../runtime/device.ts';
import { floatsOf } from '../runtime/tensor-data.ts';
import { atOrigin } from '../train/kept.ts';
import { outputName } from './layer-outputs.ts';
import { hiddenLayers, layersAt } from './layer-units.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { distinct, everyStep, type ProbeSettings } from './settings.ts';
import { alongRay } from './step-ray.ts';
import { totalProduct } from './total-product.ts';

export interface ActivationLandscapeSettings extends ProbeSettings {
  /** Step sizes s, as multiples of the learning rate of the moment. */
  readonly multiples: readonly number[];
  /** Hidden layers, counted from 1. */
  readonly layers: readonly number[];
}

const about =
  'at step size s = (multiple) × learning rate on the ray x − s·g of the training step, on its mini-batch with its batch statistics: a is ' +
  'what the linear map of a layer gives for the whole batch, before its norm, and h the gradient of the mini-batch loss with respect to a';

const quantity = (definition: string) => ({ definition: `${definition}, ${about}`, unit: '', mode: 'train' }) as const;

/**
 * ‖Δh‖ with h = ∂L/∂a of a layer's linear output a, along the ray of a step, and the effective smoothness in activations
 * ‖Δh‖ / ‖Δa‖, which a public copy of santurkar2018 measures in place of the one in parameters.
 */
export const activationLandscape: Probe<ActivationLandscapeSettings> = defineProbe<ActivationLandscapeSettings>({
  title: "gradient with respect to a layer's output, along the direction of a training step",
  paper: undefined,
  quantities: {
    'activation-gradient-change': quantity('‖Δh‖₂ = ‖h(x) − h(s)‖₂'),
    'activation-relative-change': quantity('‖Δh‖₂ / ‖h(x)‖₂'),
    'activation-cosine': quantity('⟨h(x), h(s)⟩ / (‖h(x)‖₂ ‖h(s)‖₂)'),
    'activation-beta': quantity('effective smoothness in activations ‖Δh‖₂ / ‖a(x) − a(s)‖₂'),
  },
  settings: z.strictObject({
    every: everyStep(10),
    multiples: distinct(z.number().positive())
      .min(1)
      .default([0.5, 1, 2, 4])
      .describe('positive step sizes, as multiples of the learning rate, no two alike'),
    layers: hiddenLayers,
  }),
  cost: ({ multiples }) => multiples.length + 1,
  needs: ['origin', 'gradient'],
  ownGraphs: async (session, { multiples, layers }) => {
    const { problem, batchSize } = session;
    const here = await session.load(hereGraph(problem, batchSize, layers));
    const { graph, names } = thereGraph(problem, batchSize, layers, multiples.length);
    const there = await session.load(graph);
    return async ({ step, feeds, key, learningRate }) => {
      const origin = await here.run(feeds, key);
      const sizes = multiples.map((multiple) => multiple * learningRate);
      const found = await there.run({ ...feeds, s: floatsOf(problem.float, sizes) }, key);
      return names.flatMap((layer) => {
        const square = scalarOf(origin, outputName('square', layer));
        return multiples.flatMap((multiple, i) => {
          const at = (name: string): number => Number(outputOf(found, outputName(name, layer))[i]);
          const record = (name: string, value: number) =>
            probeRecord(activationLandscape, name, step, value, { layer, at: multiple });
          return [
            record('activation-gradient-change', Math.sqrt(at('change'))),
            record('activation-relative-change', Math.sqrt(at('change') / square)),
            record('activation-cosine', at('dot') / Math.sqrt(square * at('there'))),
            record('activation-beta', Math.sqrt(at('change') / at('moved'))),
          ];
        });
      });
    };
  },
});

/** Scratch for a and h of a layer, [N, rest]: flat, so that no layout of images is asked of it. */
function read(g: GraphBuilder, what: 'output' | 'gradient', layer: string, like: Value): Value {
  const [N = 1] = like.shape;
  return g.input(`activation-landscape/${what}/${layer}`, [N, elementCount(like.shape) / N], { kind: 'scratch' });
}

function flat(g: GraphBuilder, value: Value): Value {
  const [N = 1] = value.shape;
  return reshape(g, value, [N, elementCount(value.shape) / N]);
}

/** At x: keeps a and h of each layer, and gives ‖h‖². */
function hereGraph(problem: Problem, batchSize: number, layers: readonly number[]): Graph {
  const { g, loss, network } = problem.build({ mode: 'frozen', batchSize, view: atOrigin });
  const traced = layersAt('activation-landscape', network.layers, layers);
  const slopes = grad(
    g,
    loss,
    traced.map(({ linear }) => linear),
  );
  const all = traced.map(({ name, linear }, i) => ({
    name,
    linear,
    slope: flat(g, need(slopes[i], `∂L/∂a of '${name}'`)),
  }));
  return g.finish(
    'activation-landscape/here',
    Object.fromEntries(all.map(({ name, slope }) => [outputName('square', name), totalProduct(g, [slope], [slope])])),
    all.flatMap(({ name, linear, slope }) => [
      { state: read(g, 'output', name, linear), next: flat(g, linear) },
      { state: read(g, 'gradient', name, linear), next: slope },
    ]),
  );
}

/** At `count` points of the ray, for each layer: ‖Δh‖², ‖h‖² there, ⟨h(x), h(s)⟩ and ‖Δa‖². */
function thereGraph(
  problem: Problem,
  batchSize: number,
  layers: readonly number[],
  count: number,
): { readonly graph: Graph; readonly names: readonly string[] } {
  const { g, loss, network } = problem.build({
    mode: 'frozen',
    batchSize,
    view: alongRay({ kind: 'sweep', count }),
  });
  const traced = layersAt('activation-landscape', network.layers, layers);
  const slopes = grad(
    g,
    loss,
    traced.map(({ linear }) => linear),
  );
  const outputs = traced.flatMap(({ name, linear }, i) => {
    const there = flat(g, need(slopes[i], `∂L/∂a of '${name}'`));
    const here = read(g, 'gradient', name, linear);
    const change = sub(g, here, there);
    const moved = sub(g, read(g, 'output', name, linear), flat(g, linear));
    return [
      [outputName('change', name), totalProduct(g, [change], [change])],
      [outputName('there', name), totalProduct(g, [there], [there])],
      [outputName('dot', name), totalProduct(g, [here], [there])],
      [outputName('moved', name), totalProduct(g, [moved], [moved])],
    ] as const;
  });
  return {
    graph: g.finish('activation-landscape/there', Object.fromEntries(outputs)),
    names: traced.map(({ name }) => name),
  };
}
