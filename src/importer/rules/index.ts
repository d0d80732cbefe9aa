/** @file Every op of ONNX that a network can be trained through. An op that is not here is refused by name. */

import type { Rule, Rules } from '../site.ts';
import { activations } from './activations.ts';
import { elementwise } from './elementwise.ts';
import { linearRules } from './linear.ts';
import { logic } from './logic.ts';
import { normRules } from './norms.ts';
import { pooling } from './pooling.ts';
import { recurrentRules } from './recurrent.ts';
import { reductions } from './reduce.ts';
import { resizing } from './resize.ts';
import { shapeRules } from './shape.ts';

const rules: Rules = {
  ...elementwise,
  ...activations,
  ...logic,
  ...linearRules,
  ...normRules,
  ...pooling,
  ...recurrentRules,
  ...reductions,
  ...resizing,
  ...shapeRules,
};

/** ONNX's names of all ops that can be trained through. Branches are written out before any rule sees them. */
export const trainableOps: readonly string[] = [...Object.keys(rules), 'If'];

export function ruleOf(op: string): Rule | undefined {
  return Object.hasOwn(rules, op) ? rules[op] : undefined;
}
