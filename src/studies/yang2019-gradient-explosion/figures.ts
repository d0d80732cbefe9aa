/** @file The gradient over depth, and its growth against the batch size, beside theory. */

import { power } from '../../math/power.ts';
import { median } from '../../math/statistics.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import { batchesOf, type ArchitectureName, type ExplosionProtocol } from './measure.ts';
import type { Gradients } from './rates.ts';
import { growth, type Nonlinearity, RELU_LIMIT } from './theory.ts';

export function explosionFigures(protocol: ExplosionProtocol, seeds: readonly Gradients[]): readonly PlotFigure[] {
  return [
    depthFigure(protocol, seeds, 'relu', 'relu'),
    depthFigure(protocol, seeds, 'linear', 'identity'),
    rateFigure(protocol, seeds),
  ];
}

/** Of each seed the squared gradient over that of layer `until`, where the theory lines begin. */
function depthFigure(
  protocol: ExplosionProtocol,
  seeds: readonly Gradients[],
  name: 'relu' | 'linear',
  nonlinearity: Nonlinearity,
): PlotFigure {
  const { batches, depth, until, width, from } = protocol;
  const x = Array.from({ length: depth + 1 }, (_, i) => i);
  const measured = (of: ArchitectureName, batch: number, arm: string, label = ''): readonly LineMark[] =>
    seeds.map(({ squares }, seed) => {
      const values = squares(of, batch);
      return { mark: 'line', arm, label, seed, x, y: values.map((value) => value / (values[until] ?? Number.NaN)) };
    });
  const lines = batches.flatMap((batch): readonly LineMark[] => {
    const rate = growth(nonlinearity, batch);
    const theory: LineMark = {
      mark: 'line',
      arm: 'theory',
      label: `${rate.toFixed(3)} per layer`,
      seed: 0,
      x: x.slice(0, until + 1),
      y: x.slice(0, until + 1).map((layer) => power(rate, until - layer)),
    };
    return [...measured(name, batch, `batch ${batch}`), theory];
  });
  const [alone = Number.NaN] = batchesOf('relu-without-norm', protocol);
  const plain = name === 'relu' ? measured('relu-without-norm', alone, 'standard', 'ReLU without a norm') : [];
  return {
    id: `yang2019-gradient-explosion-${name}`,
    title:
      name === 'relu'
        ? 'Squared gradient over depth, batch norm and ReLU'
        : 'Squared gradient over depth, batch norm alone',
    caption: `At initialisation, width ${width}, one thin line per seed: ‖∂L/∂h‖² over that of layer ${until}; the rate is fitted to layers ${from} to ${until}. Black: mean-field theory for infinite width.`,
    x: { label: 'layer, from the input', unit: '', scale: 'linear' },
    y: { label: 'squared gradient', unit: '', scale: 'log' },
    marks: [...lines, ...plain],
  };
}

function rateFigure({ batches, width }: ExplosionProtocol, seeds: readonly Gradients[]): PlotFigure {
  const theoryBatches = Array.from({ length: 41 }, (_, i) => 6 * power(2, i / 6.5));
  const measured = (name: 'relu' | 'linear', arm: string): readonly LineMark[] =>
    seeds.map(({ rate }, seed) => ({
      mark: 'line',
      arm,
      seed,
      x: batches,
      y: batches.map((batch) => rate(name, batch)),
    }));
  const theory = (nonlinearity: Nonlinearity, label: string): LineMark => ({
    mark: 'line',
    arm: 'theory',
    label,
    seed: 0,
    x: theoryBatches,
    y: theoryBatches.map((batch) => growth(nonlinearity, batch)),
  });
  const spread = median(seeds.map(({ rate }) => rate('relu', Math.max(...batches))));
  return {
    id: 'yang2019-gradient-explosion-rate',
    title: 'Growth per layer against the batch size',
    caption: `Fitted growth of ‖∂L/∂h‖² per layer, one line per seed, width ${width}, beside the mean-field rate of a finite batch; with ReLU ${spread.toFixed(3)} at batch ${Math.max(...batches)}. The level line is the limit of infinite batches, π/(π − 1).`,
    x: { label: 'batch size', unit: '', scale: 'log' },
    y: { label: 'growth per layer', unit: '', scale: 'linear' },
    marks: [
      { mark: 'rule', kind: 'theory', label: 'ReLU, B → ∞: π/(π − 1)', value: RELU_LIMIT },
      ...measured('relu', 'ReLU'),
      ...measured('linear', 'linear'),
      theory('relu', 'ReLU, theory'),
      theory('identity', '(B − 2)/(B − 3)'),
    ],
  };
}
