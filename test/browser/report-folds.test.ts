import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/report.ts';
import type { StudySection } from '../../src/studies/document.ts';
import { answerOfPage, findChromium } from './chromium.ts';

const chromium = findChromium();
const folder = mkdtempSync(join(tmpdir(), 'normscope-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const study: StudySection = {
  kind: 'study',
  name: '',
  title: 'A made-up claim',
  paper: 'ioffe2015',
  where: 'Section 3',
  claim: 'It holds.',
  needsData: false,
  budget: 'quick',
  result: undefined,
  notRun: 'It was stopped.',
  protocol: [],
  definitions: [],
  command: 'npx normscope reproduce',
  wallSeconds: undefined,
};

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Asks a page about its folds, from the outside: the page's own policy forbids it to tell. */
const asking = `
const open = ({ contentDocument }) => [...contentDocument.querySelectorAll('.study')]
  .filter((study) => study.querySelector('details').open).map((study) => study.id.at(-1)).join('');
const frame = (hash, sandbox) => new Promise((resolve) => {
  const made = document.createElement('iframe');
  if (sandbox !== undefined) made.sandbox = sandbox;
  made.src = 'report.html' + hash;
  made.onload = () => resolve(made);
  document.body.append(made);
});
const moved = (page, move) => new Promise((resolve) => {
  page.contentWindow.addEventListener('hashchange', () => resolve(open(page)), { once: true });
  move(page.contentWindow);
});
const page = await frame('');
const controls = () => page.contentDocument.querySelectorAll('.fold-controls button');
const answer = { atFirst: open(page) };
answer.byAddress = open(await frame('#section-3-ioffe2015-c'));
answer.withoutScript = open(await frame('', 'allow-same-origin'));
answer.byLink = await moved(page, () => page.contentDocument.querySelector('td a[href$="-b"]').click());
answer.byHash = await moved(page, (window) => { window.location.hash = '#section-4-ioffe2015-d'; });
controls()[1].click();
answer.folded = open(page);
answer.back = await moved(page, (window) => window.history.back());
answer.forth = await moved(page, (window) => window.history.forward());
page.contentWindow.dispatchEvent(new Event('beforeprint'));
answer.printed = open(page);
page.contentWindow.dispatchEvent(new Event('afterprint'));
answer.afterwards = open(page);
controls()[0].click();
answer.all = open(page);
await fetch('/answer', { method: 'POST', body: JSON.stringify(answer) });
`;

describe.runIf(chromium !== undefined)('the folds of a report, in a browser', () => {
  it('open for links, addresses, history and print, and are open where there is no script', async () => {
    const sections = names.map((name) => ({ ...study, name: `ioffe2015/${name}` }));
    const created = '2026-01-01T00:00:00.000Z';
    const report = renderReport({ title: 'Made up', created, manifest: [], sections, writeUps: [] });
    writeFileSync(join(folder, 'report.html'), report);
    writeFileSync(join(folder, 'index.html'), `<!doctype html><body><script type="module">${asking}</script>`);
    expect(await answerOfPage(chromium ?? '', folder)).toEqual({
      atFirst: '',
      byAddress: 'c',
      withoutScript: 'abcdef',
      byLink: 'b',
      byHash: 'bd',
      folded: '',
      back: 'b',
      forth: 'bd',
      printed: 'abcdef',
      afterwards: 'bd',
      all: 'abcdef',
    });
  }, 60_000);
});
