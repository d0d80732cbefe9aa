/** @file The registry of studies. */

import { type SettingError, unknownName } from '../errors.ts';
import { andreyev2024BatchNorm } from './andreyev2024-batch-norm/study.ts';
import { andreyev2024BatchSharpness } from './andreyev2024-batch-sharpness/study.ts';
import { arjovsky2017WeightClipping } from './arjovsky2017-weight-clipping/study.ts';
import { balduzzi2017Shattering } from './balduzzi2017-shattering/study.ts';
import { bjorck2018CancellingSums } from './bjorck2018-cancelling-sums/study.ts';
import { bjorck2018ClassGradients } from './bjorck2018-class-gradients/study.ts';
import { bjorck2018Depth } from './bjorck2018-depth/study.ts';
import { bjorck2018DivergingUpdate } from './bjorck2018-diverging-update/study.ts';
import { bjorck2018Flatness } from './bjorck2018-flatness/study.ts';
import { bjorck2018GradientTails } from './bjorck2018-gradient-tails/study.ts';
import { bjorck2018LastLayer } from './bjorck2018-last-layer/study.ts';
import { bjorck2018LearningRate } from './bjorck2018-learning-rate/study.ts';
import { bjorck2018MomentsOverDepth } from './bjorck2018-moments-over-depth/study.ts';
import { bjorck2018RandomProducts } from './bjorck2018-random-products/study.ts';
import { bjorck2018SgdNoise } from './bjorck2018-sgd-noise/study.ts';
import { bjorck2018StepSize } from './bjorck2018-step-size/study.ts';
import { cai2019LeastSquares } from './cai2019-least-squares/study.ts';
import { cohen2021Edge } from './cohen2021-edge/study.ts';
import { daneshmand2020Rank } from './daneshmand2020-rank/study.ts';
import { de2020BranchScaling } from './de2020-branch-scaling/study.ts';
import { de2020SkipInit } from './de2020-skip-init/study.ts';
import { dinh2017Rescaling } from './dinh2017-rescaling/study.ts';
import { frankle2021AffineAlone } from './frankle2021-affine-alone/study.ts';
import { ghorbani2019Outliers } from './ghorbani2019-outliers/study.ts';
import { goodfellow2016Chain } from './goodfellow2016-chain/study.ts';
import { ioffe2015Backward } from './ioffe2015-backward/study.ts';
import { ioffe2015Inference } from './ioffe2015-inference/study.ts';
import { ioffe2015Jacobian } from './ioffe2015-jacobian/study.ts';
import { ioffe2015Mnist } from './ioffe2015-mnist/study.ts';
import { ioffe2015OnePassVariance } from './ioffe2015-one-pass-variance/study.ts';
import { ioffe2015Scale } from './ioffe2015-scale/study.ts';
import { keskar2017Sharpness } from './keskar2017-sharpness/study.ts';
import { kohler2018LengthDirection } from './kohler2018-length-direction/study.ts';
import { li2020ExponentialRate } from './li2020-exponential-rate/study.ts';
import { lyu2022SphericalSharpness } from './lyu2022-spherical-sharpness/study.ts';
import { miyato2018SpectralNorm } from './miyato2018-spectral-norm/study.ts';
import { salimans2016WeightNorm } from './salimans2016-weight-norm/study.ts';
import { santurkar2018Definitions } from './santurkar2018-definitions/study.ts';
import { santurkar2018Faster } from './santurkar2018-faster/study.ts';
import { santurkar2018Histograms } from './santurkar2018-histograms/study.ts';
import { santurkar2018Landscape } from './santurkar2018-landscape/study.ts';
import { santurkar2018LandscapeLinear } from './santurkar2018-landscape-linear/study.ts';
import { santurkar2018LargerRates } from './santurkar2018-larger-rates/study.ts';
import { santurkar2018Lemma45 } from './santurkar2018-lemma-4-5/study.ts';
import { santurkar2018LinfAverage } from './santurkar2018-linf-average/study.ts';
import { santurkar2018LpLinear } from './santurkar2018-lp-linear/study.ts';
import { santurkar2018LpNorms } from './santurkar2018-lp-norms/study.ts';
import { santurkar2018NoiseAlone } from './santurkar2018-noise-alone/study.ts';
import { santurkar2018Noisy } from './santurkar2018-noisy/study.ts';
import { santurkar2018Observation43 } from './santurkar2018-observation-4-3/study.ts';
import { santurkar2018Robustness } from './santurkar2018-robustness/study.ts';
import { santurkar2018Shift } from './santurkar2018-shift/study.ts';
import { santurkar2018ShiftSmallRate } from './santurkar2018-shift-small-rate/study.ts';
import { santurkar2018ShiftLinearLargeRate } from './santurkar2018-shift-linear-large-rate/study.ts';
import { santurkar2018ShiftLinear } from './santurkar2018-shift-linear/study.ts';
import { santurkar2018Theorem41 } from './santurkar2018-theorem-4-1/study.ts';
import { santurkar2018Theorem42 } from './santurkar2018-theorem-4-2/study.ts';
import { santurkar2018Theorem44 } from './santurkar2018-theorem-4-4/study.ts';
import { santurkar2018TheoremC1 } from './santurkar2018-theorem-c-1/study.ts';
import { yao2020Shallow } from './yao2020-shallow/study.ts';
import { yang2019GradientExplosion } from './yang2019-gradient-explosion/study.ts';
import type { Study } from './study.ts';

/** In the order in which a run takes them. */
export const studies: readonly Study[] = [
  // Those that need no data set and take seconds.
  ioffe2015Backward,
  ioffe2015Scale,
  ioffe2015Inference,
  ioffe2015OnePassVariance,
  ioffe2015Jacobian,
  goodfellow2016Chain,
  kohler2018LengthDirection,
  salimans2016WeightNorm,
  dinh2017Rescaling,
  cai2019LeastSquares,
  li2020ExponentialRate,
  santurkar2018Observation43,
  santurkar2018Theorem41,
  santurkar2018Theorem42,
  santurkar2018Theorem44,
  santurkar2018TheoremC1,
  santurkar2018Lemma45,
  bjorck2018SgdNoise,
  bjorck2018RandomProducts,
  yang2019GradientExplosion,
  daneshmand2020Rank,
  balduzzi2017Shattering,
  de2020BranchScaling,
  miyato2018SpectralNorm,
  arjovsky2017WeightClipping,
  // Those that train.
  ioffe2015Mnist,
  santurkar2018Robustness,
  santurkar2018ShiftLinear,
  santurkar2018ShiftLinearLargeRate,
  santurkar2018LandscapeLinear,
  santurkar2018LpLinear,
  santurkar2018Faster,
  santurkar2018LargerRates,
  santurkar2018Noisy,
  santurkar2018NoiseAlone,
  santurkar2018Shift,
  santurkar2018ShiftSmallRate,
  santurkar2018Landscape,
  santurkar2018Definitions,
  santurkar2018LpNorms,
  santurkar2018LinfAverage,
  santurkar2018Histograms,
  bjorck2018MomentsOverDepth,
  bjorck2018ClassGradients,
  bjorck2018CancellingSums,
  bjorck2018GradientTails,
  bjorck2018DivergingUpdate,
  bjorck2018StepSize,
  bjorck2018Depth,
  bjorck2018LearningRate,
  bjorck2018LastLayer,
  de2020SkipInit,
  cohen2021Edge,
  andreyev2024BatchSharpness,
  andreyev2024BatchNorm,
  lyu2022SphericalSharpness,
  keskar2017Sharpness,
  bjorck2018Flatness,
  ghorbani2019Outliers,
  yao2020Shallow,
  frankle2021AffineAlone,
];

/**
 * Studies by name ("santurkar2018/landscape"), paper ("santurkar2018") or tag; all where nothing is named.
 * @throws {SettingError} for a word that names none, with the nearest that does.
 *
 * @example
 * for (const { name, claim } of selectStudies(['exact', 'santurkar2018'])) console.log(name, claim);
 */
export function selectStudies(words: readonly string[]): readonly Study[] {
  if (words.length === 0) return studies;
  const unknown = words.find((word) => !studies.some((study) => isNamed(study, word)));
  if (unknown !== undefined) throw unknownClaim(unknown);
  return studies.filter((study) => words.some((word) => isNamed(study, word)));
}

/** A hundred names cannot be read in a message: where none is near, the claims of the paper are listed, or the papers. */
function unknownClaim(word: string): SettingError {
  const known = new Set(studies.flatMap(({ name, paper, tags }) => [name, paper, ...tags]));
  const ofPaper = studies.filter(({ paper }) => word.startsWith(`${paper}/`)).map(({ name }) => name);
  const listed = ofPaper.length > 0 ? ofPaper : [...new Set(studies.map(({ paper }) => paper))];
  return unknownName('claim', word, [...known], listed);
}

function isNamed({ name, paper, tags }: Study, word: string): boolean {
  return name === word || paper === word || tags.includes(word);
}

/**
 * One study by its full name.
 * @throws {SettingError} with the nearest known name.
 *
 * @example
 * const { jobs, protocol } = findStudy('santurkar2018/landscape').plan({ budget: 'quick', seeds: 4 });
 * console.log(jobs.length, protocol['steps']);
 */
export function findStudy(name: string): Study {
  const found = studies.find((study) => study.name === name);
  if (found !== undefined) return found;
  throw unknownName(
    'claim',
    name,
    studies.map((study) => study.name),
  );
}
