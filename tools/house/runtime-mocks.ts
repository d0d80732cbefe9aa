/** @file No test replaces a module of the runtime by its path: a device is an argument, and a test passes its own. */
import { posix } from 'node:path';
import { type Argument, Visitor } from 'oxc-parser';
import { type Fact, type Finding, maybeText, memberName } from './source.ts';

const replacers: ReadonlySet<string> = new Set(['mock', 'doMock']);

export const noRuntimeMocks: Fact = {
  sentence: 'no test that replaces a module of the runtime by its path',
  check: (files) =>
    files.flatMap(({ path, program, lineOf }) => {
      const found: Finding[] = [];
      new Visitor({
        CallExpression: (call) => {
          const { callee } = call;
          if (callee.type !== 'MemberExpression' || memberName(callee.object) !== 'vi') return;
          if (!replacers.has(memberName(callee) ?? '')) return;
          const specifier = maybeSpecifier(call.arguments[0]);
          if (specifier === undefined || !specifier.startsWith('.')) return;
          const target = posix.join(posix.dirname(path), specifier);
          if (!target.startsWith('src/runtime/')) return;
          found.push({ path, line: lineOf(call), what: `replaces ${target}; pass a device of the test's own instead` });
        },
      }).visit(program);
      return found;
    }),
};

/** The module named in `vi.mock('./x.ts')` or `vi.mock(import('./x.ts'))`. */
function maybeSpecifier(argument: Argument | undefined): string | undefined {
  return argument?.type === 'ImportExpression' ? maybeText(argument.source)?.value : maybeText(argument)?.value;
}
