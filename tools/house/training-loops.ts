/** @file No training loop outside src/train: who trains takes steps from a session, whatever is trained. */
import { Visitor } from 'oxc-parser';
import { type Fact, type Finding, isTest, maybeText, memberName, type SourceFile } from './source.ts';

/** The functions that turn gradients into updates; `sgd` and its like only make settings. */
const optimisers: ReadonlySet<string> = new Set(['adamUpdates', 'descend', 'rmsPropUpdates', 'sgdUpdates']);

/** Where each function that makes a program takes what the program may write. */
const permissions: Readonly<Record<string, number>> = { compile: 2, load: 1 };

const repair = 'state the problem and take its steps from a session of src/train';

/**
 * What no loop does without: leave to write state, or updates made from gradients. Who asks for either outside
 * src/train makes a loop. Leave to write anything but scratch counts, named or not; the runtime passes it on.
 * Oracles of src/testing and tests may do as they like.
 */
export const noTrainingLoops: Fact = {
  sentence: 'no training loop outside src/train',
  check: (files) =>
    files
      .filter(({ path }) => path.startsWith('src/') && !isTest(path) && !/^src\/(runtime|train|testing)\//.test(path))
      .flatMap((file) => [...importsOfOptimisers(file), ...calls(file)]),
};

function importsOfOptimisers({ path, imports }: SourceFile): readonly Finding[] {
  return imports
    .filter((one) => one.kind === 'value' && one.path?.startsWith('src/train/'))
    .flatMap(({ names, line }) =>
      names
        .filter((name) => optimisers.has(name))
        .map((name) => ({ path, line, what: `imports '${name}'; ${repair}` })),
    );
}

function calls({ path, program, lineOf }: SourceFile): readonly Finding[] {
  const found: Finding[] = [];
  new Visitor({
    CallExpression: (call) => {
      const name = memberName(call.callee);
      if (name === undefined) return;
      const line = lineOf(call);
      const permission = call.arguments[permissions[name] ?? call.arguments.length];
      if (permission !== undefined && maybeText(permission)?.value !== 'scratch') {
        found.push({ path, line, what: `asks '${name}' for leave to write state; ${repair}` });
      }
      // A name that was imported is reported there; this one came by way of a namespace.
      if (call.callee.type === 'MemberExpression' && optimisers.has(name)) {
        found.push({ path, line, what: `calls '${name}'; ${repair}` });
      }
    },
  }).visit(program);
  return found;
}
