/**
 * @file The levels and platforms of `src/`, written once. From this array the lint rules are generated
 * (`oxlint-config.ts`) and the project of what runs anywhere (`any-project.ts`); the house checks read it by way of
 * `platforms.ts`, and a test holds the table in ARCHITECTURE.md equal to it.
 */

/** Where code runs: on every platform, under Node alone, or in a browser alone. */
export type Platform = 'any' | 'node' | 'web';

export interface Layer {
  readonly level: number;
  readonly folder: string;
  /** Of the folder's files; below an `any` folder, `node/` and `web/` are each their own platform. */
  readonly platform: 'any' | 'node';
  readonly job: string;
  /** What the folder must not know: the reason for its level, in words. */
  readonly mustNotKnow: string;
}

/** A folder of `src/` imports only from folders of a strictly lower level, from itself, and from the root files. */
export const layers: readonly Layer[] = [
  {
    level: 0,
    folder: 'math',
    platform: 'any',
    job: 'seeded counter-based generator (Philox), statistics and intervals',
    mustNotKnow: 'networks',
  },
  {
    level: 0,
    folder: 'graph',
    platform: 'any',
    job: 'values, nodes, shapes, dtypes, input roles, builder and validator (both take the op table as an argument), text printer; attribute types of ops',
    mustNotKnow: "any op's rule",
  },
  {
    level: 1,
    folder: 'records',
    platform: 'any',
    job: "the record's schema, run and cell folders, atomic writers, safetensors, Parquet, TensorBoard events",
    mustNotKnow: 'who measures',
  },
  {
    level: 1,
    folder: 'ops',
    platform: 'any',
    job: 'one file per op: shape rule, vjp, plain ONNX form together; `index.ts` is the typed table',
    mustNotKnow: 'models',
  },
  {
    level: 2,
    folder: 'autodiff',
    platform: 'any',
    job: '`grad`, `vjp`, `hvp`: transforms over the table',
    mustNotKnow: 'any op by name',
  },
  {
    level: 2,
    folder: 'onnx',
    platform: 'any',
    job: 'ONNX protobuf in and out; the opset is one constant',
    mustNotKnow: 'training',
  },
  {
    level: 2,
    folder: 'lowering',
    platform: 'any',
    job: 'logical graph → physical graph (ONNX and ORT-internal ops by domain and name): layouts, fusions; one small pass per file',
    mustNotKnow: 'models, training',
  },
  {
    level: 3,
    folder: 'runtime',
    platform: 'any',
    job: 'sessions, devices, choice of lowering and its check on this machine, state that stays on the device, worker; the only place that imports ORT',
    mustNotKnow: 'models',
  },
  {
    level: 3,
    folder: 'nn',
    platform: 'any',
    job: 'layers, losses, initialisers, activations, written with ops',
    mustNotKnow: 'norms',
  },
  {
    level: 3,
    folder: 'data',
    platform: 'any',
    job: 'datasets, checksums, augmentation, seeded batches',
    mustNotKnow: 'models',
  },
  {
    level: 4,
    folder: 'norms',
    platform: 'any',
    job: 'one file per normalisation, one registry',
    mustNotKnow: 'models',
  },
  {
    level: 4,
    folder: 'testing',
    platform: 'node',
    job: 'gradient checks and other oracles; imported by tests alone',
    mustNotKnow: 'models',
  },
  {
    level: 5,
    folder: 'models',
    platform: 'any',
    job: '`mlp`, `vgg`, `resnet`: take norm, placement and activation as arguments',
    mustNotKnow: 'data',
  },
  {
    level: 6,
    folder: 'problems',
    platform: 'any',
    job: 'what is trained, as a value: what is fed, how the network is built in a mode, what is minimised, what may be looked at',
    mustNotKnow: 'optimisers, data sets',
  },
  {
    level: 6,
    folder: 'inspection',
    platform: 'any',
    job: 'what an ONNX file says about itself: layers, norms kept or folded away, and rules on the file alone; the form of a finding',
    mustNotKnow: 'how anything runs or is printed',
  },
  {
    level: 7,
    folder: 'train',
    platform: 'any',
    job: 'optimisers, schedules, loop, seeds, checkpoints',
    mustNotKnow: 'probes',
  },
  {
    level: 7,
    folder: 'curvature',
    platform: 'any',
    job: 'operators made of a problem and a batch, such as its Hessian, and algorithms that take any operator: Lanczos, power iteration',
    mustNotKnow: 'who trains',
  },
  {
    level: 8,
    folder: 'importer',
    platform: 'any',
    job: 'ONNX files of other people → problems: shapes measured by running them, rules per op, norms kept, taken away or put back',
    mustNotKnow: 'data sets, who trains',
  },
  {
    level: 8,
    folder: 'probes',
    platform: 'any',
    job: 'one file per measurement, one registry; settings by a schema, needs of the step declared',
    mustNotKnow: 'studies',
  },
  {
    level: 9,
    folder: 'cells',
    platform: 'any',
    job: 'arms × seeds × settings: content cache, retry, parallelism, time estimate',
    mustNotKnow: 'claims',
  },
  {
    level: 10,
    folder: 'studies',
    platform: 'any',
    job: 'one folder per claim: `study.ts` with protocol, budgets, figures as data, and `decide`',
    mustNotKnow: 'how figures are drawn',
  },
  {
    level: 10,
    folder: 'diagnosis',
    platform: 'any',
    job: 'what ails one network: measurements of a problem on labelled examples, rules over them, and counterfactuals that are run',
    mustNotKnow: 'where a network comes from',
  },
  {
    level: 11,
    folder: 'report',
    platform: 'any',
    job: 'figures, marks on one pair of scales, as SVG; records → one self-contained HTML file',
    mustNotKnow: 'training',
  },
  {
    level: 11,
    folder: 'sweeps',
    platform: 'any',
    job: 'plans of many cells for many machines: chunks, what is there and what is missing, results of a grid',
    mustNotKnow: 'options, terminals',
  },
  {
    level: 12,
    folder: 'bench',
    platform: 'node',
    job: 'what a step costs on this machine, beside PyTorch, by node, against size, and beside another build',
    mustNotKnow: 'options, terminals',
  },
  {
    level: 12,
    folder: 'lab',
    platform: 'any',
    job: 'two arms or more that train beside each other on a page, with lives, tours and what is looked at; figures of reports checked where they are read; `web/` is the pages',
    mustNotKnow: 'options, terminals',
  },
  {
    level: 13,
    folder: 'cli',
    platform: 'node',
    job: 'one file per command, or a folder where it takes several; the only place that prints or exits',
    mustNotKnow: '–',
  },
];

/** Files of `src/` itself that every folder may import; they import no folder. */
export const rootFiles: readonly string[] = ['capitalised.ts', 'counted.ts', 'errors.ts', 'papers.ts', 'shell-word.ts'];

/** The table of ARCHITECTURE.md, as Markdown. */
export function layersTable(): string {
  const rows = layers.map(
    ({ level, folder, platform, job, mustNotKnow }) =>
      `| ${level} | \`${folder}\` | ${platform} | ${job} | ${mustNotKnow} |`,
  );
  return [
    '| level | folder in `src/` | platform | job | must not know |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The folders that `folder` may not import: those of its own level and above, itself excepted. */
export function forbiddenFolders(folder: Layer): readonly string[] {
  return layers.filter((other) => other !== folder && other.level >= folder.level).map((other) => other.folder);
}
