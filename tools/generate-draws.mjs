#!/usr/bin/env node
/**
 * Regenerates src/math/generated/draws-wasm.ts from src/math/draws.wat. Needed only where that file is changed:
 *
 *   npm install --no-save wabt@1.0.39
 *   node tools/generate-draws.mjs
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = 'src/math/draws.wat';
const wabt = await createRequire(`${process.cwd()}/`)('wabt')();
const module = wabt.parseWat(source, readFileSync(source, 'utf8'), { simd: true });
const bytes = [...module.toBinary({}).buffer];
module.destroy();

const lines = bytes.reduce((text, byte, i) => `${text}${i % 24 === 0 ? '\n  ' : ' '}${byte},`, '');
mkdirSync('src/math/generated', { recursive: true });
writeFileSync(
  'src/math/generated/draws-wasm.ts',
  `/** @file Made of ${source} by tools/generate-draws.mjs. */\n\nexport const drawsWasm: Uint8Array<ArrayBuffer> = Uint8Array.of(${lines}\n);\n`,
);
