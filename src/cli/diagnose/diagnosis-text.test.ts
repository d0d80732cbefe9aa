import { expect, it } from 'vitest';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import { diagnosisJson, diagnosisText } from './diagnosis-text.ts';

const about = { network: 'vgg11, norm batch', data: 'CIFAR-10', fed: 'pixel / 255', batchSize: 64 };
const diagnosis: Diagnosis = {
  sentence:
    'The running variances of conv3 are off by a factor of 16, which scales what the layer gives in evaluation mode.',
  findings: [
    {
      rule: 'stale-variance',
      level: 'problem',
      layer: 'conv3',
      number: 4.0123,
      what: 'R: median over channels of |log2(running variance / population variance)|',
      threshold: 1,
      interval: { mean: 4, lower: 3.9, upper: 4.1, count: 4 },
      text: 'the running variances of conv3 are off by a factor of 16: evaluation scales what the layer gives by 4 or its inverse',
      repair: 'compute the running statistics anew over some batches with the weights as they are',
      counterfactual: { run: 'population statistics put into conv3 alone', result: 'evaluation loss 0.1', helps: true },
    },
  ],
};

it('says the likeliest cause first, then a table, then each problem with what was tried, in 80 columns', () => {
  const text = diagnosisText(about, diagnosis);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text.startsWith('The running variances of conv3')).toBe(true);
  expect(text).toMatch(/^problem {2}stale-variance {2}conv3 {2}4\.01 {4}1$/m);
  expect(text).toContain('[3.9, 4.1] over batches');
  expect(text).toMatch(/tried: population statistics put into conv3 alone: evaluation loss 0\.1/);
});

it('says the same as plain data', () => {
  const json: unknown = JSON.parse(JSON.stringify(diagnosisJson(about, diagnosis)));
  expect(json).toMatchObject({ ...about, sentence: diagnosis.sentence, findings: diagnosis.findings });
});
