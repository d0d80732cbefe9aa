import { describe, expect, it } from 'vitest';
import { grad, hvp } from '../../src/autodiff/reverse.ts';
import { add, alongChannels, div, dot, mul, poolAxes, reduceMean, reduceSum, sub } from '../../src/graph/arithmetic.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Value } from '../../src/graph/graph.ts';
import { inputsOf } from '../../src/graph/op-arity.ts';
import type { OpName } from '../../src/graph/op-attributes.ts';
import { elementCount } from '../../src/graph/tensor-type.ts';
import { type Network, newNetwork } from '../../src/nn/network.ts';
import { batch, batchVectors, blendInto, normaliseByRunning } from '../../src/norms/batch.ts';
import { viewByPools } from '../../src/norms/pools.ts';
import { type NormName, normName, norms } from '../../src/norms/index.ts';
import { defaultNormSettings, type Norm } from '../../src/norms/norm.ts';
import { ops } from '../../src/ops/index.ts';
import type { OpDef, Vjp } from '../../src/ops/op.ts';
import { papers } from '../../src/papers.ts';
import { maxDifference } from '../../src/testing/difference.ts';
import { allFed, evaluate } from '../../src/testing/evaluate.ts';
import { randomArray } from '../../src/testing/gradcheck.ts';
import { compareWithNative, type NativeOp, nativeOps } from './native-norms.ts';
import { type Faults, normChecks, shapes } from './norm-checks.ts';

const names = Object.keys(norms) as NormName[];
const checks = Object.entries(normChecks);

describe.each(names)('%s', (name) => {
  it.each(checks)('%s', async (_, check) => {
    expect(await check(norms[name])).toEqual([]);
  });

  it('says what it is, and whose', () => {
    const { title, formula, paper } = norms[name];
    expect(title).toMatch(/^[a-z]/);
    expect(formula).toMatch(/^y = /);
    expect(paper === undefined || paper in papers).toBe(true);
  });
});

describe('norms that ONNX has an op for', () => {
  it.each(Object.entries(nativeOps))('%s computes what ONNX Runtime’s own op does', async (name, native) => {
    expect(await compareWithNative(norms[normName(name)], native)).toEqual([]);
  });
});

/** A norm in one object: centring alone. */
const centring: Norm = {
  title: 'centring',
  formula: 'y = x − mean',
  paper: undefined,
  invariances: ['shift'],
  pools: { batch: 'all', channels: 'none', space: true },
  leastPooled: 1,
  shift: () => 'linear',
  build: ({ g }, _name, x) => sub(g, x, reduceMean(g, x, poolAxes(x), true)),
};

describe('a norm added as one object', () => {
  it.each(checks)('%s', async (_, check) => {
    expect(await check(centring)).toEqual([]);
  });
});

describe('batch and batch-composed', () => {
  it.each(shapes)(
    'are equal in value, gradient, second gradient and running statistics on [%i,%i,…]',
    async (...shape) => {
      const g = new GraphBuilder(ops, 'float64');
      const x = g.input('x', shape, { kind: 'data' });
      const w = g.input('w', shape, { kind: 'data' });
      const network = newNetwork(g, 'train');
      const pair = (['batch', 'batch-composed'] as const).map((name) => {
        const y = norms[name].build(network, name, x, defaultNormSettings);
        const parameters = g.inputs.map(({ value }) => value).filter((value) => /\/(gamma|beta)$/.test(value.name));
        const wrt = [x, ...parameters.filter((value) => value.name.startsWith(`${name}/`))];
        const loss = dot(g, w, mul(g, y, mul(g, y, y)));
        const gradients = grad(g, loss, wrt);
        // Along the gradient with respect to x and a fixed direction for gamma and beta.
        const directions = wrt.map((value, i) =>
          i === 0 ? w : g.input(`${name}/v${i}`, value.shape, { kind: 'data' }),
        );
        const products = hvp(g, loss, wrt, directions);
        const outputs = [y, ...gradients, ...products];
        return Object.fromEntries(outputs.map((value, i) => [`${name} ${i}`, value]));
      });
      const graph = allFed(g.finish('pair', Object.assign({}, ...pair) as Record<string, Value>, network.updates));
      const feeds = graph.inputs.map(({ value }) => {
        const last = value.name.split('/').at(-1) ?? '';
        return [value.name, randomArray(elementCount(value.shape), last, 0.5, 1.5)];
      });
      const results = (await evaluate(graph, Object.fromEntries(feeds))) as Record<string, Float64Array>;
      const keys = Object.keys(results).filter((key) => key.startsWith('batch-composed'));
      expect(keys).toHaveLength(9);
      for (const key of keys) {
        const composed = results[key] ?? new Float64Array();
        const scale = Math.max(1, ...composed.map(Math.abs));
        expect(maxDifference(results[key.replace('batch-composed', 'batch')], composed) / scale).toBeLessThan(1e-10);
      }
    },
  );
});

/** What can be wrong with a batch norm. */
interface Flaws {
  readonly noEpsilon?: boolean;
  readonly unbiasedVariance?: boolean;
  readonly biasedRunning?: boolean;
  readonly updatesWhenFrozen?: boolean;
  readonly evaluatesByBatch?: boolean;
  readonly gammaStays?: boolean;
  readonly ignoresBeta?: boolean;
  readonly acceptsOne?: boolean;
}

function flawedBatch(flaws: Flaws): Norm {
  return {
    ...batch,
    build: (network, name, x, settings) =>
      network.g.inScope(name, () => {
        const { g, mode } = network;
        const vectors = batchVectors(network, x, flaws.gammaStays === true ? { ...settings, gamma: true } : settings);
        if (mode === 'eval' && flaws.evaluatesByBatch !== true) {
          return normaliseByRunning(network, x, vectors, settings);
        }
        const m = flaws.acceptsOne === true ? 2 : viewByPools(network, name, x, batch, settings).count;
        const mean = reduceMean(g, x, poolAxes(x));
        const centred = sub(g, x, alongChannels(g, mean, x.shape.length));
        const divisor = flaws.unbiasedVariance === true ? m - 1 : m;
        const variance = div(g, reduceSum(g, mul(g, centred, centred), poolAxes(x)), divisor);
        if (mode === 'train' || (mode === 'frozen' && flaws.updatesWhenFrozen === true)) {
          const { runningMean, runningVariance } = vectors;
          const training = { ...network, mode: 'train' } as const;
          blendInto(training, runningMean, mean, settings.momentum, 1);
          blendInto(
            training,
            runningVariance,
            variance,
            settings.momentum,
            flaws.biasedRunning === true ? 1 : m / (m - 1),
          );
        }
        const shifted = flaws.noEpsilon === true ? variance : add(g, variance, settings.epsilon);
        const scale = div(g, vectors.gamma, g.emit('Sqrt', [shifted]));
        const scaled = mul(g, centred, alongChannels(g, scale, x.shape.length));
        return flaws.ignoresBeta === true ? scaled : add(g, scaled, alongChannels(g, vectors.beta, x.shape.length));
      }),
  };
}

const nativeCheck = (norm: Norm): Promise<Faults> => compareWithNative(norm, nativeOps['batch'] as NativeOp);
const allChecks: Readonly<Record<string, (norm: Norm) => Promise<Faults>>> = { ...normChecks, nativeCheck };

/** The names of the checks that find a fault. */
async function noticedBy(norm: Norm): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.entries(allChecks).map(async ([name, check]) => [name, await check(norm)] as const),
  );
  return found.filter(([, faults]) => faults.length > 0).map(([name]) => name);
}

describe('the checks notice', () => {
  it('nothing in a batch norm written once more', async () => {
    expect(await noticedBy(flawedBatch({}))).toEqual([]);
  });

  it.each<[string, Norm, string]>([
    ['a missing epsilon', flawedBatch({ noEpsilon: true }), 'stays finite'],
    ['a missing epsilon, by its value', flawedBatch({ noEpsilon: true }), 'nativeCheck'],
    ['the unbiased variance where the biased one belongs', flawedBatch({ unbiasedVariance: true }), 'nativeCheck'],
    ['the biased variance where m/(m − 1) belongs', flawedBatch({ biasedRunning: true }), 'keeps the running mean'],
    [
      'running statistics that a probe would change',
      flawedBatch({ updatesWhenFrozen: true }),
      'updates all of its state',
    ],
    ['evaluation by the batch', flawedBatch({ evaluatesByBatch: true, acceptsOne: true }), 'evaluates by its state'],
    ['a gamma that cannot be switched off', flawedBatch({ gammaStays: true }), 'starts its parameters'],
    [
      'ghost batches that share a statistic',
      { ...norms['ghost-batch'], build: batch.build },
      'lets a value depend on those it declares',
    ],
    ['a centred l1 norm', { ...batch, invariances: norms['batch-l1'].invariances }, 'has the invariances'],
    ['layer norm over the batch', { ...norms.layer, build: batch.build }, 'lets a value depend on those it declares'],
    ['a beta without effect', flawedBatch({ ignoresBeta: true }), 'nativeCheck'],
    ['a batch of one', flawedBatch({ acceptsOne: true }), 'refuses fewer values'],
    ['an invariance too many', { ...centring, invariances: ['shift', 'scale'] }, 'has the invariances'],
    ['an invariance too few', { ...batch, invariances: ['shift', 'scale'] }, 'has the invariances'],
    ['a need for values that is only claimed', { ...centring, leastPooled: 2 }, 'refuses fewer values'],
    ['a result of another shape', { ...centring, build: ({ g }, _, x) => reduceMean(g, x, [0], true) }, 'keeps shape'],
    [
      'state that is never updated',
      {
        ...centring,
        build: ({ g }, name, x) =>
          add(
            g,
            x,
            g.input(`${name}/lost`, [1], { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'norm' }),
          ),
      },
      'updates all of its state',
    ],
  ])('%s', async (_, norm, check) => {
    const key = Object.keys(allChecks).find((name) => name.startsWith(check)) ?? '';
    expect(await allChecks[key]?.(norm)).not.toEqual([]);
  });
});

/** Faults that the derivative check finds in a norm while an op has another rule. */
async function faultsWithVjp<K extends OpName>(op: K, vjp: OpDef<K>['vjp'], norm: Norm = batch): Promise<Faults> {
  const definition: { vjp: OpDef<K>['vjp'] } = ops[op];
  const right = definition.vjp;
  definition.vjp = vjp;
  try {
    return (await normChecks['has the first and second derivative that central differences give']?.(norm)) ?? [];
  } finally {
    definition.vjp = right;
  }
}

/** Which parts of dx = gamma · s · (g − mean(g) − x̂ · mean(g · x̂)), s = 1/√(variance + epsilon), are there. */
interface Parts {
  readonly mean: boolean;
  readonly projection: boolean;
  readonly epsilon: boolean;
}

function backward(parts: Parts): Vjp<'BatchNormalization'> {
  const right = ops.BatchNormalization.vjp as Vjp<'BatchNormalization'>;
  return (context) => {
    const {
      g,
      inputs,
      outputs,
      attrs,
      cotangents: [given, ...others],
    } = context;
    const [x, gamma] = inputs;
    const [, mean, variance] = outputs;
    const dy = given as Value;
    const wide = (vector: Value): Value => alongChannels(g, vector, x.shape.length);
    const average = (value: Value): Value => wide(reduceMean(g, value, poolAxes(x)));
    const s = div(g, 1, g.emit('Sqrt', [add(g, variance, parts.epsilon ? attrs.epsilon : 0)]));
    const xhat = mul(g, sub(g, x, wide(mean)), wide(s));
    const centred = parts.mean ? sub(g, dy, average(dy)) : dy;
    const projected = parts.projection ? sub(g, centred, mul(g, xhat, average(mul(g, dy, xhat)))) : centred;
    const sum = (value: Value): Value => reduceSum(g, value, poolAxes(x));
    const dx = mul(g, projected, wide(mul(g, gamma, s)));
    // What reaches x through the other two outputs is not in question here.
    const [beside] = right({ ...context, cotangents: [undefined, ...others] });
    return [beside === undefined ? dx : add(g, dx, beside), sum(mul(g, dy, xhat)), sum(dy)];
  };
}

describe('the check of derivatives notices', () => {
  const whole: Parts = { mean: true, projection: true, epsilon: true };

  it('nothing in the backward pass of the literature, written once more', async () => {
    expect(await faultsWithVjp('BatchNormalization', backward(whole))).toEqual([]);
  });

  it.each([
    ['the term x̂ · mean(g · x̂)', { ...whole, projection: false }],
    ['the term mean(g)', { ...whole, mean: false }],
    ['epsilon', { ...whole, epsilon: false }],
  ])('that the backward pass lacks %s', async (_, parts) => {
    const faults = await faultsWithVjp('BatchNormalization', backward(parts));
    expect(faults.some((fault) => fault.includes('first derivative'))).toBe(true);
  });

  it.each([0, 1, 2, 3, 4])('that the backward pass, differentiated, forgets its input %i', async (forgotten) => {
    const right = ops.BatchNormalizationGrad.vjp as Vjp<'BatchNormalizationGrad'>;
    const faults = await faultsWithVjp('BatchNormalizationGrad', (context) =>
      inputsOf(
        'BatchNormalizationGrad',
        right(context).map((gradient, i) => (i === forgotten ? undefined : gradient)),
      ),
    );
    expect(faults).not.toEqual([]);
    expect(faults.every((fault) => fault.includes('second derivative'))).toBe(true);
  });

  it.each(['batch-renorm', 'spectral'] as const)('that %s differentiates what it must hold constant', async (name) => {
    const faults = await faultsWithVjp('StopGradient', ({ cotangents }) => cotangents, norms[name]);
    expect(faults.some((fault) => fault.includes('first derivative in mode frozen'))).toBe(true);
  });

  it.each(['batch-renorm', 'spectral'] as const)('that %s has lost its stop-gradient', async (name) => {
    const { build, weight } = norms[name];
    const free: Norm = {
      ...norms[name],
      build: (network, ...rest) => build(withoutStops(network), ...rest),
      ...(weight && { weight: (network, ...rest) => weight(withoutStops(network), ...rest) }),
    };
    const check = normChecks['has the first and second derivative that central differences give'];
    const faults = (await check?.(free)) ?? [];
    expect(faults.some((fault) => fault.includes('but its derivative is whole'))).toBe(true);
  });
});

/** The same network, whose builder lets a StopGradient through as if it were not there. */
function withoutStops(network: Network): Network {
  const { g } = network;
  const emit: GraphBuilder['emit'] = (op, inputs, ...rest) =>
    op === 'StopGradient' && inputs[0] !== undefined ? inputs[0] : g.emit(op, inputs, ...rest);
  const through = new Proxy(g, {
    get: (builder, key) => {
      if (key === 'emit') return emit;
      const member: unknown = Reflect.get(builder, key, builder);
      return typeof member === 'function' ? member.bind(builder) : member;
    },
  });
  return { ...network, g: through };
}
