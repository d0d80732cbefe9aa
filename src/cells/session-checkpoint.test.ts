import { describe, expect, it } from 'vitest';
import { tinyCell } from '../../test/tiny-training.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import type { Snapshot } from '../train/snapshot.ts';
import { checkpointOf, snapshotOf } from './session-checkpoint.ts';

describe('a checkpoint', () => {
  const spec = tinyCell();
  const snapshot: Snapshot = {
    step: 7,
    learningRate: 0.05,
    schedule: [1, 2],
    tensors: new Map([['remembered/weight', { shape: [2], data: Float32Array.of(1, 2) }]]),
    remembered: new Map([[11, Float64Array.of(0.1, 0.2, 0.3)]]),
    identity: 'known',
    about: spec.problem.about,
    optimiser: spec.training.optimiser,
  };

  it('gives back what readouts remember, apart from what the network stores, whatever its layers are called', () => {
    const { tensors, metadata, step } = checkpointOf(snapshot, { divergedAt: null, firstLoss: undefined });
    expect([...tensors.keys()]).toEqual(['remembered/weight', 'remembered/11']);
    const read = snapshotOf({ step, tensors, metadata, recordsBytes: 0, recordsCrc32: '' }, spec);
    expect(read.remembered).toEqual(snapshot.remembered);
    expect([...read.tensors.keys()]).toEqual(['remembered/weight']);
    expect(read.optimiser).toEqual(sgd({ momentum: 0.9, weightDecay: 1e-3 }));
  });
});
