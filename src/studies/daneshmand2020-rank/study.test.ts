import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import { type Place, placeText, type StepRecord } from '../../records/record.ts';
import { drawStream } from '../draws.ts';
import { networkPlace } from './measure.ts';
import { daneshmand2020Rank } from './study.ts';

describe('daneshmand2020/rank measures', () => {
  const width = 4;
  const set = {
    seeds: '2',
    widths: String(width),
    gamma: '0.3',
    layers: '12',
    burnIn: '0',
    every: '6',
    layersPerRun: '3',
    plainLayers: '9',
  };
  let records: readonly StepRecord[];
  beforeAll(async () => {
    const cells = await measuredCells(daneshmand2020Rank.plan({ budget: 'quick', set }));
    records = cells.flatMap((cell) => cell.records());
  });

  /** M of one network after some layers, by the recursion of the authors' code, which knows M alone. */
  function recursion(layers: 'residual' | 'plain', seed: number, depth: number, norm: boolean): Matrix {
    let m = Matrix.eye(width);
    for (let run = 0; run < depth / 3; run++) {
      const stream = drawStream({ seed, step: run, name: `daneshmand2020/rank ${layers} ${width}` });
      for (let i = 0; i < 3; i++) {
        const w = new Float64Array(width * width);
        stream.fillUniform(w, -Math.sqrt(3), Math.sqrt(3));
        const drawn = Matrix.from1DArray(width, width, [...w]);
        const layer = layers === 'plain' ? drawn : Matrix.eye(width).add(drawn.mul(0.3));
        m = layer.mmul(m).mmul(layer.transpose());
        const scale = Matrix.diag(m.diagonal().map((value) => 1 / Math.sqrt(norm ? value : m.trace() / width)));
        m = scale.mmul(m).mmul(scale);
      }
    }
    return m;
  }

  it.each([
    ['batch', 'residual', 0, 6],
    ['batch', 'residual', 1, 12],
    ['batch', 'plain', 1, 9],
    ['standard', 'plain', 0, 3],
    ['standard', 'plain', 1, 9],
  ] as const)('what the recursion for M gives: %s %s, seed %i, layer %i', (arm, layers, seed, depth) => {
    const m = recursion(layers, seed, depth, arm === 'batch');
    const value = (quantity: string): number =>
      records.find(
        (r) =>
          r.quantity === quantity &&
          r.step === depth &&
          placeText(r.place) === placeText(networkPlace(arm, layers, seed)),
      )?.value ?? Number.NaN;
    expect(value('soft-rank')).toBeCloseTo(m.trace() ** 2 / m.norm('frobenius') ** 2, 9);
    const { realEigenvalues } = new EigenvalueDecomposition(m, { assumeSymmetric: true });
    expect(value('rank')).toBe(realEigenvalues.filter((eigenvalue) => eigenvalue > 1e-9).length);
  });
});

describe('daneshmand2020/rank decides', () => {
  const plan = daneshmand2020Rank.plan({ budget: 'quick' });
  interface Truth {
    readonly rank: (width: number) => number;
    readonly collapsed: number;
  }
  const verdicts = (change: Partial<Truth> = {}): readonly string[] => {
    const { rank, collapsed } = { rank: (width: number) => 1.2 * width ** 0.6, collapsed: 1.1, ...change };
    const network = (place: Place, quantity: string, at: number, step: number, value: number): StepRecord => ({
      step,
      quantity,
      value,
      place,
      at,
      definition: '',
      mode: 'frozen',
    });
    const records = [0, 1, 2].flatMap((seed) =>
      [8, 16, 32].flatMap((width) => {
        const noise = 1 + 0.01 * (seed - 1);
        return [
          // Full rank at the start, which the averages leave out.
          network(networkPlace('batch', 'residual', seed), 'rank', width, 1000, width),
          network(networkPlace('batch', 'residual', seed), 'rank', width, 60_000, noise * rank(width)),
          network(networkPlace('batch', 'residual', seed), 'soft-rank', width, 60_000, 2),
          network(networkPlace('batch', 'plain', seed), 'soft-rank', width, 100, 2),
          network(networkPlace('standard', 'plain', seed), 'soft-rank', width, 50, width),
          network(networkPlace('standard', 'plain', seed), 'soft-rank', width, 100, noise * collapsed),
        ];
      }),
    );
    return plan.decide([cellOf(records)]).parts.map(({ verdict }) => verdict);
  };

  it('reproduced where the rank is 1.2 d^0.6', () => {
    expect(verdicts()).toEqual(['reproduced', 'reproduced', 'reproduced']);
  });

  it.each([
    ['a rank of one', { rank: () => 1 }, ['not-reproduced', 'not-reproduced', 'reproduced']],
    ['full rank', { rank: (width: number) => width }, ['not-reproduced', 'reproduced', 'reproduced']],
    ['half the root', { rank: (width: number) => 0.5 * width ** 0.6 }, ['reproduced', 'not-reproduced', 'reproduced']],
    ['no collapse', { collapsed: 1.8 }, ['reproduced', 'reproduced', 'not-reproduced']],
    ['a collapse within the noise', { collapsed: 1.49 }, ['reproduced', 'reproduced', 'inconclusive']],
  ])('otherwise for %s', (_, change, expected) => {
    expect(verdicts(change)).toEqual(expected);
  });
});
