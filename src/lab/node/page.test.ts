import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { afterAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../data/dataset.ts';
import { SettingError, StorageError } from '../../errors.ts';
import { decodeDataset } from '../dataset-file.ts';
import { listedData, type PageFiles, readPage, withData } from './page-files.ts';
import { publishLab } from './publish.ts';
import { singleFile } from './single-file.ts';

const root = mkdtempSync(join(tmpdir(), 'normscope-lab-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const indexHtml = readFileSync(new URL('../web/index.html', import.meta.url));
/** Bytes that are no text, and a script with all that HTML and replacements would trip over. */
const script = "const html = '</script><!-- <script>', price = '$& $1 $$';\nexport default html + price;\n";
const files: PageFiles = new Map<string, Uint8Array>([
  ['index.html', indexHtml],
  ['lab.css', Buffer.from('p::before{content:"$&"}')],
  ['lab.js', Buffer.from(script)],
  ['arm.js', Buffer.from('postMessage("</script>");')],
  ['engine.wasm.gz', Uint8Array.from({ length: 1001 }, (_, i) => (i * 37) % 256)],
  ['fashion-mnist.gz', gzipSync('images')],
  ['data.json', Buffer.from('[{"name":"fashion-mnist","title":"Fashion","file":"fashion-mnist.gz","licence":"MIT"}]')],
  ['catalogue.json', Buffer.from('{}')],
  ['LICENSES.txt', Buffer.from('MIT')],
]);

function dataset(name: 'mnist' | 'fashion-mnist'): Dataset {
  const split = (count: number) => ({
    images: Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7) % 256),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
    count,
  });
  const form = { classes: 10, shape: [1, 28, 28], mean: [0.5], std: [0.25] } as const;
  return { name, ...form, train: split(7), test: split(5), checksum: '', source: 'made up' };
}

function written(folder: string): Map<string, Uint8Array> {
  return new Map(readdirSync(folder).map((name) => [name, Uint8Array.from(readFileSync(join(folder, name)))]));
}

function asBytes(page: PageFiles): Map<string, Uint8Array> {
  return new Map([...page].map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
}

describe('readPage', () => {
  it('gives what is in the folder, and says what to do where the page was not built', () => {
    const folder = join(root, 'built');
    expect(() => readPage(folder)).toThrow(/index\.html is not there; run 'npm ci && npm run build'/);
    publishLab(files, folder);
    expect(asBytes(readPage(folder))).toEqual(asBytes(files));
    rmSync(join(folder, 'arm.js'));
    expect(() => readPage(folder)).toThrow(StorageError);
  });
});

describe('withData', () => {
  it('adds the first examples of a data set, and lists it without a licence', () => {
    const page = withData(files, dataset('mnist'), { train: 3, test: 2 });
    const [shipped, added] = listedData(page);
    expect(shipped?.name).toBe('fashion-mnist');
    expect(added).toEqual({ name: 'mnist', title: 'MNIST, 3 + 2 images', file: 'mnist.gz', licence: 'unknown' });
    const { train, test, name } = decodeDataset(gunzipSync(page.get('mnist.gz') ?? new Uint8Array()));
    expect([name, train.count, test.count]).toEqual(['mnist', 3, 2]);
    expect(Uint8Array.from(train.images)).toEqual(dataset('mnist').train.images.subarray(0, 3 * 784));
  });

  it('puts more of a data set in the place of what was shipped, and keeps its licence', () => {
    const page = withData(files, dataset('fashion-mnist'), { train: 7, test: 5 });
    expect(listedData(page)).toEqual([
      { name: 'fashion-mnist', title: 'Fashion-MNIST, 7 + 5 images', file: 'fashion-mnist.gz', licence: 'MIT' },
    ]);
    expect(page.size).toBe(files.size);
  });

  it('refuses more examples than there are', () => {
    expect(() => withData(files, dataset('mnist'), { train: 8, test: 2 })).toThrow(SettingError);
  });
});

describe('publishLab', () => {
  it('writes every file byte for byte, and again over an earlier lab, without the data that is no longer part of it', () => {
    const folder = join(root, 'deep', 'public');
    publishLab(withData(files, dataset('mnist'), { train: 3, test: 2 }), folder);
    writeFileSync(join(folder, 'CNAME'), 'of the host');
    expect(readdirSync(folder)).toContain('mnist.gz');
    publishLab(files, folder);
    const all = written(folder);
    expect(new TextDecoder().decode(all.get('CNAME'))).toBe('of the host');
    all.delete('CNAME');
    expect(all).toEqual(asBytes(files));
  });

  it('goes on where an earlier try was cut off', () => {
    const folder = join(root, 'cut');
    mkdirSync(folder);
    writeFileSync(join(folder, 'lab.js'), 'half');
    publishLab(files, folder);
    expect(written(folder)).toEqual(asBytes(files));
  });

  it('refuses a folder of other files, and leaves it', () => {
    const folder = join(root, 'other');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.html'), 'mine');
    writeFileSync(join(folder, 'thesis.tex'), 'mine');
    expect(() => publishLab(files, folder)).toThrow(/must be empty or hold an earlier lab, got thesis\.tex/);
    expect(readdirSync(folder)).toEqual(['index.html', 'thesis.tex']);
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('mine');
  });
});

describe('singleFile', () => {
  const { document } = parseHTML(singleFile(files));

  it('holds every asset byte for byte', () => {
    const assets = [...document.querySelectorAll('script[data-asset]')].map(
      (place) => [place.getAttribute('data-asset'), Buffer.from(place.textContent ?? '', 'base64')] as const,
    );
    const expected = [...files].filter(([name]) => !['index.html', 'lab.js', 'lab.css'].includes(name));
    expect(assets.map(([name, bytes]) => [name, Uint8Array.from(bytes)])).toEqual(
      expected.map(([name, bytes]) => [name, Uint8Array.from(bytes)]),
    );
    expect(document.querySelectorAll('link[rel=stylesheet], [src]')).toHaveLength(0);
  });

  it('holds style and script so that nothing ends them early, and the script says the same', async () => {
    expect(document.querySelector('style')?.textContent).toBe('p::before{content:"$&"}');
    const text = document.querySelector('script[type=module]')?.textContent ?? '';
    expect(text).not.toMatch(/<\/script|<!--/);
    const ran = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { readonly default: string };
    expect(ran.default).toBe('</script><!-- <script>$& $1 $$');
  });

  it('leaves out what computes on the GPU, which would double it', () => {
    const more = ['gpu-arm.js', 'gpu-engine.wasm.gz'].map((name) => [name, Buffer.from('for a GPU')] as const);
    expect(singleFile(new Map([...files, ...more]))).toBe(singleFile(files));
  });

  it('refuses a page whose parts it would not find', () => {
    expect(() => singleFile(new Map([...files, ['index.html', Buffer.from('<p>')]]))).toThrow(/There must be a link/);
  });
});
