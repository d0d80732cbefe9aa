/** @file The figures of a report, checked where it is read: in a browser, from a disk. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { datasets } from '../../src/data/datasets.ts';
import { need } from '../../src/errors.ts';
import { payloadOf } from '../../src/lab/dataset-file.ts';
import { checkingEngine, readCheckFiles } from '../../src/lab/node/checkable-report.ts';
import { cellInMemory } from '../../src/lab/twin/beside-text.ts';
import { chosenDataset, twinData } from '../../src/lab/twin/chosen-dataset.ts';
import { computeTwin } from '../../src/lab/twin/compute-twin.ts';
import { makeTwin, type ShownStudy } from '../../src/lab/twin/make-twin.ts';
import type { Twin } from '../../src/lab/twin/twin.ts';
import { twinPart } from '../../src/lab/twin/twin-jobs.ts';
import { renderReport } from '../../src/report/report.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import type { OpenDevice } from '../../src/runtime/device.ts';
import type { StudySection } from '../../src/studies/document.ts';
import { findStudy } from '../../src/studies/index.ts';
import { sha256Hex } from '../../src/records/hash.ts';
import { idxFiles } from '../../src/testing/idx-files.ts';
import { findChromium } from './chromium.ts';
import { Browser, type Page } from './devtools.ts';

const chromium = findChromium();
if (chromium === undefined)
  console.log('No Chromium here: install the package chromium to test that figures are checked');

/** Limits against hanging, not measurements. */
const SECONDS = 90;
const wasm: OpenDevice = (settings) => threadlessDevice({ ...settings, runtime: 'wasm' });

/** Names of MNIST's official files with made-up images, and the data set that they make. */
const { names, contents, dataset } = madeUpMnist();

/** Identities in float64, on normal numbers that are drawn by logarithms and cosines; and trainings in float64, and on images. */
const asked: readonly (readonly [string, Readonly<Record<string, string>>, Dataset?])[] = [
  ['ioffe2015/scale', { cases: '5' }],
  ['li2020/exponential-rate', { seeds: '2', steps: '4' }],
  [
    'santurkar2018/landscape',
    {
      dataset: 'mnist',
      model: 'mlp',
      width: '0.05',
      batchSize: '8',
      steps: '7',
      every: '3',
      learningRates: '0.1',
      seeds: '3',
    },
    dataset,
  ],
];

describe.skipIf(chromium === undefined)(
  'a report whose figures can be checked',
  () => {
    const root = mkdtempSync(join(tmpdir(), 'normscope-checked-'));
    const sections: StudySection[] = [];
    const twins: Twin[] = [];
    let browser: Browser;
    beforeAll(
      async () => {
        mkdirSync(join(root, 'other'));
        for (const [i, name] of names.entries()) writeFileSync(join(root, name), contents[i] ?? '');
        for (const [name, set, trained] of asked) {
          const { section, twin } = await studyOf(name, set, trained);
          sections.push(section);
          twins.push(twin);
        }
        browser = await Browser.open(chromium ?? '');
      },
      4 * SECONDS * 1000,
    );
    afterAll(async () => {
      await browser.close();
      rmSync(root, { recursive: true, force: true });
    });

    /** A page of a report on a disk, with these twins. @param before - runs in the page before its own scripts */
    async function opened(name: string, shown: readonly Twin[], before = ''): Promise<Page> {
      const created = '2026-01-01T00:00:00.000Z';
      const document = { title: 'Made up', created, manifest: [], sections, writeUps: [] };
      const report = renderReport(document, checkingEngine(shown, readCheckFiles()));
      const path = join(root, `${name}.html`);
      writeFileSync(
        path,
        report.replace('<title>', () => `<script>${before}</script><title>`),
      );
      const page = await browser.page(pathToFileURL(path).href);
      await page.until("document.querySelector('.check') !== null", SECONDS);
      return page;
    }

    const stateOf = (place: number): string => `document.querySelectorAll('.check')[${place}].dataset.state`;
    const press = (place: number): string => `document.querySelectorAll('.check button')[${place}].click()`;

    async function outcome(page: Page, place: number): Promise<readonly [state: unknown, said: string]> {
      await page.until(`['same', 'differs', 'failed'].includes(${stateOf(place)})`, SECONDS);
      const said = await page.evaluate(`document.querySelectorAll('.check-said')[${place}].textContent`);
      return [await page.evaluate(stateOf(place)), String(said)];
    }

    /** Chooses files of the root folder, by the place of a control that asks for some. */
    async function choose(page: Page, place: number, chosen: readonly string[]): Promise<void> {
      const expression = `document.querySelectorAll('.check-data input')[${place}]`;
      const { result } = await page.send('Runtime.evaluate', { expression });
      const { objectId } = result as { readonly objectId: string };
      await page.send('DOM.setFileInputFiles', { objectId, files: chosen.map((name) => join(root, name)) });
    }

    it('has one button for each figure, and computes to the same bits as Node', async () => {
      const page = await opened('same', twins);
      const figures = twins.flatMap((twin) => twin.figures);
      expect(await page.evaluate("[...document.querySelectorAll('figure:has(.check)')].map(({ id }) => id)")).toEqual(
        figures,
      );
      for (const [i, twin] of twins.entries()) {
        if (twin.data !== undefined) await choose(page, 0, names);
        const place = figures.indexOf(twin.figures[0] ?? '');
        await page.evaluate(press(place));
        const [state, said] = await outcome(page, place);
        expect([i, state, said]).toEqual([i, 'same', expect.stringMatching(/^Same to the last bit\. .* numbers/)]);
        expect(said).toContain(twin.fingerprint.slice(0, 16));
      }
      expect(page.errors).toEqual([]);
    });

    it('says that a hash was changed, and which quantity a changed number is of', async () => {
      const [scale, rate] = twins as [Twin, Twin, Twin];
      const values = scale.values.map((value, i) => (i === 3 ? Number(value) + 0.125 : value));
      const page = await opened('changed', [
        { ...scale, values },
        { ...rate, fingerprint: 'f'.repeat(64) },
      ]);
      await page.evaluate(press(0));
      const [state, said] = await outcome(page, 0);
      expect([state, said]).toEqual([
        'differs',
        expect.stringMatching(/^Differs\. \S+ in 1 of \d+ numbers, by up to 0\.125/),
      ]);
      const other = scale.figures.length;
      await page.evaluate(press(other));
      const [otherState, otherSaid] = await outcome(page, other);
      expect([otherState, otherSaid]).toEqual([
        'differs',
        expect.stringMatching(/^Differs\. Every number is the same, and their hash is not/),
      ]);
    });

    it('asks for the files of a training, says which are missing, and finds that others were chosen', async () => {
      const page = await opened('files', twins.slice(2));
      const needed = "document.querySelector('.check-data span').textContent";
      const isDisabled = "document.querySelector('.check button').disabled";
      expect(await page.evaluate(needed)).toMatch(
        /^It trains on MNIST, which this report does not carry: fetch its four/,
      );
      await choose(page, 0, names.slice(0, 3));
      await page.until(`${needed} === 'Of MNIST t10k-labels-idx1-ubyte is still missing.'`, SECONDS);
      expect(await page.evaluate(isDisabled)).toBe(true);
      // In the place of the last the first, under its name.
      writeFileSync(join(root, 'other', names[3] ?? ''), contents[1] ?? '');
      await choose(page, 0, [`other/${names[3]}`]);
      await page.until(`!${isDisabled}`, SECONDS);
      await page.evaluate(press(0));
      const [state, said] = await outcome(page, 0);
      expect([state, said]).toEqual(['failed', expect.stringMatching(/Could not be computed here\. .*IDX|SHA-256/)]);
    });

    it('has nothing that axe finds', async () => {
      const page = await opened('axe', twins);
      await page.evaluate(
        `${axe.source}; document.querySelectorAll('.check details').forEach((one) => (one.open = true))`,
      );
      const found = "axe.run({ include: [['.check']] }).then(({ violations }) => violations.map(({ id }) => id))";
      expect(await page.evaluate(found)).toEqual([]);
    });

    it('stops where it is asked to, and begins again', async () => {
      const page = await opened('stopped', twins);
      await page.evaluate(press(0));
      expect(await page.evaluate(stateOf(0))).toBe('starting');
      await page.evaluate(press(0));
      expect(await page.evaluate(stateOf(0))).toBe('idle');
      await page.evaluate(press(0));
      expect((await outcome(page, 0))[0]).toBe('same');
    });

    it.each([
      ['WebAssembly', 'delete globalThis.WebAssembly', /has no WebAssembly, without which no page can compute/],
      ['a worker', 'delete globalThis.Worker', /has no Worker, without which no page can compute/],
      [
        'memory',
        'globalThis.Worker = class extends Worker { constructor() { super(URL.createObjectURL(new Blob([\'postMessage({kind: "failed", message: "RangeError: could not allocate memory"})\']))); } }',
        /could not allocate memory Other pages may hold the memory that it needs/,
      ],
    ])('says what is wrong in a browser without %s', async (_, before, message) => {
      const page = await opened('without', twins, before);
      await page.evaluate(press(0));
      const [state, said] = await outcome(page, 0);
      expect([state, said]).toEqual(['failed', expect.stringMatching(message)]);
    });
  },
  4 * SECONDS * 1000,
);

/** A study with its twin, decided by the twin's own numbers: of one that trains, by those of its first seed for every seed. */
async function studyOf(
  name: string,
  set: Readonly<Record<string, string>>,
  dataset?: Dataset,
): Promise<{ readonly section: StudySection; readonly twin: Twin }> {
  const study = findStudy(name);
  const request = { budget: 'quick', set } as const;
  const plan = study.plan(request);
  const part = twinPart(plan);
  const bench = { openDevice: wasm, dataset };
  const computed = (await computeTwin(part, bench)).map(cellInMemory);
  const arms = plan.jobs.flatMap((job) => job.cells.map(({ arm }) => arm));
  const first = [...new Set(arms)];
  const cells =
    part.seed === undefined ? computed : arms.map((arm) => need(computed[first.indexOf(arm)], `a cell of ${arm}`));
  const result = plan.decide(cells);
  const shown: ShownStudy = { study, plan, request, result, cells };
  const { title, paper, where, claim } = study;
  const section: StudySection = {
    kind: 'study',
    name,
    title,
    paper,
    where,
    claim,
    result,
    needsData: dataset !== undefined,
    budget: 'quick',
    notRun: undefined,
    protocol: [],
    definitions: [],
    command: `normscope reproduce ${name}`,
    wallSeconds: undefined,
  };
  return { section, twin: need(await makeTwin(shown, bench), 'a twin') };
}

function madeUpMnist() {
  const { train, test } = idxFiles({ train: 40, test: 11 });
  const { mnist } = datasets;
  const checksum = sha256Hex(payloadOf({ train: mnist.decode(train, mnist), test: mnist.decode(test, mnist) }));
  const data = twinData(mnist, checksum);
  const all = [...train, ...test];
  return { names: data.files, contents: all, dataset: chosenDataset(data, all) };
}
