/** @file A graph of computations as data: boxes, arrows and what stands on them. Where they stand the report works out. */

export interface DiagramNode {
  /** Unique in its diagram. */
  readonly id: string;
  readonly kind: 'input' | 'parameter' | 'computed';
  /** A symbol, an op, or the name of a layer. */
  readonly label: string;
  /** Lines in small print: shapes, counts. */
  readonly details: readonly string[];
  /** What the forward pass computes here. */
  readonly value?: number;
  /** What the backward pass brings back, with its symbol: ∂l/∂x. */
  readonly gradient?: { readonly label: string; readonly value: number };
  /** Whether it belongs to the backward pass, which has a column of its own where places are worked out. */
  readonly isBackward?: boolean;
  /** Column and row, both may be fractions of one, where the order of things is known; a layout is worked out elsewhere. */
  readonly place?: { readonly column: number; readonly row: number };
}

export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  /** A formula or a shape; empty for a plain arrow. */
  readonly label: string;
  /** The formula's number. */
  readonly value?: number;
  /**
   * `backward`: between two gradients, which is drawn upwards where places are worked out; `kept`: from the forward pass
   * into the backward pass; `idle`: a derivative of 0, along which no gradient flows.
   */
  readonly kind: 'forward' | 'backward' | 'kept' | 'idle';
  /** The end at which the label stands, where nodes have places; the other end is where many edges meet. */
  readonly labelled?: 'source' | 'target';
}

/** A sample of something drawn, and what it means. */
export interface LegendEntry {
  readonly sample: 'value' | 'gradient' | 'label' | DiagramEdge['kind'];
  readonly text: string;
}

/** Boxes joined by arrows. Either all nodes have places or none has. */
export interface DiagramFigure {
  readonly view: 'diagram';
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly nodes: readonly DiagramNode[];
  readonly edges: readonly DiagramEdge[];
  readonly legend: readonly LegendEntry[];
}
