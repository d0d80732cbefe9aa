import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { type ModelName, models } from '../models/index.ts';
import { adam } from '../train/optimisers/adam.ts';
import type { OptimiserSettings } from '../train/optimisers/descent.ts';
import { rmsProp } from '../train/optimisers/rms-prop.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { checkSession } from '../train/session-settings.ts';
import { type NormName, norms } from '../norms/index.ts';
import { defaultNormSettings, type NormSettings } from '../norms/norm.ts';
import { classifier, type ClassifierSettings } from './classifier.ts';

/** All that a hint can be about. */
interface Case {
  readonly model: ModelName;
  readonly batchSize: number;
  readonly network: Partial<ClassifierSettings>;
}

/** The message of a network that cannot be built; undefined where it can. */
function refusal({ model, batchSize, network }: Case): string | undefined {
  const { input } = models[model].parameters;
  try {
    const problem = classifier(model, { input, classes: 10, ...network });
    for (const mode of ['train', 'first'] as const) problem.build({ mode, batchSize });
    return undefined;
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
}

/** A case changed as a message says. The forms that hints have, in the words that all messages use for them. */
const followed: readonly (readonly [RegExp, (tried: Case, found: RegExpExecArray) => Case])[] = [
  [/; try (groups|ghostSize) = (\d+)$/, (tried, [, name = '', value]) => withNormSetting(tried, name, Number(value))],
  [/setting (\w+) .*; try (\S+)$/, (tried, [, name = '', value]) => withNormSetting(tried, name, Number(value))],
  [
    /; use a batch of (\d+), and ghostSize = (\d+)$/,
    (tried, [, batch, size]) => ({ ...withNormSetting(tried, 'ghostSize', Number(size)), batchSize: Number(batch) }),
  ],
  [/; use a batch of (\d+)(?: or more)?$/, (tried, [, batch]) => ({ ...tried, batchSize: Number(batch) })],
  [
    /such as ([\w-]+) with a batch of (\d+) or more$/,
    (tried, [, norm, batch]) => ({ ...withNetwork(tried, { norm: norm as NormName }), batchSize: Number(batch) }),
  ],
  [/such as ([\w-]+)$/, (tried, [, norm]) => withNetwork(tried, { norm: norm as NormName })],
  [/; use norm ([\w-]+), or a wider network$/, (tried, [, norm]) => withNetwork(tried, { norm: norm as NormName })],
  [/; use norm [\w-]+, or a wider network$/, (tried) => withNetwork(tried, { width: 1 })],
  [/^Width .*; try (\S+) or \S+$/, (tried, [, width]) => withNetwork(tried, { width: Number(width) })],
  [
    /^Initial scale .*; try (\S+)$/,
    (tried, [, initialScale]) => withNetwork(tried, { initialScale: Number(initialScale) }),
  ],
  [/^Width .*; try \S+ or (\S+)$/, (tried, [, width]) => withNetwork(tried, { width: Number(width) })],
  [/; use placement (before)$/, (tried) => withNetwork(tried, { placement: 'before' })],
  [/; leave it at (relu)$/, (tried) => withNetwork(tried, { activation: 'relu' })],
];

function withNetwork(tried: Case, changes: Partial<ClassifierSettings>): Case {
  return { ...tried, network: { ...tried.network, ...changes } };
}

function withNormSetting(tried: Case, name: string, value: number): Case {
  return withNetwork(tried, { normSettings: { ...defaultNormSettings, ...tried.network.normSettings, [name]: value } });
}

const normSettings = (changes: Partial<NormSettings>): Partial<ClassifierSettings> => ({
  normSettings: { ...defaultNormSettings, ...changes },
});
const normNames = Object.keys(norms) as readonly NormName[];

/** Everything that is likely to be wrong, on small and on odd networks. */
const cases: readonly Case[] = [
  ...(['mlp', 'resnet20', 'vgg11'] as const).flatMap((model) =>
    [1, 0.3, 0.01].flatMap((width) =>
      ([1, 2, 3, 47, 48] as const).flatMap((batchSize) =>
        normNames
          // What a batch of 47 does to one norm of a batch, it does to all; convolutions take long to build.
          .filter(
            (norm) => model === 'mlp' || ['group', 'ghost-batch', 'instance', 'weight-standardised'].includes(norm),
          )
          .map((norm): Case => ({ model, batchSize, network: { norm, width } })),
      ),
    ),
  ),
  ...[1, 2, 31, 32, 99, 100, 1000].flatMap((value) =>
    ([1, 2, 7, 48, 128] as const).flatMap((batchSize): readonly Case[] => [
      { model: 'mlp', batchSize, network: { norm: 'ghost-batch', ...normSettings({ ghostSize: value }) } },
      { model: 'mlp', batchSize, network: { norm: 'group', ...normSettings({ groups: value }) } },
    ]),
  ),
  ...(['epsilon', 'momentum', 'groups', 'renormScaleLimit', 'renormShiftLimit'] as const).flatMap((name) =>
    [-1, 0.5, 1e40, 1e-40, Number.NaN].map(
      (value): Case => ({
        model: 'resnet20',
        batchSize: 2,
        network: {
          norm: 'group',
          width: 0.3,
          ...normSettings({ [name]: value, groups: name === 'groups' ? value : 1 }),
        },
      }),
    ),
  ),
  ...[0, -1, Number.NaN].map((width): Case => ({ model: 'mlp', batchSize: 4, network: { width } })),
  ...[0, -1].map((initialScale): Case => ({ model: 'mlp', batchSize: 4, network: { initialScale } })),
  ...normNames.map(
    (norm): Case => ({ model: 'vgg11', batchSize: 2, network: { norm, placement: 'after', width: 0.1 } }),
  ),
  { model: 'mlp', batchSize: 4, network: { norm: 'filter-response', activation: 'tanh', normalised: [] } },
];

describe('a hint of a network that cannot be built', () => {
  const refused = cases.flatMap((tried) => {
    const message = refusal(tried);
    return message === undefined ? [] : [{ tried, message }];
  });

  it('is one of the forms below, and every form is met', () => {
    const forms = followed.map(([form]) => refused.filter(({ message }) => form.test(message)).length);
    expect(forms.every((count) => count > 0)).toBe(true);
    const unknown = refused.filter(
      ({ message }) => /; |try|use/.test(message) && !followed.some(([form]) => form.test(message)),
    );
    expect(unknown.map(({ message }) => message)).toEqual([]);
  });

  it('works when it is tried', () => {
    const failed = refused.flatMap(({ tried, message }) =>
      followed.flatMap(([form, follow]) => {
        const found = form.exec(message);
        const again = found === null ? undefined : refusal(follow(tried, found));
        return again === undefined ? [] : [{ tried, message, again }];
      }),
    );
    expect(failed).toEqual([]);
  });
});

describe('a hint of a training that cannot be carried out', () => {
  const usual = { batchSize: 2, optimiser: sgd({ momentum: 0.9 }) as OptimiserSettings, learningRate: 0.1 };
  type Changes = Partial<Omit<typeof usual, 'optimiser'>>;
  const check = (changes: object): void => checkSession({ ...usual, ...changes }, 'float32');
  const bad = [-1, 1e-50, 1e39, 1 - 1e-9, Number.NaN];

  it.each<[string, (value: number) => Changes | { readonly optimiser: OptimiserSettings }]>([
    ['learning rate', (learningRate) => ({ learningRate })],
    ['Momentum', (momentum) => ({ optimiser: sgd({ momentum }) })],
    ['Weight decay', (weightDecay) => ({ optimiser: sgd({ weightDecay }) })],
    ["RMSProp's alpha", (alpha) => ({ optimiser: rmsProp({ alpha }) })],
    ["RMSProp's epsilon", (epsilon) => ({ optimiser: rmsProp({ epsilon }) })],
    ["Adam's beta1", (beta1) => ({ optimiser: adam({ beta1 }) })],
    ["Adam's beta2", (beta2) => ({ optimiser: adam({ beta2 }) })],
    ["Adam's epsilon", (epsilon) => ({ optimiser: adam({ epsilon }) })],
    ['clipped', (clip) => ({ optimiser: { ...sgd(), clip } })],
    ['multiple', (multiple) => ({ optimiser: { ...sgd(), multiples: { w: multiple } } })],
  ])('works when it is tried: %s', (name, changed) => {
    const messages = bad.map((value) => messageOf(() => check(changed(value))));
    expect(messages.filter((message) => message !== '' && !message.includes(name))).toEqual([]);
    const hints = messages.flatMap((message) => /; try (\S+)$/.exec(message)?.[1] ?? []);
    for (const tried of hints) expect(messageOf(() => check(changed(Number(tried))))).toBe('');
    expect(hints.length).toBeGreaterThan(0);
  });
});

/** What a refusal says; nothing where all is well. */
function messageOf(work: () => void): string {
  try {
    work();
    return '';
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
}
