import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { papers } from '../src/papers.ts';
import { studies } from '../src/studies/index.ts';
import { layersTable } from '../tools/layers.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const documents = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].filter((path) => existsSync(join(root, path))),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

/** The text without fenced blocks, whose brackets and paths are code. */
function prose(path: string): string {
  return read(path).replace(/^```.*?^```/gms, '');
}

/** GitHub's anchors of a document's headings. */
function anchors(path: string): readonly string[] {
  const headings = [...prose(path).matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** What is wrong with a link of a document, undefined where it leads somewhere. The web is not asked. */
function brokenLink(document: string, link: string): string | undefined {
  if (/^(https?|mailto):/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : normalize(join(dirname(document), path));
  if (!existsSync(join(root, target))) return `${link}: no such file`;
  if (anchor !== undefined && target.endsWith('.md') && !anchors(target).includes(anchor)) {
    return `${link}: no such heading`;
  }
  return undefined;
}

describe.each(documents)('%s', (document) => {
  it('has links that lead somewhere', () => {
    const links = [...prose(document).matchAll(/\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"/g)];
    const broken = links.map(([, inline, html]) => brokenLink(document, inline ?? html ?? ''));
    expect(broken.filter((problem) => problem !== undefined)).toEqual([]);
  });

  it('names paths that exist', () => {
    const named = [...prose(document).matchAll(/`((?:src|test|tools|docs|bench|examples|\.ci)\/[\w./-]*)`/g)];
    const paths = named.map(([, path = '']) => path);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = [...read(document).matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe.runIf(existsSync(join(root, 'ARCHITECTURE.md')))('ARCHITECTURE.md', () => {
  // tools/layers.test.ts holds that the array has every folder of src/.
  it('has the table of levels that the linter enforces (tools/layers.ts)', () => {
    expect(read('ARCHITECTURE.md')).toContain(layersTable());
  });
});

describe('README.md', () => {
  it('lists every claim, in the order in which a run takes them, with its source and title', () => {
    const rows = [...read('README.md').matchAll(/^\| `([\w-]+\/[\w-]+)` \| ([^|]+) (\d{4}) \| ([^|]+) \| [^|]+ \|$/gm)];
    expect(rows.map(([, name, , year, title]) => [name, Number(year), title])).toEqual(
      studies.map(({ name, paper, title }) => [name, papers[paper].year, title]),
    );
  });
});
