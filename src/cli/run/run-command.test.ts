import { describe, expect, it } from 'vitest';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import { heldProbe } from '../../probes/index.ts';
import { chosenNetwork } from './chosen-network.ts';
import { runCommandText } from './run-command.ts';
import { parsedTraining } from '../sweep/swept-options.ts';
import { trainingFrom } from './training-options.ts';
import { probesFrom } from './probe-options.ts';

const device = { threads: 1, lowering: 'portable', convolution: 'direct' } as const;

/** What the words of a command train; all are of the registry, so that nothing is loaded. */
async function specOf(words: readonly string[]): Promise<TrainingSpec> {
  const [model = '', ...rest] = words;
  const { given, command } = parsedTraining(rest);
  const chosen = await chosenNetwork(model, given, command, () => Promise.reject(new Error('nothing is loaded')));
  return { arm: '', problem: chosen.problem, training: trainingFrom(chosen, given), probes: probesFrom(given) };
}

describe('runCommandText()', () => {
  it.each([
    'mlp --steps 50',
    'resnet20 --norm none --branch fixup --examples 640 --batch 32 --steps 20',
    'vgg11 --width 0.25 --norm group --norm-set groups=4 --train affine --normalised 1,3 --activation tanh --placement after --steps 9',
    'mlp --epochs 1 --batch 500 --optimiser adam --lr 0.003 --schedule constant --seed 7 --probe landscape --every 10',
    'resnet20 --steps 30 --momentum 0.5 --no-nesterov --weight-decay 0 --no-augment',
  ])('of %s trains the same', async (text) => {
    const spec = await specOf(text.split(' '));
    const [program, verb, ...words] = runCommandText(spec, device).split(' ');
    expect([program, verb]).toEqual(['normscope', 'run']);
    const again = await specOf(words.slice(0, words.indexOf('--threads')));
    expect(again.problem.about).toEqual(spec.problem.about);
    expect(again.training).toEqual(spec.training);
    expect(again.probes).toEqual(spec.probes);
  });

  it('of a file names the file, its norms and what it is fed, and no setting that it does not have', async () => {
    const { training } = await specOf('mlp --steps 5'.split(' '));
    const { problem } = await specOf(['mlp']);
    const about = { ...problem.about, network: 'my net.onnx', norms: 'none', scaling: { name: 'pixel/255' } };
    const spec = { arm: '', problem: { ...problem, about }, training, probes: [heldProbe('norms', { every: 2 })] };
    const text = runCommandText(spec, device);
    expect(text).toMatch(
      /^normscope run 'my net\.onnx' --norm none --preprocess pixel\/255 --dataset mnist --batch 128 /,
    );
    expect(text).not.toMatch(/--(width|activation|init|placement|normalised)/);
  });
});
