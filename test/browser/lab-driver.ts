/** @file The lab's page as a reader has it: what stands on it, and what can be pressed, chosen and typed. */

import type { Browser, Page, PageOptions } from './devtools.ts';

/** Limits against hanging, not measurements. */
const SECONDS = 80;

/** What the functions below find things by, in the page. */
const helpers = `window.lab = {
  button: (name, within = document) => [...within.querySelectorAll('button')].find((one) => one.textContent.startsWith(name)),
  arm: (name) => document.querySelector('.arm[aria-label=' + JSON.stringify('Arm ' + name) + ']'),
  field: (arm, label) => [...lab.arm(arm).querySelectorAll('.field')]
    .find((one) => one.querySelector('label').textContent === label).querySelector('input, select'),
  enter: (element, value, event) => {
    element.value = value;
    element.dispatchEvent(new Event(event, { bubbles: true }));
  },
};`;

const quoted = (text: string | number): string => JSON.stringify(String(text));

export class LabPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens the lab and waits until it shows arms, or says why not. */
  static async open(browser: Browser, address: string, options: PageOptions = {}): Promise<LabPage> {
    const lab = new LabPage(await browser.page(address, options));
    await lab.ready();
    return lab;
  }

  /** After it was loaded, or loaded again. */
  async ready(): Promise<void> {
    await this.page.until("document.querySelector('.arm, .message') !== null", SECONDS);
    await this.page.evaluate(helpers);
  }

  async reload(): Promise<void> {
    await this.page.evaluate('document.documentElement.remove(); location.reload()');
    await this.ready();
  }

  /** Names of the arms, from above. */
  arms(): Promise<readonly string[]> {
    return this.#list("[...document.querySelectorAll('.arm .name')].map(({ value }) => value)");
  }

  /** What each arm says of how it does, by its name. */
  async progress(): Promise<Readonly<Record<string, string>>> {
    const said = await this.page.evaluate(
      "Object.fromEntries([...document.querySelectorAll('.arm')].map((arm) => [arm.querySelector('.name').value, arm.querySelector('.progress, .refused')?.textContent]))",
    );
    return said as Readonly<Record<string, string>>;
  }

  /** The step that the arm which is furthest has reached. */
  async step(): Promise<number> {
    return Number(await this.page.evaluate('document.documentElement.dataset.labStep'));
  }

  /** Waits until the arms have come to a step, and pause. */
  async ended(step: number): Promise<void> {
    const isThere = `Number(document.documentElement.dataset.labStep) >= ${step}`;
    await this.page.until(`${isThere} && document.querySelector('.play').textContent !== 'Pause'`, SECONDS);
  }

  /** Waits until no step has come for a while. */
  async settled(): Promise<number> {
    for (let before = Number.NaN; ; ) {
      const now = await this.step();
      if (now === before) return now;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  }

  /** @param name - what the button begins with; @param arm - whose button it is */
  async click(name: string, arm?: string): Promise<void> {
    const within = arm === undefined ? 'document' : `lab.arm(${quoted(arm)})`;
    await this.page.until(`(() => {
      const button = lab.button(${quoted(name)}, ${within});
      if (button === undefined || button.disabled) return false;
      button.click();
      return true;
    })()`);
  }

  /** Sets a field of an arm, as who types into it and leaves it. */
  async set(arm: string, label: string, value: string | number): Promise<void> {
    await this.page.evaluate(`lab.enter(lab.field(${quoted(arm)}, ${quoted(label)}), ${quoted(value)}, 'change')`);
  }

  valueOf(arm: string, label: string): Promise<unknown> {
    return this.page.evaluate(`lab.field(${quoted(arm)}, ${quoted(label)}).value`);
  }

  /** Looks at a step by the slider. */
  async look(step: number): Promise<void> {
    await this.page.evaluate(`lab.enter(document.querySelector('.scrub input'), ${quoted(step)}, 'input')`);
  }

  /** Opens or closes an instrument. */
  async toggle(instrument: string): Promise<void> {
    await this.page.evaluate(`document.querySelector('[data-instrument=${instrument}] > summary').click()`);
  }

  /** What the page says where things went wrong. */
  async message(): Promise<string> {
    return String(await this.page.until("document.querySelector('.message')?.textContent", SECONDS));
  }

  close(): Promise<void> {
    return this.page.close();
  }

  async #list(expression: string): Promise<readonly string[]> {
    return (await this.page.evaluate(expression)) as readonly string[];
  }
}
