import { describe, expect, it } from 'vitest';
import { escapeText, html } from './markup.ts';

describe('html', () => {
  it('escapes strings in content and in attributes', () => {
    const evil = `<script>"it's" & 1</script>`;
    expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
      '<p title="&lt;script&gt;&quot;it&#39;s&quot; &amp; 1&lt;/script&gt;">&lt;script&gt;&quot;it&#39;s&quot; &amp; 1&lt;/script&gt;</p>',
    );
  });

  it('keeps markup, joins lists, leaves out undefined', () => {
    const items = ['a', 2].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}${undefined}</ul>`.text).toBe('<ul><li>a</li><li>2</li></ul>');
  });

  it('drops its own line breaks beside tags and makes them spaces between attributes and words', () => {
    const inner = html`<b>x</b>`;
    const element = html`
      <p class="one"
        id="two">
        ${inner}
        three
        four
      </p>`;
    expect(element.text).toBe('<p class="one" id="two"><b>x</b>three four</p>');
  });

  it('keeps line breaks of its contents', () => {
    expect(html`<pre>${'a\n  b'}</pre>`.text).toBe('<pre>a\n  b</pre>');
  });
});

describe('escapeText', () => {
  it('escapes an ampersand once', () => {
    expect(escapeText('&lt;')).toBe('&amp;lt;');
  });
});
