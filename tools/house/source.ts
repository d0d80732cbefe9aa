/** @file The source as the house checks see it: files, syntax trees, and what imports what. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Argument, type Expression, parseSync, type Program, type StringLiteral, Visitor } from 'oxc-parser';

/** One mention of another module. */
export interface Import {
  /** As written: './a.ts', 'node:fs', 'zod'. */
  readonly specifier: string;
  /** The file meant, from the root of the project, where the specifier is a path. */
  readonly path: string | undefined;
  /** `type`: nothing is left of it when the program runs; `address`: of a file that another thread or process loads. */
  readonly kind: 'value' | 'type' | 'address';
  /** The names of the other module that are bound or passed on. */
  readonly names: readonly string[];
  readonly isReExport: boolean;
  readonly line: number;
}

export interface SourceFile {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly program: Program;
  readonly imports: readonly Import[];
  readonly lineOf: (node: { readonly start: number }) => number;
}

/** One place where a fact does not hold. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  /** What is there and what to do about it. */
  readonly what: string;
}

/** What must hold of the source. */
export interface Fact {
  readonly sentence: string;
  readonly check: (files: readonly SourceFile[]) => readonly Finding[];
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('test/');
}

/** Every TypeScript file of `src/` and `test/`, in order of path. @throws {Error} where one does not parse. */
export function readSource(root: string): readonly SourceFile[] {
  const folders = ['src', 'test'].filter((folder) => existsSync(join(root, folder)));
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts')),
  );
  return paths.toSorted().map((path) => parse(path, readFileSync(join(root, path), 'utf8')));
}

function parse(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`Cannot read ${path}: ${error.message}`);
  const lineOf = ({ start }: { readonly start: number }): number => text.slice(0, start).split('\n').length;
  return { path, program, imports: importsOf(path, program, lineOf), lineOf };
}

/** Static, dynamic and type imports, re-exports, `import.meta.resolve` and `new URL(…, import.meta.url)`. */
function importsOf(from: string, program: Program, lineOf: SourceFile['lineOf']): readonly Import[] {
  const found: Import[] = [];
  const note = (
    source: StringLiteral | undefined,
    kind: Import['kind'] = 'value',
    names: readonly string[] = [],
    isReExport = false,
  ): void => {
    if (source === undefined) return;
    const specifier = source.value;
    found.push({ specifier, path: pathOf(from, specifier), kind, names, isReExport, line: lineOf(source) });
  };
  new Visitor({
    // `import { type A }` leaves an import of nothing behind, which still loads the module: only the statement counts.
    ImportDeclaration: ({ source, importKind, specifiers }) =>
      note(
        source,
        importKind === 'type' ? 'type' : 'value',
        specifiers.map((one) => (one.type === 'ImportSpecifier' ? nameOf(one.imported) : '*')),
      ),
    ExportNamedDeclaration: ({ source, exportKind, specifiers }) =>
      note(
        source ?? undefined,
        exportKind === 'type' ? 'type' : 'value',
        specifiers.map(({ local }) => nameOf(local)),
        true,
      ),
    ExportAllDeclaration: ({ source, exportKind }) =>
      note(source, exportKind === 'type' ? 'type' : 'value', ['*'], true),
    ImportExpression: ({ source }) => note(maybeText(source), 'value', ['*']),
    TSImportType: ({ source }) => note(source, 'type', ['*']),
    CallExpression: ({ callee, arguments: [first] }) => {
      if (callee.type !== 'MemberExpression' || callee.object.type !== 'MetaProperty') return;
      if (memberName(callee) === 'resolve') note(maybeText(first), 'address');
    },
    NewExpression: ({ callee, arguments: [first, second] }) => {
      if (callee.type !== 'Identifier' || callee.name !== 'URL' || second === undefined) return;
      const text = maybeText(first);
      if (text !== undefined && /\.[jt]s$/.test(text.value)) note(text, 'address');
    },
  }).visit(program);
  return found;
}

function pathOf(from: string, specifier: string): string | undefined {
  if (!/^\.{1,2}\//.test(specifier)) return undefined;
  // What is compiled asks for a worker by its compiled name.
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

/** The literal that an argument is, where it is a text. */
export function maybeText(argument: Argument | undefined): StringLiteral | undefined {
  return argument?.type === 'Literal' && typeof argument.value === 'string' ? argument : undefined;
}

/** The name after the dot, or of the identifier itself; undefined where there is neither. */
export function memberName(expression: Expression): string | undefined {
  if (expression.type === 'Identifier') return expression.name;
  if (expression.type !== 'MemberExpression' || expression.computed) return undefined;
  return expression.property.type === 'Identifier' ? expression.property.name : undefined;
}

function nameOf(name: { readonly type: string; readonly name?: string; readonly value?: unknown }): string {
  return name.name ?? String(name.value);
}
