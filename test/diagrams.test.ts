import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { openLaboratory } from '../src/cells/laboratory.ts';
import type { Curve, DiagramLayout } from '../src/report/diagram/layout.ts';
import { layoutOf } from '../src/report/diagram/diagram.ts';
import { graphDiagram } from '../src/report/graph/graph-diagram.ts';
import type { Box } from '../src/report/svg/place.ts';
import type { Point } from '../src/report/svg/mark.ts';
import { exampleSpec, forms, measureExample } from '../src/studies/batch-norm-by-hand/example.ts';
import { batchNormDiagram } from '../src/studies/batch-norm-by-hand/picture.ts';
import type { ModelName } from '../src/models/index.ts';
import { classifier } from '../src/problems/classifier.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import { buildStep } from '../src/train/step-graph.ts';

const laboratory = openLaboratory(threadlessDevice, 1, () => undefined);
afterAll(() => laboratory.close());

interface Named {
  readonly name: string;
  readonly box: Box;
}

/** Boxes and labels, each with what it is. */
function boxesOf({ nodes, edges }: DiagramLayout): readonly Named[] {
  const labels = edges.flatMap(({ edge, label }) =>
    label === undefined ? [] : [{ name: `label ${edge.from} → ${edge.to}`, box: label }],
  );
  return [...nodes.map(({ node, box }) => ({ name: node.id, box })), ...labels];
}

function touching({ left, top, width, height }: Box, other: Box): boolean {
  return (
    left < other.left + other.width &&
    other.left < left + width &&
    top < other.top + other.height &&
    other.top < top + height
  );
}

/** Pairs of boxes or labels that cover each other. */
function overlaps(layout: DiagramLayout): readonly string[] {
  const boxes = boxesOf(layout);
  return boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => touching(a.box, b.box))
      .map((b) => `${a.name} and ${b.name}`),
  );
}

/** Fifty points of a curve. */
function pointsOf([a, b, c, d]: Curve): readonly Point[] {
  return Array.from({ length: 51 }, (_, i) => {
    const t = i / 50;
    const s = 1 - t;
    const blend = (axis: 'x' | 'y'): number =>
      s ** 3 * a[axis] + 3 * s * s * t * b[axis] + 3 * s * t * t * c[axis] + t ** 3 * d[axis];
    return { x: blend('x'), y: blend('y') };
  });
}

/** Boxes and labels that an edge runs through, other than its own. */
function crossings(layout: DiagramLayout): readonly string[] {
  return layout.edges.flatMap(({ edge, label, curves }) => {
    const points = curves.flatMap(pointsOf);
    return boxesOf(layout)
      .filter(({ name, box }) => name !== edge.from && name !== edge.to && box !== label)
      .filter(({ box }) =>
        points.some(({ x, y }) => x > box.left && x < box.left + box.width && y > box.top && y < box.top + box.height),
      )
      .map(({ name }) => `${edge.from} → ${edge.to} runs through ${name}`);
  });
}

const batches = [
  [1, 2, 4],
  [1, 2],
  [0.125, -1234.5, 0.000_123, 77.5],
  [1, 2, 3, 4, 6],
  [-1e6, 2.5, 3e5, -0.1, 7, 9],
];

describe.each(forms)('the picture of batch norm, %s', (form) => {
  it.each(batches)('hides nothing for %j', async (...values) => {
    const layout = layoutOf(batchNormDiagram(await measureExample(laboratory, exampleSpec(form, values))));
    expect(overlaps(layout)).toEqual([]);
    expect(crossings(layout)).toEqual([]);
    for (const { name, box } of boxesOf(layout)) {
      const inside = [box.left, box.top, layout.width - box.left - box.width, layout.height - box.top - box.height];
      expect(Math.min(...inside), name).toBeGreaterThanOrEqual(-1e-6);
    }
  });

  it('fits a column of text at three examples', async () => {
    const { width } = layoutOf(batchNormDiagram(await measureExample(laboratory, exampleSpec(form, [1, 2, 4]))));
    expect(width).toBeLessThan(760);
  });
});

describe('the picture of a training step', () => {
  it.each<[ModelName, 'layers' | 'ops']>([
    ['mlp', 'ops'],
    ['mlp', 'layers'],
    ['vgg11', 'layers'],
    ['resnet20', 'layers'],
    ['resnet110', 'layers'],
  ])('of %s by %s has no box or label over another', (model, detail) => {
    const graph = buildStep('step', classifier(model, { input: [3, 32, 32] }), 128, sgd({ momentum: 0.9 }));
    expect(overlaps(layoutOf(graphDiagram(graph, detail)))).toEqual([]);
  });
});
