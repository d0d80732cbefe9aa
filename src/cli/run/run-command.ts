/** @file The command that repeats a training. */

import type { TrainingSpec } from '../../cells/training-spec.ts';
import type { Scaling } from '../../data/scalings.ts';
import { isModelName } from '../../models/index.ts';
import type { ModelSettings } from '../../models/model.ts';
import { defaultNormSettings, type NormSettings } from '../../norms/norm.ts';
import type { DeviceSettings } from '../../runtime/device.ts';
import { resolveLowering } from '../../runtime/lowering-choice.ts';
import { shellWord } from '../../shell-word.ts';
import type { OptimiserSettings } from '../../train/optimisers/descent.ts';
import { probeWords } from './probe-options.ts';

/** To the bit, with every setting spelt out; the network of a file is named as the run names it, without its folder. */
export function runCommandText({ problem, training, probes }: TrainingSpec, device: DeviceSettings): string {
  const { lowering, convolution } = resolveLowering(device);
  const { steps, learningRate, seed, batchSize, examples, optimiser, schedule } = training;
  const words = [
    `normscope run ${shellWord(problem.about.network)}`,
    ...(isModelName(problem.about.network) ? modelWords(problem.about) : fileWords(problem.about)),
    `--dataset ${training.dataset} --batch ${batchSize} --steps ${steps}`,
    ...(examples === undefined ? [] : [`--examples ${examples}`]),
    `--lr ${learningRate} ${optimiserText(optimiser)} --schedule ${schedule.kind} --seed ${seed}`,
    training.augment ? '--augment' : '--no-augment',
    ...probeWords(probes),
    `--threads ${device.threads} --lowering ${lowering} --convolution ${convolution}`,
  ];
  return words.join(' ');
}

type StoredModel = Record<string, unknown> &
  Omit<ModelSettings, 'branch'> & { readonly branch?: ModelSettings['branch'] };

/** What a problem of the registry says about itself are the settings of its model; plain branches it leaves out. */
function modelWords(about: Readonly<Record<string, unknown>>): readonly string[] {
  const { norm, normSettings, width, activation, placement, initialiser, normalised, branch } = about as StoredModel;
  return [
    `--norm ${norm} --width ${width}`,
    ...Object.entries(defaultNormSettings).flatMap(([key, usual]) => {
      const set = normSettings[key as keyof NormSettings];
      return set === usual ? [] : [`--norm-set ${key}=${set}`];
    }),
    `--activation ${activation} --placement ${placement} --init ${initialiser}`,
    `--normalised ${String(normalised)}`,
    ...(branch === undefined ? [] : [`--branch ${branch}`]),
  ];
}

/** A network of a file is as it is, but for its norms and what it is fed. */
function fileWords(about: Readonly<Record<string, unknown>>): readonly string[] {
  const { norms, scaling } = about as Record<string, unknown> & { readonly scaling?: Pick<Scaling, 'name'> };
  return [
    ...(norms === 'none' ? ['--norm none'] : []),
    ...(scaling === undefined ? [] : [`--preprocess ${shellWord(scaling.name)}`]),
  ];
}

/** Its options on the command line. */
function optimiserText(optimiser: OptimiserSettings): string {
  const { trained = 'all' } = optimiser;
  const train = trained === 'all' ? '' : ` --train ${trained}`;
  if (optimiser.kind !== 'sgd') return `--optimiser ${optimiser.kind}${train}`;
  const { momentum, weightDecay, nesterov } = optimiser;
  return `--momentum ${momentum} --weight-decay ${weightDecay}${nesterov ? '' : ' --no-nesterov'}${train}`;
}
