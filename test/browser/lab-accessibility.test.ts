/** @file The lab's page without a mouse, without good eyes, and on little room: axe's rules, the keyboard, and narrow windows. */

import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../src/lab/node/page-files.ts';
import { serveLab } from '../../src/lab/node/server.ts';
import { findChromium } from './chromium.ts';
import { Browser } from './devtools.ts';
import { LabPage } from './lab-driver.ts';

const chromium = findChromium();
if (chromium === undefined)
  console.log('No Chromium here: install the package chromium to test how the lab is reached');

const SMALL = '#all=width:0.25,learningRate:1&arm=batch&arm=standard,norm:none&steps=12';

describe.skipIf(chromium === undefined)('the page of the lab, for everyone', () => {
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

  async function withPage(scene: string, work: (lab: LabPage) => Promise<void>): Promise<void> {
    const lab = await LabPage.open(browser, `${server.address}${scene}`);
    try {
      await lab.page.evaluate(`${axe.source}; undefined`);
      await work(lab);
    } finally {
      await lab.close();
    }
  }

  /** What axe finds by some of its rules, or by all. */
  async function findings({ page }: LabPage, rules?: readonly string[]): Promise<unknown> {
    const options = rules === undefined ? {} : { runOnly: rules };
    // A figure is one picture to axe, with its name and its words: its thousand lines are not looked at one by one.
    return page.evaluate(`axe.run({ exclude: [['.drawing svg > g']] }, ${JSON.stringify(options)}).then(({ violations }) => violations.map(
      ({ id, nodes }) => id + ': ' + nodes.map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary).join('; ')))`);
  }

  /** What the page shows now: wide and narrow, light and dark; what depends on neither is asked once. */
  async function expectClean(lab: LabPage): Promise<void> {
    expect(await findings(lab)).toEqual([]);
    await lab.page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
    expect(await lab.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")).toBe(true);
    expect(await findings(lab, ['color-contrast'])).toEqual([]);
    await lab.page.resize(390, 800);
    expect(await findings(lab, ['color-contrast', 'target-size', 'scrollable-region-focusable'])).toEqual([]);
    await lab.page.send('Emulation.setEmulatedMedia', { features: [] });
    // 640 is 1280 at 200 %.
    for (const width of [640, 375]) {
      await lab.page.resize(width, 800);
      const excess = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect(await lab.page.evaluate(excess), `${width} px`).toBe(0);
    }
    await lab.page.resize(1280, 800);
  }

  it('has nothing that axe finds, while it trains and when everything is open', () =>
    withPage(SMALL.replace('steps=12', 'steps=20000'), async (lab) => {
      await lab.page.until("document.querySelectorAll('.instrument[open] svg').length === 4");
      expect(await lab.page.evaluate("document.querySelector('.play').textContent")).toBe('Pause');
      // It goes on training, and leaves axe a processor.
      await lab.page.evaluate("lab.enter(document.querySelector('.transport select'), '10', 'change')");
      await expectClean(lab);
      await lab.click('Pause');
      const closed =
        "[...document.querySelectorAll('.instrument:not([open])')].map(({ dataset }) => dataset.instrument)";
      for (const name of (await lab.page.evaluate(closed)) as readonly string[]) await lab.toggle(name);
      await lab.click('Restart');
      await lab.page.until("document.querySelectorAll('.progress')[1]?.textContent.startsWith('ready')");
      await lab.click('Step');
      await lab.page.until(
        "[...document.querySelectorAll('.drawing')].every((one) => one.querySelector('svg') !== null)",
      );
      expect(await lab.page.evaluate("document.querySelectorAll('.drawing').length")).toBeGreaterThanOrEqual(10);
      await lab.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      await lab.set('batch', 'learning rate', 'large');
      await lab.page.until("document.querySelector('.refused') !== null");
      await expectClean(lab);
    }));

  it('has nothing that axe finds in a tour, before and after it, and where an arm failed', () =>
    withPage('#tour=large-rates&steps=25', async (lab) => {
      await expectClean(lab);
      await lab.page.evaluate("document.querySelectorAll('.tour input[type=radio]')[1].click()");
      await lab.ended(25);
      await lab.page.until("document.querySelector('.expected') !== null");
      await lab.set('batch', 'batch size', 256);
      await lab.page.evaluate(
        'window.Worker = class extends Worker { constructor(...all) { super(...all); window.made = this; } }',
      );
      await lab.set('standard', 'network', 'resnet20');
      await lab.page.evaluate("made.dispatchEvent(new ErrorEvent('error', { message: 'made up', cancelable: true }))");
      await lab.page.until("lab.arm('standard').querySelector('[role=alert]') !== null");
      expect((await lab.progress())['standard']).toBe('Its worker stopped: made up');
      await expectClean(lab);
    }));

  it('is worked by the keyboard alone', () =>
    withPage(SMALL, async (lab) => {
      const { page } = lab;
      await lab.ended(12);
      const focused = async (): Promise<string> =>
        String(
          await page.evaluate(
            "((one) => [one.tagName, one.className, one.ariaLabel ?? '', one.closest('.field')?.querySelector('label').textContent ?? '', one.tagName === 'BUTTON' || one.tagName === 'SUMMARY' ? one.textContent : ''].join('|'))(document.activeElement)",
          ),
        );
      const reached: string[] = [];
      const tabTo = async (pattern: RegExp): Promise<void> => {
        for (let i = 0; i < 80; i++) {
          await page.press('Tab');
          reached.push(await focused());
          if (pattern.test(reached.at(-1) ?? '')) return;
        }
        throw new Error(`The keyboard reaches ${reached.join(', ')}, and nothing like ${pattern}`);
      };
      await tabTo(/\|Train$/);
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline).toBe('solid');
      await page.press('Enter');
      await lab.page.until("document.querySelector('.play').textContent === 'Pause'");
      await page.press('Enter');
      await lab.page.until("document.querySelector('.play').textContent !== 'Pause'");
      const furthest = await lab.settled();
      await tabTo(/The step that is looked at/);
      await page.press('ArrowLeft');
      await page.press('ArrowLeft');
      expect(await page.evaluate("document.querySelector('.step output').textContent")).toBe(String(furthest - 2));
      await tabTo(/^INPUT\|.*learning rate/);
      await page.press('ArrowDown');
      expect(await lab.valueOf('batch', 'learning rate')).toBe('0.5');
      await tabTo(/More settings/);
      await page.press('Enter');
      await tabTo(/\|seed/);
      await page.press('ArrowUp');
      await page.until("lab.field('batch', 'seed').value === '1'");
      await tabTo(/^SUMMARY.*Loss along the step/);
      await page.press('Enter');
      await page.until(
        "document.querySelector('[data-instrument=landscape]').open && location.hash.includes('landscape')",
      );
      for (const what of [/Copy link/, /\|Step$/, /Restart/, /Name of the arm/, /Fork at/, /Drop/, /Add an arm/]) {
        expect(
          reached.some((one) => what.test(one)),
          String(what),
        ).toBe(true);
      }
    }));
});
