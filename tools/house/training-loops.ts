/** @file No training loop outside src/train: who trains takes steps from a session, whatever is trained. */
import { Visitor } from 'oxc-parser';
import { entryPoints } from '../platforms.ts';
import { type Fact, type Finding, isTest, maybeText, memberName, type SourceFile } from './source.ts';

/** The functions that turn gradients into updates. */
const optimisers: ReadonlySet<string> = new Set(['adam', 'descend', 'rmsProp', 'sgd']);

/** The functions that take the permission to write state as an argument. */
const loaders: ReadonlySet<string> = new Set(['compile', 'load']);

const repair = 'state the problem and take its steps from a session of src/train';

/**
 * What no loop does without: leave to write state, or updates made from gradients. Who asks for either outside
 * src/train makes a loop; the public API passes the names on, and oracles of src/testing and tests may do as they like.
 */
export const noTrainingLoops: Fact = {
  sentence: 'no training loop outside src/train',
  check: (files) =>
    files
      .filter(({ path }) => path.startsWith('src/') && !isTest(path) && !/^src\/(train|testing)\//.test(path))
      .flatMap((file) => [...importsOfOptimisers(file), ...calls(file)]),
};

function importsOfOptimisers({ path, imports }: SourceFile): readonly Finding[] {
  const isEntryPoint = Object.keys(entryPoints).some((name) => path === `src/${name}`);
  return imports
    .filter((one) => one.kind === 'value' && one.path?.startsWith('src/train/') && !(isEntryPoint && one.isReExport))
    .flatMap(({ names, line }) =>
      names
        .filter((name) => optimisers.has(name))
        .map((name) => ({ path, line, what: `imports the optimiser '${name}'; ${repair}` })),
    );
}

function calls({ path, program, lineOf }: SourceFile): readonly Finding[] {
  const found: Finding[] = [];
  new Visitor({
    CallExpression: (call) => {
      const name = memberName(call.callee);
      if (name === undefined) return;
      const line = lineOf(call);
      if (loaders.has(name) && call.arguments.some((argument) => maybeText(argument)?.value === 'state')) {
        found.push({ path, line, what: `asks '${name}' for leave to write state; ${repair}` });
      }
      // A name that was imported is reported there; this one came by way of a namespace.
      if (call.callee.type === 'MemberExpression' && optimisers.has(name)) {
        found.push({ path, line, what: `calls the optimiser '${name}'; ${repair}` });
      }
    },
  }).visit(program);
  return found;
}
