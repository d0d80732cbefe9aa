import { describe, expect, it } from 'vitest';
import { comparedText, leftText, neededText, offerText } from './words.ts';

const fingerprint = `0123456789abcdef${'9'.repeat(48)}`;
const difference = { quantity: 'error', count: 3, all: 400, most: 2 ** -40, size: 1.25 };

describe('what a page says of a check', () => {
  it('offers it with its size', () => {
    const twin = { study: 'a/b', figures: [], seconds: 61.4, beside: '', fingerprint, numbers: 5152, asset: '' };
    expect(offerText(twin)).toBe(
      'Computes cells of a/b again in this page, some 1 min 1 s on one core, and compares 5152 numbers bit by bit.',
    );
  });

  it('says which files a training needs, and which of them are missing', () => {
    const files = ['one.bin', 'two.bin'];
    const data = { name: 'mnist', source: 'mnist', title: 'MNIST', files, repair: 'fetch it', checksum: '' } as const;
    expect(neededText(data, undefined)).toBe(
      'It trains on MNIST, which this report does not carry: fetch it, and choose one.bin, two.bin, also as .gz. They are read in this page and sent nowhere.',
    );
    expect(neededText(data, ['two.bin'])).toBe('Of MNIST two.bin is still missing.');
    expect(neededText(data, files)).toBe('Of MNIST one.bin, two.bin are still missing.');
    expect(neededText(data, [])).toBe('The 2 files of MNIST are chosen.');
  });

  it('says how long it will still take, once that can be known', () => {
    expect(leftText({ cells: 1, allCells: 4, part: 0.5 }, 60)).toBe('about 1 min 40 s left');
    expect(leftText({ cells: 0, allCells: 4, part: 0 }, 2)).toBe('');
  });

  it('says that all is the same, of how many numbers, and how long it took', () => {
    expect(comparedText({ kind: 'same', numbers: 27_018, fingerprint }, 8.26)).toEqual({
      kind: 'same',
      title: 'Same to the last bit',
      text: '27 018 numbers, computed here in 8.3 s. SHA-256 0123456789abcdef…',
    });
  });

  it('names what differs, by how much, and whether that is rounding', () => {
    const { kind, text } = comparedText({ kind: 'differs', differences: [difference] }, 75);
    expect(kind).toBe('differs');
    expect(text).toBe(
      'error in 3 of 400 numbers, by up to 9.09×10⁻¹³, where the largest is 1.25; so small a difference is rounding (computed here in 1 min 15 s).',
    );
    const large = comparedText({ kind: 'differs', differences: [{ ...difference, most: 0.01 }] }, 1);
    expect(large.text).not.toContain('rounding');
  });

  it('names three quantities, and counts the others', () => {
    const differences = ['a', 'b', 'c', 'd', 'e'].map((quantity) => ({ ...difference, quantity }));
    const { text } = comparedText({ kind: 'differs', differences }, 1);
    expect(text.match(/\b[a-e] in 3 of/g)).toEqual(['a in 3 of', 'b in 3 of', 'c in 3 of']);
    expect(text).toContain('and 2 more quantities');
  });

  it('tells a changed file and missing numbers from numbers that differ', () => {
    expect(comparedText({ kind: 'changed', fingerprint }, 1).text).toMatch(/Every number is the same, .* was changed/);
    const count = comparedText({ kind: 'other-count', numbers: 299, expected: 301 }, 1);
    expect(count.text).toBe('299 numbers were computed here in 1 s, and the report has 301.');
  });
});
