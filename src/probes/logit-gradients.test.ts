import { describe, expect, it } from 'vitest';
import { logitGradients } from './logit-gradients.ts';

/** Three images of four classes; the first two are said to be of class 1, the last of class 3. */
const logits = Float32Array.of(0, 2, 1, -1, 0.5, 3, 0, 0, -1, 0, 1, 1.5);
const labels = Int32Array.of(1, 0, 3);

const read = (values: Float32Array, examples: number) =>
  logitGradients.configure('logit-gradients', { examples }).readout.read?.({
    step: 4,
    learningRate: 0.1,
    feeds: { labels },
    key: { seed: 0, step: 4 },
    loss: 1,
    outputs: { 'logit-gradients': values },
  }) ?? [];

describe('logit-gradients', () => {
  it('counts the class that most images are said to be of', () => {
    expect(read(logits, 0).map(({ quantity, value }) => [quantity, value])).toEqual([['modal-share', 2 / 3]]);
  });

  it('is the derivative of the cross-entropy with respect to each logit, by central differences', () => {
    const entropy = (row: readonly number[], label: number): number =>
      Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - (row[label] ?? Number.NaN);
    const records = read(logits, 2).filter(({ quantity }) => quantity === 'logit-gradient');
    expect(records).toHaveLength(8);
    for (const { place, value } of records) {
      const [example, c] = [Number(place?.['example']), Number(place?.['label'])];
      const row = Array.from(logits.subarray(4 * example, 4 * example + 4));
      const label = labels[example] ?? -1;
      const [above, below] = [1e-5, -1e-5].map((h) => entropy(row.with(c, (row[c] ?? 0) + h), label)) as [
        number,
        number,
      ];
      // Truncation h² / 6 and rounding 1e-16 / h are some 1e-11; seven digits are recorded.
      expect(Math.abs(value - (above - below) / 2e-5)).toBeLessThan(1e-6 * Math.abs(value) + 1e-10);
    }
  });

  it('knows no share where a logit is no number', () => {
    expect(read(logits.with(5, Number.NaN), 0)[0]?.value).toBeNaN();
  });
});
