/**
 * @file No test replaces a module: test files share modules, which saves a quarter of their time, and a module that is loaded
 * already cannot be replaced. A device is an argument; of Node's own modules one function is spied on at a time. What is
 * imported from a package at the moment of use can be replaced for that moment, by `doMock`.
 */
import { type Argument, Visitor } from 'oxc-parser';
import { type Fact, type Finding, maybeText, memberName } from './source.ts';

export const noModuleMocks: Fact = {
  sentence: 'no test that replaces a module',
  check: (files) =>
    files.flatMap(({ path, program, lineOf }) => {
      const found: Finding[] = [];
      new Visitor({
        CallExpression: (call) => {
          const { callee } = call;
          if (callee.type !== 'MemberExpression' || memberName(callee.object) !== 'vi') return;
          const name = memberName(callee);
          const isOwn = maybeSpecifier(call.arguments[0])?.startsWith('.') ?? true;
          if (name !== 'mock' && !(name === 'doMock' && isOwn)) return;
          const what =
            "replaces a module, which other test files share; pass one of the test's own, or spy on one function";
          found.push({ path, line: lineOf(call), what });
        },
      }).visit(program);
      return found;
    }),
};

/** The module named in `vi.mock('./x.ts')` or `vi.mock(import('./x.ts'))`. */
function maybeSpecifier(argument: Argument | undefined): string | undefined {
  return argument?.type === 'ImportExpression' ? maybeText(argument.source)?.value : maybeText(argument)?.value;
}
