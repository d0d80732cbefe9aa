/** @file The page of a report whose figures can be checked: puts a button below each of them, and says what comes of it. */

import type { ListedTwin } from '../twin/words.ts';
import { Check } from './check-state.ts';
import { CheckControl } from './check-control.ts';

/** Where the report lists what can be checked. */
const list = document.getElementById('twins');
const twins = list === null ? [] : (JSON.parse(list.textContent) as readonly ListedTwin[]);

for (const twin of twins) {
  // A study is computed as a whole: the buttons of all its figures are one.
  const check = new Check(twin);
  for (const anchor of twin.figures) {
    const caption = document.querySelector(`#${CSS.escape(anchor)} figcaption`);
    if (caption !== null) caption.append(new CheckControl(check).element);
  }
}
