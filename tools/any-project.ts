/**
 * @file Builds `tsconfig.any.json`: the files that run on every platform, compiled without the types of any one. What
 * every platform has beside the language stands in `platform.d.ts`. `npm run generate` writes the file; a test holds it
 * up to date.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { layers, rootFiles } from './layers.ts';

/** What `tsconfig.any.json` holds. */
export function anyProject(): Readonly<Record<string, unknown>> {
  const folders = layers.filter(({ platform }) => platform === 'any').map(({ folder }) => `src/${folder}`);
  return {
    extends: './tsconfig.json',
    compilerOptions: {
      types: [],
      // Packages as a browser's bundler sees them: some offer Node another entry.
      module: 'esnext',
      moduleResolution: 'bundler',
      customConditions: ['browser'],
    },
    include: ['tools/platform.d.ts', ...rootFiles.map((file) => `src/${file}`), ...folders],
    exclude: ['src/**/*.test.ts', 'src/*/node', 'src/*/web'],
  };
}

/** The exact text of `tsconfig.any.json`. */
export function anyProjectText(): string {
  return `${JSON.stringify(anyProject(), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../tsconfig.any.json', import.meta.url), anyProjectText());
}
