/** @file HTML and SVG as a template tag that escapes whatever is put into it. */

/** Text that is already HTML or SVG and is not escaped again. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Content = string | number | Markup | undefined | readonly Content[];

/**
 * A piece of HTML or SVG: ``html`<p>${sentence}</p>` ``. Strings and numbers are escaped for element content and for quoted
 * attributes alike, lists are joined, undefined leaves nothing. A line break of the template, with the indentation after
 * it, is nothing beside a tag or an interpolation and a space elsewhere.
 */
export function html(literals: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(literals.map((literal, i) => unbroken(literal) + render(contents[i])).join(''));
}

/** The characters that mean something in HTML and XML, written as entities. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function unbroken(literal: string): string {
  return literal.replace(/(^|>)\n\s*|\n\s*(<|$)/g, '$1$2').replace(/\n\s*/g, ' ');
}

function render(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escapeText(String(content));
  return content.map(render).join('');
}
