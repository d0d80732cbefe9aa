/**
 * @file Builds `.oxlintrc.json`. The levels come from `layers.ts`; everything else that the linter enforces stands here
 * with its reason, since JSON has no place for one. `npm run generate` writes the file; a test holds it up to date.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { entryPoints } from './platforms.ts';
import { type Layer, forbiddenFolders, layers, type Platform, rootFiles } from './layers.ts';

interface ImportPattern {
  readonly regex: string;
  readonly message: string;
}

interface Override {
  readonly files: readonly string[];
  readonly rules: Readonly<Record<string, unknown>>;
}

const ortOnly: ImportPattern = {
  regex: '^onnxruntime-',
  message: 'Only src/runtime imports ONNX Runtime.',
};

/** What files of a platform may not import, by the look of the path; house-checks.ts follows where the paths lead. */
const foreign: Readonly<Record<Platform, readonly ImportPattern[]>> = {
  any: [
    { regex: '^(node:|(process|console)$)', message: 'This file is of platform any; only node/ has what Node has.' },
    { regex: '^onnxruntime-node', message: 'This file is of platform any; native packages are for node/.' },
    { regex: '(^|/)(node|web)/', message: 'This file is of platform any and imports no other (tools/layers.ts).' },
  ],
  node: [{ regex: '(^|/)web/', message: 'This file is of platform node, not web (tools/layers.ts).' }],
  web: [
    { regex: '^(node:|(process|console)$)', message: 'This file is of platform web, where Node is not.' },
    { regex: '^onnxruntime-node', message: 'This file is of platform web, where native packages are not.' },
    { regex: '(^|/)node/', message: 'This file is of platform web, not node (tools/layers.ts).' },
  ],
};

/** Bans that hold in every source file but those of the command line. */
const everywhere: readonly ImportPattern[] = [
  { regex: '\\.test\\.ts$', message: 'No source file imports a test.' },
  { regex: '^normscope(/|$)', message: 'Inside the package, import the file itself.' },
  {
    regex: '/src/|[^./][^/]*/\\.\\./|^\\./\\.',
    message: 'Write the shortest relative path, so that levels can be read from it.',
  },
];

/** The files that nothing else in `src/` imports, as a pattern. */
const publicFiles = Object.keys(entryPoints).join('|').replaceAll('.', '\\.');

const printing: ImportPattern = {
  regex: '^(node:)?(process|console)$',
  message: 'Only src/cli prints or exits.',
};

/**
 * The rules of one folder. Files directly in the folder reach other folders as `../x/`, files one level deeper as
 * `../../x/`, hence two overrides: a subfolder may then bear the name of another level without being taken for it.
 * Below a folder of platform any, `node/` and `web/` have rules of their own, which come last and so win.
 */
function overridesOfLayer(layer: Layer): readonly Override[] {
  const { folder, platform } = layer;
  const common = [...everywhere, ...(folder === 'runtime' ? [] : [ortOnly])];
  const banned = [...new Set([...forbiddenFolders(layer), ...(folder === 'testing' ? [] : ['testing'])])];
  const override = (files: string, up: string, of: Platform): Override => ({
    files: [`src/${folder}/${files}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...common,
            // Where Node is not to be had at all, `foreign` covers it.
            ...(folder === 'cli' || of !== 'node' ? [] : [printing]),
            // Outside src/runtime, what ortOnly says is all there is to say about ONNX Runtime.
            ...foreign[of].filter(({ regex }) => folder === 'runtime' || !regex.startsWith(ortOnly.regex)),
            {
              regex: `^${up}(${banned.join('|')})/`,
              message: `src/${folder} is level ${layer.level} and imports only lower levels (tools/layers.ts).`,
            },
            {
              regex: `^${up}(${publicFiles})$`,
              message: 'The public API imports the folders, never the other way round.',
            },
          ],
        },
      ],
    },
  });
  const deep = '(\\.\\./){2,}';
  return [
    override('*.ts', '\\.\\./', platform),
    override('*/**/*.ts', deep, platform),
    ...(platform === 'any' ? [override('node/**/*.ts', deep, 'node'), override('web/**/*.{ts,tsx}', deep, 'web')] : []),
  ];
}

/** What `.oxlintrc.json` holds. */
export function oxlintConfig(): Readonly<Record<string, unknown>> {
  const folders = layers.map((layer) => layer.folder).join('|');
  const silence = ['exit', 'exitCode', 'stdout', 'stderr'].map((property) => ({
    object: 'process',
    property,
    message: printing.message,
  }));
  return {
    $schema: './node_modules/oxlint/configuration_schema.json',
    plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'vitest', 'jsdoc'],
    jsPlugins: ['./tools/lint-plugin.mjs'],
    ignorePatterns: ['dist', 'runs', '**/generated/**', '**/golden/**'],
    categories: { correctness: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack', 'oxlint-disable', 'eslint-disable'] }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'import/no-cycle': 'error',
      'import/no-duplicates': 'error',
      'import/no-self-import': 'error',
      'import/no-default-export': 'error',
      'typescript/ban-ts-comment': 'error',
      // A mock's original has no other type than `typeof import(…)`.
      'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      'typescript/no-explicit-any': 'error',
      'typescript/no-floating-promises': 'error',
      'typescript/no-misused-promises': 'error',
      'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `expect(value, message)`: the message tells which turn of a loop failed.
      'vitest/valid-expect': ['error', { maxArgs: 2 }],
      'unicorn/filename-case': ['error', { case: 'kebabCase' }],
      'house/no-double-assertion': 'error',
      'house/no-export-all': 'error',
      // `new Array<number>(n).fill(0)`: the type argument already says which of its two meanings is meant.
      'unicorn/no-new-array': 'off',
      // The type of a generator already says what it yields.
      'jsdoc/require-yields': 'off',
    },
    overrides: [
      {
        files: ['src/**/*.{ts,tsx}'],
        rules: {
          'no-console': 'error',
          'no-restricted-properties': ['error', ...silence],
          'house/no-native-power': 'error',
        },
      },
      {
        files: rootFiles.map((file) => `src/${file}`),
        rules: {
          'no-restricted-imports': [
            'error',
            {
              patterns: [
                ortOnly,
                ...foreign.any.filter(({ regex }) => !regex.startsWith(ortOnly.regex)),
                { regex: `^\\./(${folders}|${publicFiles})`, message: 'Root files are level 0 and import no folder.' },
              ],
            },
          ],
        },
      },
      {
        files: Object.keys(entryPoints).map((file) => `src/${file}`),
        rules: {
          'no-restricted-imports': [
            'error',
            { patterns: [ortOnly, printing, { regex: '^\\./(cli|testing)/', message: 'Not part of the library.' }] },
          ],
          // What the entry points share is named once, in everywhere.ts.
          'house/no-export-all': 'off',
        },
      },
      ...layers.flatMap(overridesOfLayer),
      { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off', 'no-restricted-properties': 'off' } },
      // Processes of the bench answer the one that started them, on standard output.
      { files: ['src/bench/answer.ts'], rules: { 'no-restricted-properties': 'off' } },
      // A test may bring any oracle, the runtime and later levels included: nothing imports a test, so no level leaks.
      { files: ['src/**/*.test.ts'], rules: { 'no-restricted-imports': 'off' } },
      // Tests compare, reports draw and benchmarks time: no number that they make by a power is a result. `power` itself
      // takes zero, infinite and undefined operands from the engine.
      {
        files: ['src/**/*.test.ts', 'src/report/**', 'src/bench/**', 'src/math/power.ts'],
        rules: { 'house/no-native-power': 'off' },
      },
      // These files are read by tools that want a default export.
      { files: ['*.config.ts', 'tools/lint-plugin.mjs'], rules: { 'import/no-default-export': 'off' } },
    ],
  };
}

/** The exact text of `.oxlintrc.json`. */
export function oxlintConfigText(): string {
  return `${JSON.stringify(oxlintConfig(), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../.oxlintrc.json', import.meta.url), oxlintConfigText());
}
