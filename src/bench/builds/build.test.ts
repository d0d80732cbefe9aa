import fs from 'node:fs';
import os from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SettingError } from '../../errors.ts';
import { version } from '../../report/node/version.ts';
import { buildAt, ownBuild } from './build.ts';

describe('buildAt', () => {
  let folder: string;
  const write = (path: string, text: string): void => {
    fs.mkdirSync(join(folder, path, '..'), { recursive: true });
    fs.writeFileSync(join(folder, path), text);
  };
  const refusal = (given = folder): unknown => {
    try {
      return buildAt(given);
    } catch (error) {
      expect(error).toBeInstanceOf(SettingError);
      return error instanceof Error ? error.message : error;
    }
  };
  beforeEach(() => (folder = fs.mkdtempSync(join(os.tmpdir(), 'normscope-build-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it('is the command line of a checkout, wherever it is named from', () => {
    write('package.json', '{"name":"normscope","version":"9.8.7"}');
    write('dist/cli/main.js', '');
    const program = join(folder, 'dist', 'cli', 'main.js');
    expect(buildAt(relative(process.cwd(), folder))).toEqual({ folder, version: '9.8.7', program });
  });

  it('cannot be where nothing is', () => {
    expect(refusal(join(folder, 'none'))).toContain('torch, none, or the folder of another checkout');
  });

  it('cannot be another package, or none', () => {
    expect(refusal()).toBe(
      `Cannot compare with ${folder}: it must be a checkout of normscope, whose package.json says so`,
    );
    write('package.json', '{"name":"normscape"}');
    write('dist/cli/main.js', '');
    expect(refusal()).toContain('must be a checkout of normscope');
  });

  it('must be built', () => {
    write('package.json', '{"name":"normscope","version":"9.8.7"}');
    expect(refusal()).toContain("it must be built, but has no dist/cli/main.js; run 'npm ci' there");
  });
});

it('knows its own checkout', () => {
  expect(ownBuild()).toMatchObject({ version });
  expect(fs.existsSync(join(ownBuild().folder, 'ARCHITECTURE.md'))).toBe(true);
});
