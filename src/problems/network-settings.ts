/** @file What every constructor of problems can be told about its network, and how the network is then made. */

import { SettingError, ShapeError, unknownName } from '../errors.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { type FloatType, formatType, sameShape, type Shape, sizeAt } from '../graph/tensor-type.ts';
import { type ModelName, modelName, models } from '../models/index.ts';
import { checkModelSettings, defaultModelSettings, isNormalised, type ModelSettings } from '../models/model.ts';
import { initialisers } from '../nn/initialisers.ts';
import { type Network, newNetwork } from '../nn/network.ts';
import { PoolError } from '../norms/pool-sizes.ts';
import { ops } from '../ops/index.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { About } from './problem.ts';
import { layersFor, type NetworkFunction } from './network-function.ts';

/** All but the input may be left out. */
export interface NetworkSettings extends Partial<Omit<ModelSettings, 'classes'>> {
  /** Shape of one example: [C, H, W] for images, [D] for vectors. */
  readonly input: Shape;
  /** What everything is computed in; default float32. float64 needs the reference lowering. */
  readonly float?: FloatType;
}

/** A network by name or as a function, with every setting resolved. */
export interface ResolvedNetwork {
  readonly float: FloatType;
  readonly input: Shape;
  /** [N, …input] → [N, outputs]. @throws {ShapeError} where the network ends in something else. */
  readonly build: (network: Network, x: Value) => Value;
  readonly about: About;
}

/**
 * @param problem - what is made of it: "classifier"
 * @param outputs - how many numbers per example the network ends in
 * @throws {SettingError} for settings that make no network.
 */
export function resolveNetwork(
  problem: string,
  network: ModelName | NetworkFunction,
  { input, float = 'float32', ...given }: NetworkSettings,
  outputs: number,
): ResolvedNetwork {
  const bad = input.find((size) => !Number.isInteger(size) || size < 1);
  if (bad !== undefined || input.length === 0) {
    throw new SettingError(`The input of a network must be sizes of 1 or more, got [${input.join(', ')}]`);
  }
  const model = typeof network === 'string' ? models[modelName(network)] : undefined;
  const settings: ModelSettings = {
    ...defaultModelSettings,
    initialiser: model?.initialiser ?? 'he',
    ...given,
    classes: outputs,
  };
  if (!Object.hasOwn(initialisers, settings.initialiser)) {
    throw unknownName('initialiser', settings.initialiser, Object.keys(initialisers));
  }
  const name = typeof network === 'string' ? network : network.name || 'function';
  if (model === undefined && settings.normalised === 'last') {
    throw new SettingError(
      "A network that is a function has no layer known to be the last; list layers, as [3], got 'last'",
    );
  }
  const known = model ?? { title: `network ${name}`, hiddenLayers: Number.POSITIVE_INFINITY };
  checkModelSettings(known, settings, float);
  const buildWith = (own: ModelSettings, built: Network, x: Value): Value =>
    typeof network === 'string' ? models[network].build(built, x, own) : network(layersFor(built, own))(x);
  return {
    float,
    input,
    build: (built, x) => {
      let made: Value;
      try {
        made = buildWith(settings, built, x);
      } catch (error) {
        if (!(error instanceof PoolError)) throw error;
        // The layer at which it stopped knows only itself: without a norm all of them can be built and asked.
        const bare = newNetwork(new GraphBuilder(ops, float), built.mode);
        buildWith({ ...settings, norm: 'none' }, bare, bare.g.input('x', x.shape, { kind: 'data' }));
        const layers = bare.layers.filter((_, i) => isNormalised(known, settings, i + 1));
        throw error.for(layers.map(({ linear }) => linear.shape));
      }
      const expected = [sizeAt(x.shape, 0), outputs];
      if (sameShape(made.shape, expected)) return made;
      throw new ShapeError(`A ${problem} must end in [${expected.join()}], got ${formatType(made)}`);
    },
    about: { problem, ...asJson(settings), network: name, norm: settings.norm, input, float },
  };
}

/**
 * Settings are plain data: this says so to the compiler, and leaves out what is not set. Plain branches go unnamed: cells made before
 * there was a choice stay found.
 */
function asJson({ branch, ...settings }: ModelSettings): JsonObject {
  return JSON.parse(JSON.stringify(branch === 'plain' ? settings : { ...settings, branch })) as JsonObject;
}
