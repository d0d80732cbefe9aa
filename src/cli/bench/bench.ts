/** @file `normscope bench`: step time, compile time and memory beside PyTorch's, in one run on this machine. */

import os from 'node:os';
import { Command, Option } from 'commander';
import { aboutText, busyNotes, threadsText } from '../../bench/about.ts';
import { FOLLOWED, normSubjects, probedSubjects, stepSubjects } from '../../bench/contests.ts';
import { type Curves, curvePoints, measureCurves } from '../../bench/curves/curves.ts';
import { curvesTable } from '../../bench/curves/curves-table.ts';
import { followingTable } from '../../bench/following/following-table.ts';
import { type Following, measureFollowing } from '../../bench/following/following.ts';
import { findTorch } from '../../bench/find-torch.ts';
import { type BenchResult, measure, observe } from '../../bench/measure.ts';
import { profileTable } from '../../bench/profile/profile-table.ts';
import { profile, type SubjectProfile } from '../../bench/profile/profile.ts';
import { measureSeeds, type SeedsResult } from '../../bench/seeds/seeds.ts';
import { seedsTable } from '../../bench/seeds/seeds-table.ts';
import { subjectName } from '../../bench/subject.ts';
import { benchTable } from '../../bench/table.ts';
import { loweringText } from '../../runtime/lowering-choice.ts';
import { runtimeNames } from '../../runtime/runtime-name.ts';
import { compareWith, isEngine } from './bench-builds.ts';
import { type BenchOptions, namedBy, reportTo, trustedLowering } from './bench-options.ts';
import { interruptSignal } from '../failure.ts';
import * as options from '../options.ts';
import { print, printJson } from '../output.ts';
import { createProgressLine } from '../progress.ts';

export function benchCommand(): Command {
  return new Command('bench')
    .summary('measure the engine beside PyTorch on this machine')
    .description(
      'Times training steps on made-up images of the real size: normscope beside PyTorch in eager ' +
        'mode, in both of its memory formats, with the same network, batch and threads. Each engine is ' +
        'a process of its own, so that its peak memory is its own; they take turns, so that what slows ' +
        'the machine slows all alike. Also measures what probes add to a step, and what noise costs where two cells train at once. All of it takes about ' +
        'a quarter of an hour on 2 cores.',
    )
    .addOption(new Option('--model <name...>', 'networks (default: resnet20, resnet56, resnet110, vgg16)'))
    .addOption(new Option('--width <multiple>', 'of the published channels').argParser(options.decimalNumber))
    .addOption(new Option('--norm <name...>', 'what normalises (default: batch, and none on two networks)'))
    .addOption(
      new Option('--batch <n...>', 'images per step (default: 128, and 8 on resnet20)').argParser(
        listOf(options.wholeNumber(1)),
      ),
    )
    .addOption(
      new Option('--threads <n...>', 'threads per network (default: all cores, and 1)').argParser(
        listOf(options.threadCount),
      ),
    )
    .addOption(new Option('--rounds <n>', 'turns of each engine').argParser(options.wholeNumber(1)).default(5))
    .addOption(options.loweringOption())
    .addOption(new Option('--runtime <name...>', 'builds of ONNX Runtime').choices(runtimeNames).default(['native']))
    .addOption(options.convolutionOption())
    .addOption(
      new Option(
        '--against <what>',
        'torch, none, or the folder of another checkout of normscope, built, whose training loops are then timed beside those of this one',
      ).default('torch'),
    )
    .addOption(
      new Option(
        '--only <what>',
        'plain steps, probes, norms beside batch norm, or (only where they are named) the followed largest eigenvalue beside ' +
          'converged Lanczos, and ten seeds in one graph beside one',
      ).choices(['steps', 'probes', 'norms', 'sharpness', 'seeds']),
    )
    .addOption(
      new Option('--profile', 'where the time of one step goes, by layer and by kind of op').conflicts([
        'only',
        'runtime',
      ]),
    )
    .addOption(
      new Option('--curves', 'a step of resnet20 against depth, width and batch').conflicts([
        'only',
        'profile',
        'runtime',
        'model',
        'width',
        'batch',
      ]),
    )
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      '\nWhere networks, norms or batches are named, every combination is measured.\n' +
        '\nAgainst another checkout, loops of mlp, vgg11 and resnet20 run on real data, by\n' +
        'the same lowering in both (portable unless named); --model, --only and --threads\n' +
        'narrow them. Five rounds take about a quarter of an hour on 2 cores.\n' +
        '\nExamples:\n' +
        '  $ normscope bench\n' +
        '  $ normscope bench --model vgg16 --convolution direct --only steps\n' +
        '  $ normscope bench --model resnet20 --norm batch none --batch 8 128 --threads 1\n' +
        '  $ normscope bench --model resnet20 --batch 32 --runtime native wasm\n' +
        '  $ normscope bench --only norms --norm noisy-batch ghost-batch\n' +
        '  $ normscope bench --only seeds --norm batch-l1\n' +
        '  $ normscope bench --profile --model vgg16 --threads 1\n' +
        '  $ normscope bench --curves --norm none --rounds 3\n' +
        '  $ normscope bench --model vgg11 --width 0.25 --against none --json\n' +
        '  $ normscope bench --against ../normscope-before --rounds 3\n',
    )
    .action((given: BenchOptions) => {
      if (!isEngine(given.against)) return compareWith(given.against, given);
      if (given.profile === true) return profileSteps(given);
      if (given.only === 'seeds') return compareSeeds(given);
      if (given.only === 'sharpness') return followSharpness(given);
      return given.curves === true ? drawCurves(given) : holdContests(given);
    });
}

async function holdContests(given: BenchOptions): Promise<void> {
  const { rounds, runtime, only } = given;
  const against = given.against === 'torch' ? 'torch' : 'none';
  const named = namedBy(given, [...new Set([os.availableParallelism(), 1])]);
  const steps = only === undefined || only === 'steps' ? stepSubjects(named) : [];
  const probes = only === undefined || only === 'probes' ? probedSubjects(named) : [];
  const isNamed = given.model !== undefined || given.norm !== undefined || given.batch !== undefined;
  const norms = only === 'norms' || (only === undefined && !isNamed) ? normSubjects(named) : [];
  const settings = { ...(await trustedLowering(given)), runtimes: runtime, rounds };
  const signal = interruptSignal('the same command measures from the start');
  const line = createProgressLine();
  let result: BenchResult;
  try {
    line.begin('looking for PyTorch');
    const python = against === 'torch' && steps.length > 0 ? await findTorch() : undefined;
    result = await measure({ settings, steps, probes, norms, python }, reportTo(line), signal);
  } finally {
    line.done();
  }
  if (given.json === true) printJson(result);
  else print(benchTable(result, against));
}

/** The profiles of ResNet-20's step, or of those that are named. */
async function profileSteps(given: BenchOptions): Promise<void> {
  const named = namedBy({ model: ['resnet20'], batch: [128], ...given }, [os.availableParallelism()]);
  const subjects = stepSubjects(named);
  const lowering = await trustedLowering(given);
  const signal = interruptSignal('the same command measures from the start');
  const line = createProgressLine();
  const profiles: SubjectProfile[] = [];
  const circumstances = observe();
  try {
    for (const subject of subjects) {
      line.begin(`${subjectName(subject)}: ceilings, then steps with and without a trace`);
      profiles.push(await profile(subject, lowering, signal));
    }
  } finally {
    line.done();
  }
  const about = circumstances();
  if (given.json === true) return printJson({ ...about, profiles });
  return print([aboutText(about, undefined), ...profiles.map(profileTable), ...busyNotes(about)].join('\n\n'));
}

async function drawCurves(given: BenchOptions): Promise<void> {
  const {
    norm: [norm = 'batch'] = [],
    threads: [threads = 1],
  } = namedBy(given, [os.availableParallelism()]);
  const settings = { ...(await trustedLowering(given)), rounds: given.rounds };
  const signal = interruptSignal('the same command measures from the start');
  const line = createProgressLine();
  const circumstances = observe();
  let curves: Curves;
  try {
    line.begin('steps that compute nothing');
    curves = await measureCurves(curvePoints(norm, threads), settings, reportTo(line), signal);
  } finally {
    line.done();
  }
  const about = circumstances();
  if (given.json === true) return printJson({ ...about, norm, threads, ...settings, ...curves });
  const what = `Norm ${norm}, ${threadsText(threads)}, lowering ${loweringText(settings)}; medians with quartiles`;
  return print([aboutText(about, undefined, what), curvesTable(curves), ...busyNotes(about)].join('\n\n'));
}

/** What following the largest eigenvalue costs a step, and how near it is to converged Lanczos, step by step. */
async function followSharpness(given: BenchOptions): Promise<void> {
  const named = namedBy(given, [os.availableParallelism()]);
  const probes = probedSubjects(named).filter(({ title }) => title.startsWith(FOLLOWED));
  const lowering = await trustedLowering(given);
  const settings = { ...lowering, runtimes: given.runtime, rounds: given.rounds };
  const signal = interruptSignal('the same command measures from the start');
  const followings: Following[] = [];
  let result: BenchResult;
  const [costs, steps] = [createProgressLine(), createProgressLine()];
  try {
    result = await measure({ settings, steps: [], probes, norms: [], python: undefined }, reportTo(costs), signal);
    costs.done();
    // Each subject once, however many contests it is in.
    for (const { subject } of probes.filter(({ title }) => title === probes[0]?.title)) {
      followings.push(...(await measureFollowing(subject, lowering, reportTo(steps), signal)));
    }
  } finally {
    costs.done();
    steps.done();
  }
  if (given.json === true) printJson({ ...result, followings });
  else print([benchTable(result, 'none'), followingTable(followings)].join('\n\n'));
}

/** Ten deep linear networks in one graph beside one, without norm and with batch norm unless others are named. */
async function compareSeeds(given: BenchOptions): Promise<void> {
  const {
    norm = ['none', 'batch'],
    threads: [threads = 1],
  } = namedBy(given, [1]);
  const settings = { ...(await trustedLowering(given)), rounds: given.rounds, threads };
  const signal = interruptSignal('the same command measures from the start');
  const line = createProgressLine();
  let result: SeedsResult;
  try {
    result = await measureSeeds(norm, settings, reportTo(line), signal);
  } finally {
    line.done();
  }
  return given.json === true ? printJson(result) : print(seedsTable(result));
}

/** A reader of each value of an option that takes several. */
function listOf<T>(read: (text: string) => T): (text: string, earlier: readonly T[] | undefined) => readonly T[] {
  return (text, earlier = []) => [...earlier, read(text)];
}
