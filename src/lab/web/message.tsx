/** @file Something that went wrong, or must be known, as a box of words. */

import type { JSX } from 'preact';

export function Message({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  return (
    <div class="message" role="alert">
      <strong>{title}</strong>
      <p>{text}</p>
    </div>
  );
}
