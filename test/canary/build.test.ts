import { accessSync, constants, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Outcome, run, withPlantedProject } from './planted-project.ts';

const program = '#!/usr/bin/env node\nexport const answer: number = 42;\n';

function build(root: string): Outcome {
  return run(process.execPath, ['tools/build.mjs'], root);
}

describe('the build', () => {
  it('compiles sources, copies assets, drops tests and what no source accounts for', () => {
    const files = {
      'src/cli/main.ts': program,
      'src/cli/main.test.ts': "import './main.ts';\n",
      'src/report/style.css': 'p {}\n',
      'src/report/golden/figure.svg': '<svg/>\n',
      'src/lab/data/data.json': '[]\n',
      'dist/renamed.js': '',
    };
    withPlantedProject(files, (root) => {
      expect(build(root)).toEqual({ status: 0, output: '' });
      expect(readFileSync(join(root, 'dist/cli/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
      expect(() => accessSync(join(root, 'dist/cli/main.js'), constants.X_OK)).not.toThrow();
      expect(existsSync(join(root, 'dist/cli/main.d.ts'))).toBe(true);
      expect(existsSync(join(root, 'dist/report/style.css'))).toBe(true);
      expect(existsSync(join(root, 'dist/cli/main.test.js'))).toBe(false);
      expect(existsSync(join(root, 'dist/report/golden'))).toBe(false);
      expect(existsSync(join(root, 'dist/lab'))).toBe(false);
      expect(existsSync(join(root, 'dist/renamed.js'))).toBe(false);
    });
  });

  it('fails on a type error and leaves the previous build whole', () => {
    const files = {
      'src/cli/main.ts': `${program}export const wrong: number = 'x';\n`,
      'dist/cli/main.js': 'previous',
    };
    withPlantedProject(files, (root) => {
      const { status, output } = build(root);
      expect(status).toBe(1);
      expect(output).toContain('TS2322');
      expect(readFileSync(join(root, 'dist/cli/main.js'), 'utf8')).toBe('previous');
    });
  });

  it('fails when the program has no shebang', () => {
    withPlantedProject({ 'src/cli/main.ts': 'export const answer: number = 42;\n' }, (root) => {
      const { status, output } = build(root);
      expect(status).toBe(1);
      expect(output).toContain('#!/usr/bin/env node');
    });
  });

  it('says what to do where the compiler is not installed', () => {
    withPlantedProject({ 'src/cli/main.ts': program }, (root) => {
      rmSync(join(root, 'node_modules'));
      const expected = "Cannot build: TypeScript is not installed; run 'npm ci' without --omit=dev\n";
      expect(build(root)).toEqual({ status: 1, output: expected });
    });
  });

  it('keeps an existing build where the compiler is not installed', () => {
    withPlantedProject({ 'dist/cli/main.js': 'previous' }, (root) => {
      rmSync(join(root, 'node_modules'));
      expect(build(root)).toMatchObject({ status: 0 });
      expect(readFileSync(join(root, 'dist/cli/main.js'), 'utf8')).toBe('previous');
    });
  });
});
