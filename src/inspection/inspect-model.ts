/** @file All that an ONNX file says about itself, and what rules make of it: nothing is run, no data is needed. */

import type { OnnxModel, OnnxPort } from '../onnx/model.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import type { Finding } from './finding.ts';
import { foldedFacts, type FoldedFacts, namesModules } from './folded.ts';
import { type GraphView, viewGraphs } from './graph-view.ts';
import { type LayerFact, layerFacts } from './layer-facts.ts';
import { networkFindings, outerFindings, placeholders } from './network-rules.ts';
import { type NormFact, normFacts } from './norm-facts.ts';
import { mixedMomenta, normFindings } from './norm-rules.ts';
import { countParameters, type ParameterCounts } from './parameters.ts';
import { statisticsFindings } from './statistics-rules.ts';

/** A layer with a weight; all names are the file's own. */
export interface InspectedLayer {
  readonly name: string;
  readonly op: string;
  readonly weight: { readonly name: string; readonly shape: readonly number[] };
  readonly hasBias: boolean;
  readonly norm:
    | { readonly kind: 'kept'; readonly name: string; readonly isAfterActivation: boolean }
    /** The norm's factor and shift are a Mul and an Add. */
    | { readonly kind: 'written-out'; readonly name: string }
    | { readonly kind: 'folded'; readonly exporter: string; readonly sign: string }
    /** It has a bias of its own name: a norm may have been folded in, or there was none. */
    | { readonly kind: 'unclear' }
    | { readonly kind: 'none' };
}

/** A batch norm that is there. */
export interface InspectedNorm {
  readonly name: string;
  /** Undefined where gamma, beta and statistics are no constants. */
  readonly channels: number | undefined;
  readonly epsilon: number;
  /** ONNX's: the fraction of a running statistic that a step keeps. */
  readonly momentum: number;
  readonly isTraining: boolean;
}

export interface Inspection extends ParameterCounts {
  readonly irVersion: number;
  readonly producer: { readonly name: string; readonly version: string };
  /** By domain; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly nodes: number;
  /** Nodes in bodies of branches and loops, whose layers and norms come after the others. */
  readonly nodesInBodies: number;
  readonly layers: readonly InspectedLayer[];
  readonly norms: readonly InspectedNorm[];
  /** Problems first; each kind in the order of the file. */
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
}

/**
 * What a file says, and what rules on the file alone make of it.
 * @param trainable - ops of ONNX's own domain that networks can be trained through
 * @throws {DataError} for constants that the file describes wrongly
 */
export function inspectModel(model: OnnxModel, trainable: readonly string[]): Inspection {
  const views = viewGraphs(model.graph);
  const [whole] = views;
  const producer = `${model.producer.name} ${model.producer.version}`;
  const opset = model.opsets.get('') ?? 0;
  const hasModuleNames = views.some(({ graph }) => namesModules(graph));
  const parts = views.map((view) => {
    const layers = layerFacts(view);
    const norms = normFacts(view, opset);
    const folded = foldedFacts(layers, hasModuleNames, producer);
    return {
      norms,
      layers: layers.map((layer) => inspectedLayer(view, layer, folded)),
      counts: countParameters(view, layers),
      findings: [...normFindings(norms, layers, producer), ...networkFindings(view, layers, folded.folded)],
    };
  });
  const layers = parts.flatMap((part) => part.layers);
  const norms = parts.flatMap((part) => part.norms);
  const findings = [
    ...statisticsFindings(norms),
    ...parts.flatMap((part) => part.findings),
    ...mixedMomenta(norms),
    ...placeholders(views.flatMap(layerFacts)),
    ...outerFindings(whole),
  ];
  const coverage = coverageOf(model, views, new Set(trainable));
  return {
    irVersion: model.irVersion,
    producer: model.producer,
    opsets: Object.fromEntries(model.opsets),
    inputs: model.graph.inputs,
    outputs: model.graph.outputs,
    parameters: sum(parts.map(({ counts }) => counts.parameters)),
    statistics: sum(parts.map(({ counts }) => counts.statistics)),
    nodes: coverage.nodes,
    nodesInBodies: coverage.nodes - model.graph.nodes.length,
    layers,
    norms: norms.map(inspectedNorm),
    findings: [
      ...findings.filter(({ level }) => level === 'problem'),
      ...findings.filter(({ level }) => level === 'note'),
    ],
    coverage,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function inspectedLayer(view: GraphView, layer: LayerFact, { folded, ambiguous }: FoldedFacts): InspectedLayer {
  const { name, node, weight, bias } = layer;
  return {
    name,
    op: node.op,
    weight: { name: weight.name, shape: weight.shape },
    hasBias: bias !== undefined,
    norm: normOf(),
  };

  function normOf(): InspectedLayer['norm'] {
    const { norm, between, scale } = layer;
    const fold = folded.get(name);
    if (fold !== undefined) return { kind: 'folded', exporter: fold.exporter, sign: fold.sign };
    if (norm !== undefined)
      return { kind: 'kept', name: view.nameOf(norm), isAfterActivation: between === 'activated' };
    if (scale !== undefined) return { kind: 'written-out', name: view.nameOf(scale) };
    return ambiguous.has(name) ? { kind: 'unclear' } : { kind: 'none' };
  }
}

function inspectedNorm({ name, shapes: [first], epsilon, momentum, isTraining }: NormFact): InspectedNorm {
  return { name, channels: first?.[0], epsilon, momentum, isTraining };
}
