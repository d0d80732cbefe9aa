/**
 * @file The levels of `src/`, written once. The lint rules are generated from this array (`oxlint-config.ts`), and a
 * test holds the table in ARCHITECTURE.md equal to it.
 */

export interface Layer {
  readonly level: number;
  readonly folder: string;
  readonly job: string;
  /** What the folder must not know: the reason for its level, in words. */
  readonly mustNotKnow: string;
}

/** A folder of `src/` imports only from folders of a strictly lower level, from itself, and from the root files. */
export const layers: readonly Layer[] = [
  {
    level: 0,
    folder: 'math',
    job: 'seeded counter-based generator (Philox), statistics and intervals',
    mustNotKnow: 'networks',
  },
  {
    level: 0,
    folder: 'graph',
    job: 'values, nodes, shapes, dtypes, input roles, builder and validator (both take the op table as an argument), text printer; attribute types of ops',
    mustNotKnow: "any op's rule",
  },
  {
    level: 1,
    folder: 'records',
    job: "the record's schema, run and cell folders, atomic writers, safetensors, Parquet, TensorBoard events",
    mustNotKnow: 'who measures',
  },
  {
    level: 1,
    folder: 'ops',
    job: 'one file per op: shape rule, vjp, plain ONNX form together; `index.ts` is the typed table',
    mustNotKnow: 'models',
  },
  {
    level: 2,
    folder: 'autodiff',
    job: '`grad`, `vjp`, `hvp`: transforms over the table',
    mustNotKnow: 'any op by name',
  },
  { level: 2, folder: 'onnx', job: 'ONNX protobuf in and out; the opset is one constant', mustNotKnow: 'training' },
  {
    level: 2,
    folder: 'lowering',
    job: 'logical graph → physical graph (ONNX and ORT-internal ops by domain and name): layouts, fusions; one small pass per file',
    mustNotKnow: 'models, training',
  },
  {
    level: 3,
    folder: 'runtime',
    job: 'sessions, devices, choice of lowering and its check on this machine, state that stays on the device, worker; the only place that imports ORT',
    mustNotKnow: 'models',
  },
  {
    level: 3,
    folder: 'nn',
    job: 'layers, losses, initialisers, activations, written with ops',
    mustNotKnow: 'norms',
  },
  { level: 3, folder: 'data', job: 'datasets, checksums, augmentation, seeded batches', mustNotKnow: 'models' },
  { level: 4, folder: 'norms', job: 'one file per normalisation, one registry', mustNotKnow: 'models' },
  {
    level: 4,
    folder: 'testing',
    job: 'gradient checks and other oracles; imported by tests alone',
    mustNotKnow: 'models',
  },
  {
    level: 5,
    folder: 'models',
    job: '`mlp`, `vgg`, `resnet`: take norm, placement and activation as arguments',
    mustNotKnow: 'data',
  },
  { level: 6, folder: 'train', job: 'optimisers, schedules, loop, seeds, checkpoints', mustNotKnow: 'probes' },
  {
    level: 7,
    folder: 'probes',
    job: 'one file per measurement, one registry, declared needs merged into one graph',
    mustNotKnow: 'studies',
  },
  {
    level: 8,
    folder: 'cells',
    job: 'arms × seeds × settings: content cache, retry, parallelism, time estimate',
    mustNotKnow: 'claims',
  },
  {
    level: 9,
    folder: 'studies',
    job: 'one folder per claim: `study.ts` with protocol, budgets, figures as data, and `decide`',
    mustNotKnow: 'how figures are drawn',
  },
  {
    level: 10,
    folder: 'report',
    job: 'records → figures (a closed set of views) → one self-contained HTML file',
    mustNotKnow: 'training',
  },
  {
    level: 11,
    folder: 'bench',
    job: 'what a step costs on this machine, beside PyTorch, by node, against size, and beside another build',
    mustNotKnow: 'options, terminals',
  },
  { level: 12, folder: 'cli', job: 'one file per command; the only place that prints or exits', mustNotKnow: '–' },
];

/** Files of `src/` itself that every folder may import; they import no folder. */
export const rootFiles: readonly string[] = ['errors.ts', 'papers.ts'];

/** The table of ARCHITECTURE.md, as Markdown. */
export function layersTable(): string {
  const rows = layers.map((layer) => `| ${layer.level} | \`${layer.folder}\` | ${layer.job} | ${layer.mustNotKnow} |`);
  return ['| level | folder in `src/` | job | must not know |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The folders that `folder` may not import: those of its own level and above, itself excepted. */
export function forbiddenFolders(folder: Layer): readonly string[] {
  return layers.filter((other) => other !== folder && other.level >= folder.level).map((other) => other.folder);
}
