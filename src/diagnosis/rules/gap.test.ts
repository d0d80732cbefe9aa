import { expect, it } from 'vitest';
import type { Finding } from '../finding.ts';
import { withRestoration } from './gap.ts';

const finding = (rule: string, layer: string | undefined): Finding => ({
  rule,
  level: 'problem',
  layer,
  number: 1,
  what: 'a number',
  threshold: 0.5,
  text: `what ${rule} does`,
  repair: 'a repair',
});

it('tries statistics that nothing ever updated in every norm, where no few layers restore the loss', () => {
  const layers = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5'];
  const findings = [
    ...layers.map((layer) => finding('never-updated', layer)),
    finding('stale-mean', 'conv6'),
    finding('train-eval-gap', undefined),
  ];
  const alone = new Map([...layers, 'conv6'].map((layer) => [layer, 3]));
  const restoration = { frozen: 0.5, before: 4, target: 0.4, all: 0.4, alone, cause: [], after: 0.4 };
  const said = withRestoration(findings, restoration).map(({ counterfactual }) => counterfactual);
  const every = { run: 'population statistics put into every norm', helps: true };
  expect(said.slice(0, 5)).toEqual(
    layers.map(() => ({
      ...every,
      result: 'evaluation loss 0.4; loss by batch statistics 0.5, in evaluation mode as it is 4',
    })),
  );
  expect(said[5]).toMatchObject({ run: 'population statistics put into conv6 alone', helps: false });
  expect(said[6]).toMatchObject(every);
  // Nothing is proved where even all of them do not help.
  const vain = withRestoration(findings, { ...restoration, all: 3.9 });
  expect(vain.map(({ counterfactual }) => counterfactual?.helps)).toEqual(findings.map(() => false));
});
