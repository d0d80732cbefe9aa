/** @file The two terms of Theorem 4.1 in the units of an initialised network on Gaussian images: told, not judged. */

import { grad } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';
import { mean, median } from '../../math/statistics.ts';
import { modelName } from '../../models/index.ts';
import { classifier } from '../../problems/classifier.ts';
import type { StepRecord } from '../../records/record.ts';
import { outputOf } from '../../runtime/device.ts';
import { initialState } from '../../train/initial-state.ts';
import { drawNormal, drawStream } from '../draws.ts';
import { standardise } from '../santurkar2018-theorems/statistics.ts';
import { caseRecords } from '../santurkar2018-theorems/theorem-study.ts';

/** The network whose units are looked at. */
export interface NetworkProtocol {
  readonly model: string;
  readonly width: number;
  readonly batchSize: number;
}

const imageShape = [3, 32, 32] as const;
const CLASSES = 10;
const of = 'over the units of a layer, initialised network on one batch of Gaussian images, float32';

const definitions = {
  pooled: 'values m that a unit is normalised over: examples times pixels',
  gain: `gamma/σ, median ${of}`,
  'share-one': `⟨1, g⟩²/(m ‖g‖²) of the gradient g of the loss with respect to the output of batch norm, mean ${of}`,
  'share-yhat': `⟨g, ŷ⟩²/(m ‖g‖²) of the same gradient, mean ${of}`,
} as const;

export async function measureNetwork(
  laboratory: Laboratory,
  { model: name, width, batchSize }: NetworkProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const problem = classifier(modelName(name), { input: imageShape, width, classes: CLASSES });
  const { g, loss, network } = problem.build({ mode: 'frozen', batchSize });
  const { layers } = network;
  const gradients = grad(
    g,
    loss,
    layers.map(({ normed }) => normed),
  );
  const outputs = layers.flatMap(({ linear }, i) => [
    [`y${i}`, linear] as const,
    [`g${i}`, need(gradients[i], `a gradient ${i}`)] as const,
  ]);
  const graph = g.finish('theorem-4-1-network', Object.fromEntries(outputs));
  const key = (what: string) => ({ seed, name: `santurkar2018/theorem-4-1 network ${what}` });
  const labels = drawStream(key('labels'));
  const values = await laboratory.run(graph, {
    ...Object.fromEntries(initialState(graph, seed)),
    x: Float32Array.from(drawNormal(elementCount([batchSize, ...imageShape]), key('x'))),
    labels: Int32Array.from({ length: batchSize }, () => labels.integer(CLASSES)),
  });
  return layers.flatMap(({ name: layer, linear: { shape } }, i) => {
    const channels = sizeAt(shape, 1);
    const read = (output: string) => channelsOf(outputOf(values, output), channels, batchSize);
    const [ys, gs] = [read(`y${i}`), read(`g${i}`)];
    const units = ys.map((y, channel) => shares(y, need(gs[channel], `a gradient of channel ${channel}`)));
    const all = (quantity: keyof ReturnType<typeof shares>): readonly number[] => units.map((unit) => unit[quantity]);
    const numbers = {
      pooled: need(ys[0], 'a channel').length,
      gain: median(all('gain')),
      'share-one': mean(all('one')),
      'share-yhat': mean(all('yhat')),
    };
    return caseRecords(numbers, definitions, { step: 0, layer, at: channels });
  });
}

/** The values of each channel of [N, C, …]. */
function channelsOf(data: Float64Array, channels: number, examples: number): readonly Float64Array[] {
  const pixels = data.length / (channels * examples);
  return Array.from({ length: channels }, (_, channel) =>
    Float64Array.from({ length: examples * pixels }, (__, i) => {
      const example = Math.floor(i / pixels);
      return data[(example * channels + channel) * pixels + (i % pixels)] as number;
    }),
  );
}

/** gamma is 1 at the start. The value before its norm has a batch's own mean and σ, whatever epsilon is. */
function shares(
  y: Float64Array,
  g: Float64Array,
): { readonly gain: number; readonly one: number; readonly yhat: number } {
  const { sigma, yhat } = standardise(y);
  const whole = y.length * innerProduct(g, g);
  return {
    gain: 1 / sigma,
    one: squareOf(g.reduce((a, b) => a + b, 0)) / whole,
    yhat: squareOf(innerProduct(g, yhat)) / whole,
  };
}
