/**
 * @file What every norm must satisfy, as functions of a norm, so that the registry, a norm that is being written and a
 * norm that is wrong on purpose can all be put to it. A check returns the faults it finds, in words.
 */

import { SettingError } from '../../src/errors.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph, Role, Value } from '../../src/graph/graph.ts';
import { elementCount, type FloatType, sameShape, type Shape, sizeAt } from '../../src/graph/tensor-type.ts';
import { conv, dense, type LayerWeight } from '../../src/nn/layers.ts';
import { type Mode, type Network, newNetwork } from '../../src/nn/network.ts';
import {
  defaultNormSettings,
  type InputInvariance,
  type Invariance,
  type Norm,
  type NormSettings,
  type Pools,
  type WeightInvariance,
} from '../../src/norms/norm.ts';
import { ops } from '../../src/ops/index.ts';
import { vjp } from '../../src/autodiff/reverse.ts';
import { maxDifference } from '../../src/testing/difference.ts';
import { allFed, evaluate } from '../../src/testing/evaluate.ts';
import { GRADCHECK_TOLERANCE, gradcheck, type GradcheckCase, randomArray } from '../../src/testing/gradcheck.ts';

export type Faults = readonly string[];
export type NormCheck = (norm: Norm) => Promise<Faults>;

/** Features, and images: unequal sizes, which the groups and ghost batches of {@link testSettings} divide. */
export const shapes: readonly Shape[] = [
  [9, 6],
  [3, 6, 5, 2],
];

/** Of images: differences of every entry of a kernel are many, and groups divide four channels as well. */
function fewerChannels(shape: Shape): Shape {
  return shape.length === 2 ? shape : shape.with(1, 4);
}

/** Settings of all checks but where a check says otherwise. */
export const testSettings: NormSettings = { ...defaultNormSettings, groups: 2, ghostSize: 3 };

/** The shapes whose statistics have values enough for a norm; it refuses the others. */
export function shapesFor({ pools, leastPooled }: Norm): readonly Shape[] {
  const alone = pools?.batch === 'none' && pools.channels === 'none';
  return shapes.filter((shape) => leastPooled === 1 || !alone || shape.length > 2);
}

/** Rounding in float64 on values of order one, with room for a sum over a batch. */
const EXACT = 1e-12;

export type Feeds = Record<string, Float64Array>;

/** One layer as it stands alone: its graph, and what it declared before pruning. */
interface Layer {
  readonly graph: Graph;
  readonly network: Network;
  readonly y: Value;
  readonly declared: readonly { readonly value: Value; readonly role: Role }[];
}

export function buildLayer(
  norm: Norm,
  mode: Mode,
  shape: Shape,
  settings: Partial<NormSettings> = {},
  float: FloatType = 'float64',
): Layer {
  const g = new GraphBuilder(ops, float);
  const network = newNetwork(g, mode);
  const x = g.input('x', shape, { kind: 'data' });
  const y = normed(norm, network, x, { ...testSettings, ...settings });
  const declared = g.inputs.filter(({ value }) => value !== x);
  return { graph: g.finish('norm', { y }, network.updates), network, y, declared };
}

/** x, convolved with the fed matrix `kernel`: images lie in blocks behind a convolution alone. */
export function behindConvolution(g: GraphBuilder, x: Value): Value {
  const C = sizeAt(x.shape, 1);
  const kernel = g.input('kernel', [C, C, 1, 1], { kind: 'data' });
  return g.emit('Conv', [x, kernel], { strides: [1, 1], pads: [0, 0, 0, 0] });
}

/** x normalised; by a norm of weights, as the output of a layer that keeps its shape. */
export function normed(norm: Norm, network: Network, x: Value, settings: NormSettings): Value {
  if (norm.weight === undefined) return norm.build(network, 'layer', x, settings);
  const { g } = network;
  let output: ((y: Value) => Value) | undefined;
  const view = (weight: LayerWeight): Value => {
    const made = norm.weight?.(network, 'layer', { ...weight, activation: 'relu' }, settings);
    output = made?.output;
    return made?.weight ?? weight.value;
  };
  const units = sizeAt(x.shape, 1);
  const made = { initialiser: 'glorot', bias: false, view } as const;
  const y =
    x.shape.length === 2
      ? dense(g, 'linear', x, units, made)
      : conv(g, 'linear', x, { ...made, channels: units, kernel: 3, stride: 1 });
  return output?.(y) ?? y;
}

/** Data for each input that a norm declared, positive as variances and scales are. */
export function positive({ declared }: Layer): Feeds {
  return Object.fromEntries(
    declared.map(({ value }) => [value.name, randomArray(elementCount(value.shape), value.name, 0.5, 1.5)]),
  );
}

export function randomImages(shape: Shape): Float64Array {
  return randomArray(elementCount(shape), `x${shape.join()}`, -2, 3);
}

/** Everything a layer computes: y, and the next value of each state by its name. */
export async function compute({ graph }: Layer, feeds: Feeds): Promise<Feeds> {
  return (await evaluate(allFed(graph), feeds)) as Feeds;
}

/** The random numbers of noise that does nothing: factors of 1, and 0 to be added. */
function withoutNoise({ declared }: Layer): Feeds {
  const random = declared.filter(({ role }) => role.kind === 'random');
  return Object.fromEntries(
    random.map(({ value: { name, shape } }) => [
      name,
      new Float64Array(elementCount(shape)).fill(name.endsWith('/scale') ? 1 : 0),
    ]),
  );
}

const declaredOf = (layer: Layer, kind: Role['kind']): readonly string[] =>
  layer.declared.filter(({ role }) => role.kind === kind).map(({ value }) => value.name);

/** Faults over all shapes that a norm takes. */
export async function forShapes(norm: Norm, check: (shape: Shape) => Promise<Faults>): Promise<Faults> {
  const found = await Promise.all(shapesFor(norm).map(async (shape) => [shape, await check(shape)] as const));
  return found.flatMap(([shape, faults]) => faults.map((fault) => `[${shape.join()}]: ${fault}`));
}

/** The channel of an element of [N, C, …]. */
function channelOf(shape: Shape, place: number): number {
  return Math.floor(place / elementCount(shape.slice(2))) % sizeAt(shape, 1);
}

/** The example of an element of [N, C, …]. */
function exampleOf(shape: Shape, place: number): number {
  return Math.floor(place / elementCount(shape.slice(1)));
}

type Change = (values: Float64Array, shape: Shape) => Float64Array;

const inputChanges: Readonly<Record<InputInvariance, Change>> = {
  shift: (x, shape) => x.map((value, i) => value + 0.7 * (channelOf(shape, i) + 1)),
  exampleShift: (x, shape) => x.map((value, i) => value + 0.7 * (exampleOf(shape, i) + 1)),
  scale: (x) => x.map((value) => 1.7 * value),
  channelScale: (x, shape) => x.map((value, i) => value * (0.6 + 0.5 * channelOf(shape, i))),
  exampleScale: (x, shape) => x.map((value, i) => value * (0.6 + 0.5 * exampleOf(shape, i))),
};

/** The output unit of an element of a weight: [D, units], or [units, C, 3, 3]. */
function unitOf(shape: Shape, place: number): number {
  return shape.length === 2 ? place % sizeAt(shape, 1) : Math.floor(place / elementCount(shape.slice(1)));
}

const weightChanges: Readonly<Record<WeightInvariance, Change>> = {
  weightScale: (w) => w.map((value) => 1.7 * value),
  unitScale: (w, shape) => w.map((value, i) => value * (0.6 + 0.5 * unitOf(shape, i))),
  unitShift: (w, shape) => w.map((value, i) => value + 0.7 * (unitOf(shape, i) + 1)),
};

/** How far y moves under a change of one input that the norm may or may not be invariant to. */
async function movement(norm: Norm, shape: Shape, of: string, change: Change): Promise<number> {
  const layer = buildLayer(norm, 'frozen', shape, { epsilon: 1e-14 });
  const feeds: Feeds = { ...positive(layer), x: randomImages(shape) };
  const changed = layer.graph.inputs.find(({ value }) => value.name === of)?.value.shape ?? [];
  const [before, after] = await Promise.all([
    compute(layer, feeds),
    compute(layer, { ...feeds, [of]: change(feeds[of] ?? new Float64Array(), changed) }),
  ]);
  return maxDifference(after['y'], before['y'] ?? []);
}

/** Where two elements of [N, C, …] share a statistic. */
function sharePool(
  { batch, channels, space }: Pools,
  { groups, ghostSize }: NormSettings,
  shape: Shape,
): (p: number, q: number) => boolean {
  const pixelOf = (place: number): number => place % elementCount(shape.slice(2));
  const group = sizeAt(shape, 1) / groups;
  const alike = (p: number, q: number, pooled: 'none' | 'all' | number): boolean =>
    pooled === 'all' || (pooled === 'none' ? p === q : Math.floor(p / pooled) === Math.floor(q / pooled));
  return (p, q) =>
    alike(exampleOf(shape, p), exampleOf(shape, q), batch === 'ghost' ? ghostSize : batch) &&
    alike(channelOf(shape, p), channelOf(shape, q), channels === 'group' ? group : channels) &&
    (space || pixelOf(p) === pixelOf(q));
}

/** Mean and variance (biased) of each channel over all other axes, one number after another. */
function channelMoments(x: Float64Array, shape: Shape): { mean: number[]; variance: number[]; count: number } {
  const channels = sizeAt(shape, 1);
  const count = x.length / channels;
  const [mean, variance] = [new Array<number>(channels).fill(0), new Array<number>(channels).fill(0)];
  x.forEach((value, i) => {
    const c = channelOf(shape, i);
    mean[c] = (mean[c] ?? 0) + value / count;
  });
  x.forEach((value, i) => {
    const c = channelOf(shape, i);
    variance[c] = (variance[c] ?? 0) + (value - (mean[c] ?? 0)) ** 2 / count;
  });
  return { mean, variance, count };
}

/** The check of each promise that a norm makes; the key says which. */
export const normChecks: Readonly<Record<string, NormCheck>> = {
  'keeps shape and element type': async (norm) =>
    [...shapesFor(norm), ...(norm.weight === undefined ? [[6, 2, 3]] : [])].flatMap((shape) =>
      (['float32', 'float64'] as const).flatMap((float) => {
        const { y } = buildLayer(norm, 'train', shape, {}, float);
        return sameShape(y.shape, shape) && y.dtype === float
          ? []
          : [`${float}[${shape.join()}] became [${y.shape.join()}]`];
      }),
    ),

  'has the first and second derivative that central differences give': (norm) =>
    forShapes(norm, async (whole) => {
      const shape = fewerChannels(whole);
      const faults: string[] = [];
      for (const mode of ['frozen', 'eval'] as const) {
        const settings = { ...testSettings, epsilon: 0.1 };
        const layer = buildLayer(norm, mode, shape, settings);
        const feeds = positive(layer);
        const named = (kind: Role['kind']): Feeds =>
          Object.fromEntries(declaredOf(layer, kind).map((name) => [name, feeds[name] ?? new Float64Array()]));
        const test: GradcheckCase = {
          inputs: { x: { shape, data: randomImages(shape) } },
          declared: named('parameter'),
          constants: { ...named('state'), ...named('random') },
          // The product with x bends norms that are linear, so that no second derivative is zero.
          f: (g, { x }) => {
            const y = normed(norm, newNetwork(g, mode), x as Value, settings);
            return [y, g.emit('Mul', [y, x as Value])];
          },
        };
        const errors = await gradcheck(test);
        const unheld = norm.holdsConstant === undefined ? errors : await gradcheck({ ...test, holds: false });
        if (norm.holdsConstant !== undefined && mode === 'frozen' && unheld.first < 1000 * GRADCHECK_TOLERANCE) {
          faults.push(
            `declares that it holds ${norm.holdsConstant} constant, but its derivative is whole, to ${unheld.first}`,
          );
        }
        for (const [order, error] of Object.entries(errors)) {
          if (!(error < GRADCHECK_TOLERANCE)) faults.push(`${order} derivative in mode ${mode} is off by ${error}`);
        }
      }
      return faults;
    }),

  'has the invariances it declares, and no other': (norm) =>
    forShapes(norm, async (shape) => {
      const changes = [
        // A layer whose weight is normalised is still linear in x.
        ...Object.entries(norm.weight === undefined ? inputChanges : {}).map(
          ([name, change]) => ['x', name, change] as const,
        ),
        ...Object.entries(norm.weight === undefined ? {} : weightChanges).map(
          ([name, change]) => ['linear/weight', name, change] as const,
        ),
      ];
      const moved = await Promise.all(changes.map(([of, , change]) => movement(norm, shape, of, change)));
      return changes.flatMap(([, key], i) => {
        const name = key as Invariance;
        const distance = moved[i] ?? 0;
        if (norm.invariances.includes(name)) return distance < 1e-9 ? [] : [`'${name}' moves y by ${distance}`];
        return distance > 1e-3 ? [] : [`'${name}' holds (y moves by ${distance}) but is not declared`];
      });
    }),

  'lets a value depend on those it declares to share a statistic with, and on no others': (norm) =>
    forShapes(norm, async (shape) => {
      if (norm.weight !== undefined) return [];
      const settings = { ...testSettings, epsilon: 0.1 };
      const g = new GraphBuilder(ops, 'float64');
      const x = g.input('x', shape, { kind: 'data' });
      const cotangent = g.input('cotangent', shape, { kind: 'data' });
      const [dx] = vjp(g, [norm.build(newNetwork(g, 'frozen'), 'layer', x, settings)], [cotangent], [x]);
      const graph = allFed(g.finish('dependence', { dx }));
      const feeds = { ...positive(buildLayer(norm, 'frozen', shape, settings)), x: randomImages(shape) };
      const shares = norm.pools && sharePool(norm.pools, settings, shape);
      const faults: string[] = [];
      for (const p of [0, Math.floor(feeds.x.length / 2) + 1]) {
        const one = new Float64Array(feeds.x.length).fill(1, p, p + 1);
        const gradient = ((await evaluate(graph, { ...feeds, cotangent: one })) as Feeds)['dx'] ?? new Float64Array();
        gradient.forEach((derivative, q) => {
          const declared = p === q || shares?.(p, q) === true;
          if (Math.abs(derivative) > 1e-14 !== declared) faults.push(`∂y[${p}]/∂x[${q}] = ${derivative}`);
        });
      }
      return faults;
    }),

  'updates all of its state in mode train, and none otherwise': (norm) =>
    forShapes(norm, async (shape) => {
      const [train, frozen, evaluation] = (['train', 'frozen', 'eval'] as const).map((mode) =>
        buildLayer(norm, mode, shape),
      ) as [Layer, Layer, Layer];
      const written = train.network.updates.map(({ state }) => state.name);
      const states = declaredOf(train, 'state');
      const feeds = { ...positive(train), x: randomImages(shape) };
      const [first, second] = await Promise.all([compute(train, feeds), compute(frozen, feeds)]);
      return [
        ...(written.toSorted().join() === states.toSorted().join()
          ? []
          : [`has state ${states.join()} but writes ${written.join()}`]),
        ...(frozen.network.updates.length === 0 ? [] : ['writes state in mode frozen']),
        ...(evaluation.network.updates.length === 0 ? [] : ['writes state in mode eval']),
        ...(maxDifference(second['y'], first['y'] ?? []) === 0 ? [] : ['modes train and frozen differ']),
      ];
    }),

  'keeps the running mean and the unbiased running variance': (norm) =>
    forShapes(norm, async (shape) => {
      const momentum = 0.3;
      const layer = buildLayer(norm, 'train', shape, { momentum });
      const x = randomImages(shape);
      const feeds: Feeds = { ...positive(layer), x };
      const next = await compute(layer, feeds);
      const { mean, variance, count } = channelMoments(x, shape);
      // Of a whole batch: runs of examples have statistics of their own.
      if (norm.pools?.batch === 'ghost') return [];
      const fresh = { runningMean: mean, runningVariance: variance.map((v) => (v * count) / (count - 1)) };
      return Object.entries(fresh).flatMap(([name, statistic]) => {
        const full = `layer/${name}`;
        if (!declaredOf(layer, 'state').includes(full)) return [];
        const expected = statistic.map((value, c) => 0.7 * (feeds[full]?.[c] ?? Number.NaN) + momentum * value);
        const error = maxDifference(next[full], expected);
        return error < EXACT ? [] : [`${name} is off by ${error}`];
      });
    }),

  'evaluates by its state alone, or as in training where it has none': (norm) =>
    forShapes(norm, async (shape) => {
      const layer = buildLayer(norm, 'eval', shape);
      const x = randomImages(shape);
      const feeds: Feeds = { ...positive(layer), x };
      const { y } = await compute(layer, feeds);
      if (declaredOf(layer, 'state').length === 0) {
        const training = buildLayer(norm, 'frozen', shape);
        const frozen = await compute(training, { ...feeds, ...withoutNoise(training) });
        return maxDifference(y, frozen['y'] ?? []) < EXACT ? [] : ['modes eval and frozen differ, without any state'];
      }
      const example = elementCount(shape.slice(1));
      const single = buildLayer(norm, 'eval', [1, ...shape.slice(1)]);
      const alone = await compute(single, { ...feeds, x: x.slice(0, example) });
      const error = maxDifference(alone['y'], y?.slice(0, example) ?? []);
      const moved = Object.fromEntries(
        declaredOf(layer, 'state').map((name) => [name, feeds[name]?.map((v) => 2 * v)]),
      );
      const other = await compute(layer, { ...feeds, ...(moved as Feeds) });
      return [
        ...(error < EXACT ? [] : [`an example changes by ${error} with its batch`]),
        ...(maxDifference(other['y'], y ?? []) > 1e-3 ? [] : ['the state does not matter']),
      ];
    }),

  'stays finite, with its gradient, where a statistic has no spread': (norm) =>
    forShapes(norm, async (shape) => {
      const layer = buildLayer(norm, 'frozen', shape);
      const { y } = await compute(layer, { ...positive(layer), x: new Float64Array(elementCount(shape)).fill(3) });
      return (y ?? []).every(Number.isFinite) ? [] : ['y is not finite'];
    }),

  'refuses fewer values per statistic than it needs, and no more': async (norm) =>
    (['first', 'train', 'frozen', 'eval'] as const).flatMap((mode) => {
      if (norm.weight !== undefined) return [];
      const refused = [
        [1, 1],
        [1, 1, 1, 1],
      ].map((shape) => {
        try {
          buildLayer(norm, mode, shape, { groups: 1, ghostSize: 1 });
          return 'nothing';
        } catch (error) {
          return error instanceof SettingError && error.message.includes("'layer'") ? 'a SettingError' : String(error);
        }
      });
      const byItsState = mode === 'eval' && norm.pools?.batch !== 'none';
      const expected = norm.leastPooled > 1 && !byItsState ? 'a SettingError' : 'nothing';
      return refused
        .filter((thrown) => thrown !== expected)
        .map((thrown) => `one value in mode ${mode} throws ${thrown}`);
    }),

  'starts its parameters where they change nothing, so that one switched off is one at its start': (norm) =>
    forShapes(norm, async (shape) => {
      const x = randomImages(shape);
      const full = buildLayer(norm, 'frozen', shape);
      const random = positive(full);
      const start = full.declared.map(({ value, role }) => {
        const initial = 'initial' in role && role.initial.kind === 'constant' ? role.initial.value : undefined;
        const drawn = random[value.name] ?? new Float64Array();
        return [value.name, initial === undefined ? drawn : drawn.map(() => initial)] as const;
      });
      const { y } = await compute(full, { ...Object.fromEntries(start), x });
      const faults: string[] = [];
      for (const off of [['gamma'], ['beta'], ['gamma', 'beta']]) {
        const layer = buildLayer(norm, 'frozen', shape, Object.fromEntries(off.map((name) => [name, false])));
        const left = declaredOf(layer, 'parameter').filter((name) => off.some((part) => name.endsWith(`/${part}`)));
        if (left.length > 0) faults.push(`${left.join()} stay when switched off`);
        const result = await compute(layer, { ...Object.fromEntries(start), x });
        const error = maxDifference(result['y'], y ?? []);
        if (!(error < EXACT)) faults.push(`without ${off.join()} y differs by ${error}`);
      }
      return faults;
    }),
};
