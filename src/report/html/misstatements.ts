/** @file Where write-ups differ from what a paper says, beside the study that tests it. */
import { misstatementsOf, writeUpName } from '../../studies/write-ups/index.ts';
import type { WriteUp } from '../../studies/write-ups/write-up.ts';
import { type Markup, html } from '../markup.ts';

/** Where links to the misstatements of a study lead. */
export function misstatementsAnchor(sectionId: string): string {
  return `${sectionId}-write-ups`;
}

/** What each write-up says beside what the paper says; nothing where none differs. */
export function misstatementsBlock(study: string, sectionId: string, writeUps: readonly WriteUp[]): Markup | undefined {
  const found = misstatementsOf(study, writeUps);
  if (found.length === 0) return undefined;
  const items = found.map(
    ({ writeUp, statement }) => html`
      <div>
        <dt><a href="#write-up-${writeUp.key}">${writeUpName(writeUp)}</a> says: ${statement.says}</dt>
        <dd>The paper: ${statement.source}</dd>
      </div>`,
  );
  return html`
    <aside class="misstatements" id="${misstatementsAnchor(sectionId)}">
      <h4>Where write-ups misstate the paper</h4>
      <dl>${items}</dl>
    </aside>`;
}
