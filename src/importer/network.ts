/** @file A network of a file as a function of layers: node by node, with the numbers of the file as its start. */

import { DataError } from '../errors.ts';
import type { GivenValues, Value } from '../graph/graph.ts';
import { elementCount, sameShape } from '../graph/tensor-type.ts';
import type { Network } from '../nn/network.ts';
import type { OnnxNode } from '../onnx/model.ts';
import { givenValues } from '../problems/given-values.ts';
import type { NetworkFunction } from '../problems/network-function.ts';
import { Attributes } from './attributes.ts';
import type { PrepareInput } from './input-form.ts';
import type { Fixed } from './fixed.ts';
import { Known } from './known.ts';
import { type NormChange, putBackName } from './norm-changes.ts';
import { ruleOf } from './rules/index.ts';
import { normPutBack } from './rules/norms.ts';
import { type Part, type PlacedNorm, refusal, type Site } from './site.ts';
import { type Built, leaveTraces } from './traces.ts';
import type { Plan } from './plan.ts';

export interface NetworkOfFile {
  readonly build: NetworkFunction;
  /** Of the last build. */
  readonly norms: () => readonly PlacedNorm[];
}

/** @param prepare - what is made of what is fed before the file's own nodes see it */
export function networkOf(plan: Plan, change: NormChange, prepare: PrepareInput): NetworkOfFile {
  const known = new Known(plan, change);
  const starts = new Map<string, GivenValues>();
  let norms: readonly PlacedNorm[] = [];
  return {
    build:
      ({ network }) =>
      (x) => {
        const building = new Building(known, network, starts, new Map([[plan.input, prepare(network.g, x)]]));
        for (const node of plan.nodes) building.add(node);
        building.finish();
        norms = building.norms;
        return building.logits(plan.logits);
      },
    norms: () => norms,
  };
}

/** A network of a file under construction, node by node. */
export class Building {
  readonly norms: PlacedNorm[] = [];
  readonly #known: Known;
  readonly #network: Network;
  readonly #starts: Map<string, GivenValues>;
  readonly #values: Map<string, Value>;
  readonly #built: Built[] = [];
  readonly #makers = new Map<Value, Built>();
  /** Values that come after a layer with weights. */
  readonly #learnt = new Set<Value>();
  readonly #batchSize: number;

  constructor(known: Known, network: Network, starts: Map<string, GivenValues>, values: Map<string, Value>) {
    this.#known = known;
    this.#network = network;
    this.#starts = starts;
    this.#values = values;
    const [x] = values.values();
    this.#batchSize = x?.shape[0] ?? 1;
  }

  add(node: OnnxNode): void {
    const rule = ruleOf(node.op);
    if (rule === undefined) throw new DataError(`A rule must be known for ${node.op}`);
    const operands = node.inputs.map((name) => this.#values.get(name)).filter((value) => value !== undefined);
    const isShift = rule.part === 'add' && operands.length === 1;
    const owner = isShift ? this.#biasOwner(operands) : undefined;
    const part: Part = isShift ? (owner === undefined ? 'other' : 'bias') : rule.part;
    const site = this.#site(node, owner?.layer ?? this.#known.layerOf(node));
    const made = this.#note(site.layer, part, operands, () => rule.build(site));
    const normed = this.#withNormBack(site, made);
    for (const [i, name] of node.outputs.entries()) {
      const value = normed[i];
      if (name === '' || value === undefined) continue;
      const expected = this.#known.shapeOf(name, this.#batchSize);
      if (expected !== undefined && !sameShape(expected, value.shape)) {
        throw refusal(
          site,
          `it must give [${expected.join(', ')}], as ONNX Runtime does, got [${value.shape.join(', ')}]`,
        );
      }
      this.#values.set(name, value);
    }
  }

  finish(): void {
    leaveTraces(this.#network, this.#built);
  }

  /** A value by the name that it has in the file. */
  value(name: string): Value | undefined {
    return this.#values.get(name);
  }

  /** [N, classes], whatever axes of size 1 the file leaves behind it. One number z is the two classes 0 and z. */
  logits(name: string): Value {
    const { g } = this.#network;
    const value = this.#values.get(name);
    if (value === undefined) throw new DataError(`Logits '${name}' must be made by the network`);
    const [n = 1, ...rest] = value.shape;
    const flat = rest.length === 1 ? value : g.emit('Reshape', [value], { shape: [n, elementCount(rest)] });
    if (elementCount(rest) > 1) return flat;
    return g.emit('Concat', [g.emit('Expand', [g.constant(0)], { shape: [n, 1] }), flat], { axis: 1 });
  }

  #withNormBack(site: Site, made: readonly Value[]): readonly Value[] {
    const statistics = this.#known.putBack(site.node);
    const [y] = made;
    if (statistics === undefined || y === undefined) return made;
    const bias = this.#known.takenBias(site.node)?.data;
    return this.#note(putBackName(site.layer), 'norm', [y], () => normPutBack(site, y, statistics, bias));
  }

  #note(layer: string, part: Part, inputs: readonly Value[], build: () => Value | readonly Value[]): readonly Value[] {
    const { g } = this.#network;
    const before = g.inputs.length;
    const result = build();
    const outputs = Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
    const [output] = outputs;
    if (output === undefined || inputs.includes(output)) return outputs;
    const parameters = g.inputs.slice(before).flatMap(({ value, role }) => (role.kind === 'parameter' ? [value] : []));
    const built: Built = { layer, part, inputs, output, parameters };
    this.#built.push(built);
    const isLearnt = parameters.length > 0 || inputs.some((value) => this.#learnt.has(value));
    for (const value of outputs) {
      this.#makers.set(value, built);
      if (isLearnt) this.#learnt.add(value);
    }
    return outputs;
  }

  /** The linear layer without a bias of its own that an addition of numbers follows. */
  #biasOwner([value]: readonly Value[]): Built | undefined {
    const maker = value && this.#makers.get(value);
    const hasBias = maker?.parameters.some(({ name }) => name.endsWith('/bias')) === true;
    return maker?.part === 'linear' && !hasBias ? maker : undefined;
  }

  #site(node: OnnxNode, layer: string): Site {
    const network = this.#network;
    const { g } = network;
    const known = this.#known;
    const valueOf = (i: number): Value | undefined => this.#values.get(node.inputs[i] ?? '');
    const constant = ({ data, shape }: Fixed): Value => g.constant(Array.from(data, Number), shape);
    const repeated = (i: number): Value => {
      const [row, shape] = [site.row(i), known.shapeOf(node.inputs[i] ?? '', this.#batchSize)];
      if (row === undefined || shape === undefined)
        throw refusal(site, `its operand ${i} must be there, and of one tensor type`);
      return g.emit('Expand', [constant(row)], { shape });
    };
    const site: Site = {
      network,
      g,
      node,
      layer,
      attributes: new Attributes(node),
      shapes: node.outputs.map((name) => known.shapeOf(name, this.#batchSize) ?? []),
      normAs: known.normAs(node),
      fixed: (i) => (valueOf(i) === undefined && known.has(node, i) ? known.operand(node, i) : undefined),
      row: (i) => known.row(node.inputs[i]),
      has: (i) => known.has(node, i),
      value: (i) => {
        const fixed = valueOf(i) ?? site.fixed(i);
        if (fixed === undefined) return repeated(i);
        return 'data' in fixed ? constant(fixed) : fixed;
      },
      isLearnt: (i) => {
        const value = valueOf(i);
        return value !== undefined && this.#learnt.has(value);
      },
      given: (name, data) => {
        const made = this.#starts.get(name) ?? givenValues(data());
        this.#starts.set(name, made);
        return made;
      },
      parameter: (role, shape, data) => {
        const name = `${layer}/${role}`;
        return g.input(name, shape, { kind: 'parameter', initial: site.given(name, data), owner: 'layer' });
      },
      noteNorm: (norm) => void this.norms.push(norm),
    };
    return site;
  }
}
