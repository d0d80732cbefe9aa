/** @file The examples in docstrings of the public API, as programs that compile and run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseSync } from 'oxc-parser';
import { type Outcome, run } from './canary/planted-project.ts';

const repository = fileURLToPath(new URL('../', import.meta.url));

/** What a program may import from the package. */
interface Api {
  /** Name → whether it is a type. */
  readonly names: ReadonlyMap<string, boolean>;
  /** The files that the names come from. */
  readonly paths: readonly string[];
}

export interface Example {
  /** `src/train/session.ts:46`. */
  readonly place: string;
  readonly text: string;
}

/** What a file of `src/` exports, files that it passes on as a whole included. */
export function apiOf(path: string): Api {
  const names = new Map<string, boolean>();
  const paths = new Set<string>();
  const { module } = parseSync(path, readFileSync(path, 'utf8'));
  for (const { moduleRequest, exportName, isType } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest === null) continue;
    const target = join(dirname(path), moduleRequest.value);
    if (exportName.name === null) {
      const whole = apiOf(target);
      for (const [name, isTypeToo] of whole.names) names.set(name, isTypeToo);
      for (const other of whole.paths) paths.add(other);
    } else {
      names.set(exportName.name, isType);
      paths.add(target);
    }
  }
  return { names, paths: [...paths].toSorted() };
}

/** The text after each `@example` of a file's docstrings, up to the next tag; of a fenced block, what it holds. */
export function examplesOf(path: string, source: string = readFileSync(path, 'utf8')): readonly Example[] {
  return parseSync(path, source)
    .comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
    .flatMap(({ value, start }) =>
      [...value.matchAll(/^ *\* @example\b(.*?)(?=^ *\* @|(?![^]))/gms)].map((match): Example => {
        const lines = (match[1] ?? '').split('\n').map((line) => line.replace(/^ *\* ?/, ''));
        const text = lines.join('\n').trim();
        const line = source.slice(0, start + 2 + match.index).split('\n').length;
        return {
          place: `${relative(repository, path)}:${line}`,
          text: /^```ts\n(.*?)^```/ms.exec(text)?.[1] ?? text,
        };
      }),
    );
}

/**
 * An example as a module. Names of the public API that it uses need no import of its own; `from 'normscope'` means the
 * sources.
 */
function moduleOf({ text }: Example, { names }: Api): string {
  const isUsed = (name: string): boolean => new RegExp(`(?<![.\\w])${name}\\b`).test(text);
  const isOwn = (name: string): boolean =>
    new RegExp(`\\b(const|let|function|class|type|interface)\\s+${name}\\b|import [^;]*\\b${name}\\b`).test(text);
  const imported = [...names].filter(([name]) => isUsed(name) && !isOwn(name));
  const list = imported.map(([name, isType]) => (isType ? `type ${name}` : name)).join(', ');
  const entry = `from '${join(repository, 'src/index.ts')}'`;
  return `import { ${list} } ${entry};\n\n${text.replaceAll("from 'normscope'", entry)}\n\nexport {};\n`;
}

/** Examples as modules in a folder of their own. */
export interface Modules {
  /** Compiles them all; status 0 and no output where they are right. */
  compile(): Outcome;
  /** Runs one. @throws whatever it throws. */
  run(example: Example): Promise<void>;
  remove(): void;
}

export function writeModules(examples: readonly Example[], api: Api): Modules {
  const folder = mkdtempSync(join(tmpdir(), 'normscope-examples-'));
  const pathOf = (example: Example): string => join(folder, `${example.place.replaceAll(/\W+/g, '-')}.ts`);
  for (const example of examples) writeFileSync(pathOf(example), moduleOf(example, api));
  const project = {
    extends: join(repository, 'tsconfig.json'),
    compilerOptions: {
      // Examples are read, not published: neither declarations nor emitted paths matter.
      declaration: false,
      isolatedDeclarations: false,
      rewriteRelativeImportExtensions: false,
      typeRoots: [join(repository, 'node_modules/@types')],
    },
    // Of what packages lack types of their own, and a worker of its scope.
    include: ['*.ts', join(repository, 'src/**/*.d.ts')],
  };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  return {
    compile: () => run(join(repository, 'node_modules/.bin/tsc'), ['-p', '.', '--noEmit'], folder),
    async run(example) {
      await import(/* @vite-ignore */ pathToFileURL(pathOf(example)).href);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
