#!/usr/bin/env node
/**
 * Regenerates src/onnx/generated/onnx_pb.ts from ONNX's own onnx.proto (Apache-2.0, IR version 8; Debian package
 * libonnx-dev has it at /usr/include/onnx/onnx.proto). Needed only to move to a newer onnx.proto:
 *
 *   npm install --no-save @bufbuild/buf@1.75.0 @bufbuild/protoc-gen-es@2.17.0
 *   node tools/generate-onnx-types.mjs /usr/include/onnx/onnx.proto
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Enums are not erasable syntax: each becomes a constant object and the union of its numbers. */
export function eraseEnums(source) {
  return source.replace(/export enum (\w+) \{([\s\S]*?)\n\}/g, (_, name, body) => {
    const members = body.replace(/^(\s*)(\w+) = (-?\d+)/gm, '$1$2: $3');
    return `export const ${name} = {${members}\n} as const;\nexport type ${name} = (typeof ${name})[keyof typeof ${name}];`;
  });
}

const [proto] = process.argv.slice(2);
if (proto === undefined) {
  console.error('usage: node tools/generate-onnx-types.mjs PATH/TO/onnx.proto');
  process.exit(2);
}
const bin = resolve('node_modules/.bin');
const folder = mkdtempSync(join(tmpdir(), 'onnx-types-'));
mkdirSync(join(folder, 'proto'));
copyFileSync(proto, join(folder, 'proto', 'onnx.proto'));
writeFileSync(join(folder, 'buf.yaml'), 'version: v2\nmodules:\n  - path: proto\n');
writeFileSync(
  join(folder, 'buf.gen.yaml'),
  `version: v2\nplugins:\n  - local: ${join(bin, 'protoc-gen-es')}\n    out: out\n    opt: [target=ts, import_extension=ts]\n`,
);
execFileSync(join(bin, 'buf'), ['generate'], { cwd: folder, stdio: 'inherit' });
writeFileSync('src/onnx/generated/onnx_pb.ts', eraseEnums(readFileSync(join(folder, 'out', 'onnx_pb.ts'), 'utf8')));
rmSync(folder, { recursive: true });
