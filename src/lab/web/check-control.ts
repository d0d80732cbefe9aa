/** @file What stands below a figure that can be checked: a button, how far it is, what came out, and what is compared at all. */

import { leftText, neededText, offerText } from '../twin/words.ts';
import type { Check } from './check-state.ts';

export class CheckControl {
  readonly element: HTMLElement = made('div', 'check');
  readonly #check: Check;
  readonly #button: HTMLButtonElement = made('button');
  readonly #bar: HTMLProgressElement = made('progress');
  readonly #left: HTMLElement = made('span', 'check-left');
  readonly #said: HTMLElement = made('p', 'check-said');

  constructor(check: Check) {
    this.#check = check;
    this.#button.type = 'button';
    this.#button.addEventListener('click', () => this.#press());
    this.#bar.setAttribute('aria-label', 'How far the check is');
    // Whoever does not see it hears what came out.
    this.#said.setAttribute('role', 'status');
    const row = made('div', 'check-row');
    row.append(this.#button, this.#bar, this.#left);
    this.element.append(row, this.#said, ...this.#chooser(), aboutCheck(check));
    check.watch(() => this.#show());
    check.choice?.watch(() => this.#show());
    this.#show();
  }

  /** Where the data set's files are chosen; none for a check that needs none. */
  #chooser(): readonly HTMLElement[] {
    const { choice, twin } = this.#check;
    if (choice === undefined || twin.data === undefined) return [];
    const { data } = twin;
    const label = made('label', 'check-data');
    const text = made('span');
    const input = made('input');
    input.type = 'file';
    input.multiple = true;
    input.addEventListener('change', () => choice.add([...(input.files ?? [])]));
    const show = (): void => void (text.textContent = neededText(data, choice.missing));
    choice.watch(show);
    show();
    label.append(text, input);
    return [label];
  }

  #press(): void {
    const { kind } = this.#check.state;
    if (kind === 'starting' || kind === 'running') this.#check.stop();
    else void this.#check.start();
  }

  #show(): void {
    const { state, twin } = this.#check;
    const isBusy = state.kind === 'starting' || state.kind === 'running';
    this.element.dataset['state'] = state.kind === 'ended' ? state.said.kind : state.kind;
    this.#bar.hidden = !isBusy;
    this.#left.textContent = state.kind === 'running' ? leftText(state.progress, state.seconds) : '';
    // Nothing can be begun before there are all files; what is under way can be stopped.
    this.#button.disabled = !isBusy && this.#check.choice !== undefined && this.#check.choice.files === undefined;
    this.#button.textContent = isBusy ? 'Stop' : state.kind === 'ended' ? 'Check again' : 'Check this figure';
    switch (state.kind) {
      case 'idle':
        this.#said.textContent = offerText(twin);
        break;
      case 'starting':
        this.#bar.removeAttribute('value');
        this.#said.textContent =
          this.#check.choice === undefined ? 'Starting the engine.' : 'Starting the engine, and reading the data.';
        break;
      case 'running': {
        const { cells, allCells, part } = state.progress;
        this.#bar.value = (cells + part) / allCells;
        // Said once a cell, and not at every part of it: it is read aloud.
        const text = `Computing cell ${cells + 1} of ${allCells}.`;
        if (this.#said.textContent !== text) this.#said.textContent = text;
        break;
      }
      case 'ended': {
        const title = made('strong');
        title.textContent = state.said.title;
        this.#said.replaceChildren(title, `. ${state.said.text}`);
        break;
      }
    }
  }
}

/** What the check says of the figure, and what it does not: folded, since most will only press. */
function aboutCheck({ twin }: Check): HTMLElement {
  const details = made('details');
  const summary = made('summary');
  summary.textContent = 'What is compared';
  const text = made('p');
  text.textContent =
    `When this report was written, cells of ${twin.study} were computed once more by ONNX Runtime in WebAssembly, on one thread, with functions such as log that are the same in every browser. ` +
    `The button does the same here, with the same code, and compares every number of these cells, from which the figures of this study are drawn. ${twin.beside}`;
  const hash = made('p', 'check-hash');
  hash.textContent = `SHA-256 of the numbers: ${twin.fingerprint}`;
  details.append(summary, text, hash);
  return details;
}

function made<Name extends keyof HTMLElementTagNameMap>(name: Name, className = ''): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  return element;
}
