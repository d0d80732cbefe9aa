/** @file The instruments of the lab by name, for who has no use for what they compute. */

/** Names of instruments in the order in which a page shows them. Loss and accuracy are of every step, and need none. */
export const instrumentNames = [
  'loss',
  'accuracy',
  'activations',
  'ridgelines',
  'gradients',
  'landscape',
  'smoothness',
  'shift',
  'statistics',
  'singular-values',
  'predictions',
] as const;

export type InstrumentName = (typeof instrumentNames)[number];
