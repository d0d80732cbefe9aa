/** @file No test of what kind a cell is: whoever runs jobs, counts them or tells of them asks them, and does not look. */
import { type Expression, Visitor } from 'oxc-parser';
import { type Fact, type Finding, maybeText, memberName } from './source.ts';

/** Where each kind is written, and may know itself. */
const OWN = /^src\/cells\/(measurement|train(ing)?[a-z-]*)(\.test)?\.ts$/;

/** What one kind of cell has and another has not. */
const fields: ReadonlySet<string> = new Set(['training', 'measurement', 'problem', 'measure', 'pace']);
/** Words that tell kinds apart. */
const discriminants: ReadonlySet<string> = new Set(['kind', 'type', 'pace']);
const cells = /^(asked|cells?|jobs?|planned|specs?)$/i;

const repair = 'give the job what is asked of it (src/cells/job.ts), so that each kind answers for itself';

export const noCellKinds: Fact = {
  sentence: 'no test of the kind of a cell outside the file of that kind',
  check: (files) =>
    files
      .filter(({ path }) => !OWN.test(path))
      .flatMap(({ path, program, lineOf }) => {
        const found: Finding[] = [];
        const isDiscriminant = (side: Expression): boolean =>
          side.type === 'MemberExpression' &&
          cells.test(memberName(side.object) ?? '') &&
          discriminants.has(memberName(side) ?? '');
        new Visitor({
          BinaryExpression: (test) => {
            const { left, operator, right } = test;
            const line = lineOf(test);
            if (operator === 'in' && fields.has(maybeText(left)?.value ?? '')) {
              found.push({ path, line, what: `looks for '${maybeText(left)?.value ?? ''}' in a cell; ${repair}` });
            }
            if (/^[!=]==?$/.test(operator) && (isDiscriminant(left) || isDiscriminant(right))) {
              found.push({ path, line, what: `tests the kind of a cell; ${repair}` });
            }
          },
          SwitchStatement: (choice) => {
            if (!isDiscriminant(choice.discriminant)) return;
            found.push({ path, line: lineOf(choice), what: `tests the kind of a cell; ${repair}` });
          },
        }).visit(program);
        return found;
      }),
};
