/** @file Which rows of the definition lab are about what another study judges, and the note that leads there. */

/** The study in which every definition in use stands beside the judged one. */
const DEFINITION_LAB = 'santurkar2018/definitions';

type DisputedStudy = `santurkar2018/${'landscape' | 'shift'}${'' | '-linear'}`;

/** By the name of a study of a disputed quantity, the rows of the concordance that are its own. */
export const labRows: Readonly<Record<DisputedStudy, readonly string[]>> = {
  'santurkar2018/landscape': ['max L − min L', 'ln(max L / min L)', 'max ‖Δg‖', 'beta: max over s'],
  'santurkar2018/landscape-linear': ['max L − min L', 'max ‖Δg‖', 'beta: max over s'],
  'santurkar2018/shift': [
    '‖G − G′‖, as santurkar2018/shift judges',
    'cosine of G and G′, as santurkar2018/shift judges',
  ],
  'santurkar2018/shift-linear': ['‖G − G′‖, mean over layers', '1 − cos(G, G′), mean over layers'],
};

/** "Other definitions …: santurkar2018/definitions, rows “max ‖Δg‖” and …." */
export function labNote(study: DisputedStudy): string {
  const rows = labRows[study].map((row) => `“${row}”`);
  const list = `${rows.slice(0, -1).join(', ')} and ${rows.at(-1)}`;
  return `What other definitions of the same quantities find, of a VGG and by public copies too: ${DEFINITION_LAB}, beside the rows ${list}.`;
}
