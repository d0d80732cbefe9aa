/** @file The lab's page as a reader has it: what it shows by itself, and what comes of each thing that can be pressed or set. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../src/lab/node/page-files.ts';
import { serveLab } from '../../src/lab/node/server.ts';
import { findChromium } from './chromium.ts';
import { Browser } from './devtools.ts';
import { LabPage } from './lab-driver.ts';

const chromium = findChromium();
if (chromium === undefined) console.log('No Chromium here: install the package chromium to test the lab');

/** Quick to train; b is told from a by its norm. */
const SMALL = '#all=width:0.25&arm=a&arm=b,norm:none&steps=20&look=loss';

describe.skipIf(chromium === undefined)('the page of the lab', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveLab>>;
  beforeAll(async () => {
    server = await serveLab(readPage(), 0);
    browser = await Browser.open(chromium ?? '');
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Opens a scene, and closes it whatever comes of the work. */
  async function withPage(scene: string, work: (lab: LabPage) => Promise<void>): Promise<void> {
    const lab = await LabPage.open(browser, `${server.address}${scene}`);
    try {
      await work(lab);
      expect(lab.page.errors).toEqual([]);
    } finally {
      await lab.close();
    }
  }

  it('begins by itself, and loses the network without a norm while the other goes on', () =>
    withPage('', async (lab) => {
      expect(await lab.arms()).toEqual(['batch', 'standard']);
      await lab.page.until("document.querySelector('.arms').textContent.includes('loss not finite since step')");
      await lab.page.until('Number(document.documentElement.dataset.labStep) > 25');
      const { batch, standard } = await lab.progress();
      expect(standard).toMatch(/^loss not finite since step \d,/);
      expect(batch).toMatch(/^step \d+: loss [0-2]\.\d+, [\d.]+ % of the test images$/);
      await lab.click('Pause');
      expect(await lab.page.evaluate('location.hash')).toBe(
        '#all=learningRate:1&arm=batch&arm=standard,norm:none&steps=200&look=loss,accuracy,activations,gradients',
      );
    }));

  it('pauses within the step that is being taken, and takes one step at a time', () =>
    // Steps that take longer than a message.
    withPage('#arm=slow,network:deep-mlp,batchSize:256,width:2&steps=500&look=loss', async (lab) => {
      await lab.page.until('Number(document.documentElement.dataset.labStep) >= 2');
      const shown = Number(
        await lab.page.evaluate("lab.button('Pause').click(); document.documentElement.dataset.labStep"),
      );
      const paused = await lab.settled();
      // One that was being taken, and one that had been and was not heard of yet.
      expect(paused - shown).toBeGreaterThanOrEqual(0);
      expect(paused - shown).toBeLessThanOrEqual(2);
      await lab.click('Step');
      await lab.page.until(`Number(document.documentElement.dataset.labStep) > ${paused}`);
      expect(await lab.settled()).toBe(paused + 1);
    }));

  it('looks at earlier steps, goes back, and comes out the same; also by a fork, unless something else is set', () =>
    withPage(SMALL, async (lab) => {
      await lab.ended(20);
      await lab.look(15);
      const first = await lab.progress();
      expect(first).toEqual({
        a: expect.stringMatching(/^step 15: loss \d/) as string,
        b: expect.stringMatching(/^step 15: loss \d/) as string,
      });
      expect(first['a']?.slice(4)).not.toBe(first['b']?.slice(4));
      await lab.look(11);
      expect((await lab.progress())['a']).not.toBe(first['a']);
      await lab.click('Step');
      expect((await lab.progress())['a']).toMatch(/^step 12/);
      await lab.look(11);
      // It may be at its end again before anyone asks: what it went back to is noted as it happens.
      await lab.page.evaluate(
        'self.labSteps = []; new MutationObserver(() => labSteps.push(Number(document.documentElement.dataset.labStep)))' +
          ".observe(document.documentElement, { attributeFilter: ['data-lab-step'] })",
      );
      await lab.click('Train from 11');
      await lab.page.until('Math.min(...labSteps) < 20');
      await lab.ended(20);
      await lab.look(15);
      expect(await lab.progress()).toEqual(first);

      await lab.look(7);
      await lab.click('Fork at step 7', 'a');
      await lab.page.until("lab.arm('a 2') !== null");
      await lab.click('Fork at step 7', 'a');
      await lab.page.until("lab.arm('a 3')?.textContent.includes('parted from a at step 7')");
      expect(await lab.arms()).toEqual(['a', 'b', 'a 2', 'a 3']);
      expect(await lab.page.evaluate("lab.button('Fork').disabled")).toBe(true);
      await lab.set('a 3', 'norm', 'layer');
      await lab.click('Train');
      await lab.ended(20);
      await lab.look(15);
      const second = await lab.progress();
      expect(second).toMatchObject({ ...first, 'a 2': first['a'] });
      expect(second['a 3']).toMatch(/^step 15: loss/);
      expect(second['a 3']).not.toBe(first['a']);
      // Forks have their past: the same as their parent's before they parted.
      await lab.look(3);
      const past = await lab.progress();
      expect(past['a 3']).toBe(past['a']);

      await lab.click('Drop', 'a 3');
      await lab.click('Drop', 'b');
      expect(await lab.arms()).toEqual(['a', 'a 2']);
      await lab.click('Add an arm');
      await lab.click('Add an arm');
      expect(new Set(await lab.arms()).size).toBe(4);
      expect(await lab.page.evaluate("lab.button('Add an arm')")).toBeUndefined();
    }));

  it('restarts the arm of which something is set, which catches up; and refuses what cannot be', () =>
    withPage(SMALL, async (lab) => {
      await lab.ended(20);
      const first = await lab.progress();
      await lab.set('b', 'batch size', 0);
      expect(await lab.page.until("lab.arm('b').querySelector('[role=alert]')?.textContent")).toBe(
        'batch size must be a whole number from 1 to 256, got "0"; try 64',
      );
      expect(await lab.valueOf('b', 'batch size')).toBe('64');
      expect(await lab.progress()).toEqual(first);
      await lab.set('b', 'norm', 'batch');
      await lab.page.until("lab.arm('b').querySelector('.progress').textContent.startsWith('ready')");
      expect((await lab.progress())['a']).toBe(first['a']);
      expect(await lab.page.evaluate("lab.arm('b').querySelector('[role=alert]')")).toBeNull();
      await lab.click('Train');
      await lab.page.until("document.querySelector('.play').textContent === 'Train'");
      expect(await lab.progress()).toEqual({ a: first['a'], b: first['a'] });

      // The rate is changed where the arm is, and the address has it for all that follows.
      await lab.set('a', 'learning rate', '0.5');
      expect((await lab.progress())['a']).toBe(first['a']);
      const address = await lab.page.evaluate('location.hash');
      expect(address).toBe('#all=width:0.25&arm=a,learningRate:0.5&arm=b&steps=20&look=loss');
      await lab.reload();
      await lab.ended(20);
      expect(await lab.page.evaluate('location.hash')).toBe(address);
      expect(await lab.progress()).toMatchObject({ b: first['a'] });
      expect(await lab.valueOf('a', 'learning rate')).toBe('0.5');
    }));

  it('says of an address that it cannot follow it, and follows another that takes its place', () =>
    withPage('#arm=a,norm:bach&look=loss', async (lab) => {
      expect(await lab.message()).toMatch(/^Another sceneThis link cannot be followed: .*'?bach.*usual scene/);
      expect(await lab.arms()).toEqual(['batch', 'standard']);
      await lab.page.evaluate("location.hash = 'all=width:0.25&arm=only&steps=5&look='");
      await lab.page.until("document.querySelector('.arm')?.getAttribute('aria-label') === 'Arm only'");
      await lab.ready();
      await lab.ended(5);
      expect(await lab.page.evaluate("document.querySelector('.message')")).toBeNull();
      expect(await lab.page.evaluate("document.querySelectorAll('.instrument[open]').length")).toBe(0);
    }));

  it('has an instrument for each thing that can be looked at: a figure once training goes on, and its words', () =>
    withPage('#all=width:0.25&arm=a&arm=b,norm:none&steps=20&look=loss', async (lab) => {
      await lab.ended(20);
      const names = (await lab.page.evaluate(
        "[...document.querySelectorAll('.instrument')].map(({ dataset }) => dataset.instrument)",
      )) as readonly string[];
      expect(names.length).toBeGreaterThanOrEqual(10);
      for (const name of names.filter((one) => one !== 'loss')) await lab.toggle(name);
      await lab.page.until(
        "document.querySelector('[data-instrument=shift]').textContent.includes('train on, or restart')",
      );
      await lab.click('Restart');
      await lab.click('Train');
      await lab.ended(20);
      const place = (name: string): string => `document.querySelector('[data-instrument=${name}]')`;
      for (const name of names.filter((one) => one !== 'predictions')) {
        await lab.page.until(`${place(name)}.querySelector('svg path, svg polyline') !== null`);
        // Of both arms: figures rest between drawings, and that of one may come first.
        await lab.page.until(`/a[,:].* at .*\\d/.test(${place(name)}.querySelector('.words').textContent)`);
      }
      await lab.page.until(`${place('predictions')}.querySelectorAll('canvas').length === 8`);
      const bar = await lab.page.evaluate(`${place('predictions')}.querySelector('.bar').getAttribute('aria-label')`);
      expect(bar).toMatch(/^a: \d+ % for the right class$/);
      await lab.toggle('shift');
      await lab.page.until(`${place('shift')}.querySelector('svg') === null`);
      expect(await lab.page.evaluate('location.hash')).not.toContain('shift');
    }));

  it('asks before a tour trains, and tells afterwards what was to be expected', () =>
    withPage('#tour=large-rates&steps=30', async (lab) => {
      expect(await lab.page.evaluate("document.querySelector('.play').textContent")).toBe('Train');
      await lab.page.evaluate("document.querySelectorAll('.tour input[type=radio]')[2].click()");
      await lab.ended(30);
      const told = String(await lab.page.until("document.querySelector('.expected')?.closest('.tour').textContent"));
      expect(told).toMatch(/As you said\..*✓ loss of standard: not finite, expected above/s);
      expect(told).toMatch(
        /What would falsify this\?.*The evidence\..*normscope reproduce santurkar2018\/larger-rates/s,
      );
      await lab.click('look at step 20');
      expect(await lab.page.evaluate("document.querySelector('.step output').textContent")).toBe('20');
      await lab.click('Leave the tour');
      await lab.page.until("document.querySelector('.tour') === null");
    }));
});
