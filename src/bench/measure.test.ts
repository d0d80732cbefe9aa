import { parametersOf } from '../graph/graph.ts';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { heldProbe } from '../probes/index.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { findTorch } from './find-torch.ts';
import { loweringIn, measure } from './measure.ts';
import { StepProcess } from './step-process.ts';
import { stepSettings, subjectProblem } from './subject.ts';
import { benchTable } from './table.ts';

const python = await findTorch();

describe('measure', () => {
  it('trains a small network, without and with the probe, and gives plain JSON', async () => {
    const settings = {
      runtimes: ['native', 'wasm'],
      lowering: 'reference',
      convolution: 'direct',
      rounds: 1,
    } as const;
    const subject = { model: 'mlp', width: 0.5, norm: 'batch', batchSize: 8, threads: 1 } as const;
    const probes = [heldProbe('gradient-histograms'), heldProbe('landscape', { multiples: [1] })];
    const shares: number[] = [];
    const result = await measure(
      {
        settings,
        steps: [subject],
        probes: [{ subject, title: 'two', probes }],
        norms: [{ subject, norm: 'noisy-batch', cells: 2 }],
        python: undefined,
      },
      ({ done, all }) => shares.push(done / all),
    );
    expect(shares).toEqual(Array.from({ length: 12 }, (_, i) => i / 12));
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(result).toMatchObject({ settings, skipped: [], machine: { onnxruntime: '1.30.0' } });
    expect(result).not.toHaveProperty('torch');
    const [step] = result.steps;
    // 784·50 + 50·50 + 50·50 + 50·10 weights, 160 biases, gamma and beta of three norms.
    expect(step).toMatchObject({ ...subject, parameters: 45_160 });
    expect(step?.engines.map(({ engine }) => engine)).toEqual(['normscope', 'normscope wasm']);
    for (const engine of step?.engines ?? []) {
      expect(engine.peakBytes).toBeGreaterThan(3e7);
      expect(engine.compileSeconds).toBeGreaterThan(0);
      expect(engine.stepSeconds.count).toBe(step?.stepsPerTurn);
    }
    expect(result.probes).toMatchObject([{ ...subject, title: 'two' }]);
    expect(result.norms).toMatchObject([{ ...subject, other: 'noisy-batch', cells: 2 }]);
    expect(benchTable(result, 'none')).toContain('mlp × 0.5  batch  8      normscope');
  });
});

it('takes another lowering in WebAssembly, which has no blocks', () => {
  const [blocked, blocked8, reference] = [
    { lowering: 'blocked', convolution: 'winograd4' },
    { lowering: 'blocked8', convolution: 'winograd4' },
    { lowering: 'reference', convolution: 'direct' },
  ] as const;
  expect([loweringIn('native', blocked), loweringIn('wasm', blocked)]).toEqual(['blocked', 'portable']);
  expect([loweringIn('native', blocked8), loweringIn('wasm', blocked8)]).toEqual(['blocked8', 'portable']);
  expect(loweringIn('wasm', reference)).toBe('reference');
});

describe.skipIf(python === undefined)("PyTorch's twin", () => {
  const script = fileURLToPath(new URL('./torch-steps.py', import.meta.url));

  it.each([
    ['mlp', 'batch', 'nchw'],
    ['vgg13', 'batch', 'channels_last'],
    ['resnet44', 'batch', 'channels_last'],
    ['resnet20', 'none', 'nchw'],
  ] as const)('of %s with norm %s has as many parameters', async (model, norm, layout) => {
    const subject = { model, norm, width: 0.5, batchSize: 3, threads: 1 };
    const settings = stepSettings(subject);
    const launch = { command: python ?? '', args: [script, layout] };
    const process = new StepProcess(launch, settings);
    const opening = await process.open();
    const parameters = parametersOf(subjectProblem(subject).build({ mode: 'train', batchSize: 3 }).g);
    expect(opening.parameters).toBe(parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0));
    expect(await process.turn(2)).toHaveLength(2);
    expect(await process.finish()).toBeGreaterThan(3e7);
  });
});
