/**
 * @file Which lowering a graph takes, and how it may compute convolutions: two questions, answered by two settings. Both
 * are part of a run's manifest, since they decide the last bits.
 */

import { SettingError, unknownName } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { PhysicalGraph } from '../graph/physical.ts';
import type { BlockSize } from '../graph/stored-layout.ts';
import { lowerBlocked } from '../lowering/blocked.ts';
import type { FastOptions } from '../lowering/fast/context.ts';
import { lowerPortable } from '../lowering/portable.ts';
import { lowerReference } from '../lowering/reference.ts';
import { lowerWebgpu } from '../lowering/webgpu.ts';

/** Where layouts and kernels come from. */
export type LoweringName = 'blocked' | 'blocked8' | 'portable' | 'reference' | 'webgpu';

/** A lowering by name, or the fastest that is right on this machine. */
export type AskedLowering = LoweringName | 'auto';

/**
 * The fastest form that convolutions with 3 × 3 taps and stride 1 may take; the others are always direct. Winograd's
 * F(4,3) and F(2,3) multiply less and round more: docs/decisions/0007-precision.md has the errors of whole gradients.
 */
export type ConvolutionName = 'winograd4' | 'winograd2' | 'direct';

interface Lowering {
  /** The forms it has, the usual one first. */
  readonly convolutions: readonly [ConvolutionName, ...ConvolutionName[]];
  /** Channels in a block, where it needs a processor whose blocks have so many. */
  readonly block?: BlockSize;
  readonly lower: (graph: Graph, options: FastOptions) => PhysicalGraph;
}

/**
 * The lowerings by name, the fastest first: `blocked` needs x86 with AVX-512, `blocked8` x86 without; `portable` runs on
 * every processor; `reference` is plain ONNX, slow, and the only one for float64; `webgpu` is for GPUs.
 */
const lowerings: Readonly<Record<LoweringName, Lowering>> = {
  blocked: {
    convolutions: ['winograd4', 'winograd2', 'direct'],
    block: 16,
    lower: (graph, options) => lowerBlocked(graph, { ...options, block: 16 }),
  },
  blocked8: {
    convolutions: ['winograd4', 'winograd2', 'direct'],
    block: 8,
    lower: (graph, options) => lowerBlocked(graph, { ...options, block: 8 }),
  },
  portable: {
    convolutions: ['winograd4', 'winograd2', 'direct'],
    lower: lowerPortable,
  },
  reference: { convolutions: ['direct'], lower: (graph) => lowerReference(graph) },
  webgpu: { convolutions: ['direct'], lower: lowerWebgpu },
};

const everyName = Object.keys(lowerings) as LoweringName[];

/** Those that a run can be asked for, the fastest first: the one for GPUs comes with a runtime of its own. */
export const loweringNames: readonly LoweringName[] = everyName.filter((name) => name !== 'webgpu');
export const convolutionNames: readonly ConvolutionName[] = ['winograd4', 'winograd2', 'direct'];

export interface LoweringSettings {
  readonly lowering: LoweringName;
  /** Default: the usual form of the lowering. */
  readonly convolution?: ConvolutionName;
}

/** Settings that leave nothing open: what a run states of itself. */
export interface ResolvedLowering extends LoweringSettings {
  readonly convolution: ConvolutionName;
}

/** Every lowering with every form of convolution that it has. */
export const allLowerings: readonly ResolvedLowering[] = everyName.flatMap((lowering) =>
  lowerings[lowering].convolutions.map((convolution) => ({ lowering, convolution })),
);

/** What is fallen back on: the yardstick of all others. */
export const referenceLowering: ResolvedLowering = { lowering: 'reference', convolution: 'direct' };

/** The same settings with every default filled in. @throws {SettingError} for a form that the lowering does not have. */
export function resolveLowering<Settings extends LoweringSettings>(settings: Settings): Settings & ResolvedLowering {
  const { lowering, convolution } = settings;
  const { convolutions } = lowerings[lowering];
  if (convolution !== undefined && !convolutions.includes(convolution)) {
    throw new SettingError(
      `Lowering ${lowering} computes convolutions as ${convolutions.join(', ')}, got ${convolution}; try ${convolutions[0]}`,
    );
  }
  return { ...settings, convolution: convolution ?? convolutions[0] };
}

/** @param mayWrite - what the graph may write; where that is state, small tensors of it may come to lie in one. */
export function lower(graph: Graph, settings: LoweringSettings, mayWrite: 'state' | 'scratch'): PhysicalGraph {
  const { lowering, convolution } = resolveLowering(settings);
  return lowerings[lowering].lower(graph, { convolution, packsState: mayWrite === 'state' });
}

/** How many channels a lowering has in a block, as the processor must too; undefined where it needs no blocks. */
export function blockSize(lowering: LoweringName): BlockSize | undefined {
  return lowerings[lowering].block;
}

/** @throws {SettingError} with the nearest known name. */
export function loweringName(name: string): LoweringName {
  const known = loweringNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw unknownName('lowering', name, loweringNames);
}

/** @throws {SettingError} with the nearest known name. */
export function askedLowering(name: string): AskedLowering {
  const asked: readonly AskedLowering[] = ['auto', ...loweringNames];
  const known = asked.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw unknownName('lowering', name, asked);
}

/** @throws {SettingError} with the nearest known name. */
export function convolutionName(name: string): ConvolutionName {
  const known = convolutionNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw unknownName('convolution', name, convolutionNames);
}

/** `portable, winograd4`: both answers, for people. */
export function loweringText(settings: LoweringSettings): string {
  const { lowering, convolution } = resolveLowering(settings);
  return `${lowering}, ${convolution}`;
}
