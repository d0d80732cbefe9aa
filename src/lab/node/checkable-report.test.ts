import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { afterAll, describe, expect, it } from 'vitest';
import { need, StorageError } from '../../errors.ts';
import { renderReport } from '../../report/report.ts';
import type { Twin } from '../twin/twin.ts';
import { checkingEngine, readCheckFiles } from './checkable-report.ts';

const root = mkdtempSync(join(tmpdir(), 'normscope-check-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A script with what would end it early, and bytes that are no text. */
const script = "document.title = '</script><!--';";
const engine = Uint8Array.from({ length: 1003 }, (_, i) => (i * 41) % 256);
const files = new Map<string, Uint8Array>([
  ['check.js', Buffer.from(script)],
  ['check-worker.js.gz', Buffer.from('postMessage("</script>");')],
  ['engine.wasm.gz', engine],
  ['LICENSES.txt', Buffer.from('MIT')],
]);

const twin: Twin = {
  study: 'nobody2020/claim',
  request: { budget: 'quick', set: { cases: '3' } },
  protocol: { cases: 3 },
  figures: ['figure-a', 'figure-b'],
  fingerprint: '7'.repeat(64),
  values: [0.1, '-0', 'NaN', 3],
  seconds: 2.5,
  beside: 'It is </script> beside it.',
};

const bare = { title: 'Made up', created: '2026-01-01T00:00:00.000Z', manifest: [], sections: [], writeUps: [] };
const report = renderReport(bare, checkingEngine([twin, { ...twin, study: 'nobody2020/other' }], files));
const { document } = parseHTML(report);

function asset(name: string): Buffer {
  const element = need(document.querySelector(`script[data-asset="${name}"]`) ?? undefined, name);
  return Buffer.from(element.textContent, 'base64');
}

describe('a report that carries its engine', () => {
  it('lists what can be checked, and holds each twin by itself', () => {
    const listed = JSON.parse(document.querySelector('#twins')?.textContent ?? '') as readonly { asset: string }[];
    const { request: _request, protocol: _protocol, values: _values, ...known } = twin;
    expect(listed).toEqual([
      { ...known, numbers: 4, asset: 'twin-0.json.gz' },
      { ...known, study: 'nobody2020/other', numbers: 4, asset: 'twin-1.json.gz' },
    ]);
    expect(JSON.parse(gunzipSync(asset('twin-0.json.gz')).toString())).toEqual(twin);
  });

  it('holds engine, worker and licences as they are, and the script where all of them stand above it', () => {
    expect(Uint8Array.from(asset('engine.wasm.gz'))).toEqual(engine);
    expect(asset('check-worker.js.gz').toString()).toBe('postMessage("</script>");');
    expect(asset('LICENSES.txt').toString()).toBe('MIT');
    const last = need([...document.querySelectorAll('script')].at(-1), 'a script');
    expect(last.textContent).toBe(String.raw`document.title = '\x3c/script>\x3c!--';`);
  });

  it('may compile WebAssembly in a worker of its own, and reaches no network', () => {
    const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content');
    expect(policy).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:",
    );
  });

  it('is the same report without it, byte for byte, but for policy, style and what stands at its end', () => {
    const without = renderReport(bare);
    expect(without).not.toMatch(/wasm|twins|class="check|\.check/);
    const [head = '', rest = ''] = report.split(' &#39;wasm-unsafe-eval&#39;; worker-src blob:');
    const style = rest.slice(rest.indexOf('\n.check{'), rest.indexOf('</style>'));
    const end = rest.slice(rest.indexOf('<script type="application/json"'), rest.indexOf('</body>'));
    expect(head + rest.replace(style, '').replace(end, '')).toBe(without);
  });
});

describe('readCheckFiles', () => {
  it('says what is missing where nothing was built', () => {
    expect(() => readCheckFiles(join(root, 'none'))).toThrow(StorageError);
    expect(() => readCheckFiles(join(root, 'none'))).toThrow(/check\.js is not there; run 'npm ci && npm run build'/);
  });
});
