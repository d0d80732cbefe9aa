/** @file Variances of branches and skips, block by block, for one draw of weights and images. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { allocate } from '../../runtime/tensor-data.ts';
import { initialState } from '../../train/initial-state.ts';
import { drawStream } from '../draws.ts';
import { type BlockSizes, preActivationGraph, resnetGraph } from './networks.ts';

export interface BranchProtocol extends JsonObject, BlockSizes {
  readonly seeds: number;
  /** Images, and their height and width, for the ResNet-56, which is reported and not judged. */
  readonly resnetImages: number;
  readonly resnetSize: number;
}

export type NetworkName = 'pre-activation' | 'resnet56';

const definitions = {
  'pre-activation': 'x + conv(ReLU(norm(conv(ReLU(norm(x))))), identity skips, standard normal images, float64',
  resnet56: 'the ResNet-56 for CIFAR, ReLU after the sum, standard normal images, float32',
} as const;

const statistic = 'biased variance over batch and pixels, averaged over channels, at initialisation; ';

export async function measure(
  laboratory: Laboratory,
  protocol: BranchProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { resnetImages, resnetSize } = protocol;
  const records: StepRecord[] = [];
  const arms = ['batch', 'none'] as const;
  for (const [i, norm] of arms.entries()) {
    const networks: readonly (readonly [NetworkName, Graph])[] = [
      ['pre-activation', preActivationGraph(norm, protocol, 'float64')],
      ['resnet56', resnetGraph(norm, resnetImages, resnetSize)],
    ];
    for (const [name, graph] of networks) {
      const outputs = await laboratory.run(graph, inputs(graph, name, seed));
      for (const [output, values] of Object.entries(outputs)) {
        const [, part, block] = need(/^(branch|skip)(\d+)$/.exec(output) ?? undefined, `a block in ${output}`);
        records.push({
          step: 0,
          quantity: `${norm}-${part}-variance`,
          value: need(values[0], `a value of ${output}`),
          layer: name,
          at: Number(block),
          definition: statistic + definitions[name],
          mode: 'frozen',
        });
      }
    }
    await laboratory.progress(i + 1, arms.length);
  }
  return records;
}

/** The initial weights of the seed, and images. */
function inputs(graph: Graph, name: NetworkName, seed: number): Record<string, ReturnType<typeof allocate>> {
  const state = initialState(graph, seed);
  const x = graph.inputs.find(({ value }) => value.name === 'x')?.value;
  const images = allocate(graph.float, x === undefined ? 0 : elementCount(x.shape)) as Float32Array | Float64Array;
  drawStream({ seed, name: `de2020/branch-scaling ${name} images` }).fillNormal(images, 0, 1);
  return { ...Object.fromEntries(state), x: images };
}
