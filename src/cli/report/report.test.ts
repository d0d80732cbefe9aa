import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { tinyCircumstances } from '../../../test/tiny-training.ts';
import { createRunFolder } from '../../records/node/run-folder.ts';
import { resolveLowering } from '../../runtime/lowering-choice.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import { findStudy } from '../../studies/index.ts';
import { reproduceCommandOf } from '../reproduce/stored-study.ts';
import { createProgram } from '../program.ts';
import { publish } from './publish.ts';
import { reproductionConfig, runStudies } from '../reproduce/reproduction.ts';
import { studySection } from '../reproduce/study-section.ts';

let root: string;
/** A run of a small study, and a copy of it for each test to damage. */
let made: string;
let copy: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'normscope-report-'));
  const study = findStudy('ioffe2015/scale');
  const plan = study.plan({ budget: 'quick', set: { cases: '2', scales: '0.5,10' } });
  const planned = [{ study, plan, budget: 'quick, changed', command: 'normscope reproduce ioffe2015/scale' }];
  const device = { threads: 1, ...resolveLowering({ lowering: 'portable' }) };
  const cells = join(root, 'cells');
  const folder = createRunFolder(root, 'made', reproductionConfig(planned, device), { cells });
  made = folder.path;
  const { runs } = await runStudies(planned, {
    circumstances: tinyCircumstances,
    root: cells,
    parallel: 1,
    signal: new AbortController().signal,
    dataset: () => Promise.reject(new RangeError('No data set is needed')),
    openDevice: threadlessDevice,
    run: folder,
  });
  const check = { ...resolveLowering({ lowering: 'portable' }), error: 1e-6, passed: true };
  publish(folder, runs, runs.map(studySection), { datasets: [], device, check, parallel: 1 }, ['parquet']);
});
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(() => {
  copy = mkdtempSync(join(root, 'copy-'));
  cpSync(made, copy, { recursive: true });
});

/** What the command prints. */
async function report(...words: readonly string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await (await createProgram(['report'])).parseAsync(['report', ...words], { from: 'user' });
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

/** Changes a JSON file of the copy. */
function edit(name: string, from: string, to: string): void {
  const text = readFileSync(join(copy, name), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(copy, name), text.replace(from, to));
}

describe('normscope report', () => {
  it('writes the bytes that the run has written, without anything being measured', async () => {
    const names = ['report.html', 'manifest.json', 'metrics.parquet'];
    const before = names.map((name) => readFileSync(join(copy, name)));
    for (const name of ['report.html', 'metrics.parquet']) rmSync(join(copy, name));
    expect(await report(copy)).toBe(`1 claim: 1 reproduced\nReport: ${join(copy, 'report.html')}\n`);
    expect(names.map((name) => readFileSync(join(copy, name)))).toEqual(before);
    expect(before[0]?.toString()).toMatch(/Took .* on <a/);
  });

  it('tells machines the verdict', async () => {
    const told = JSON.parse(await report(copy, '--json'));
    expect(told).toMatchObject({ folder: copy, studies: [{ name: 'ioffe2015/scale', verdict: 'reproduced' }] });
  });

  it('names the cells that are missing, and the command that makes them', async () => {
    renameSync(join(root, 'cells'), join(root, 'moved'));
    try {
      await expect(report(copy)).rejects.toThrow(
        `lacks 1 of its 1 cell (batch, seed 0); make them with normscope reproduce ioffe2015/scale --budget quick ` +
          `--set cases=2 --set scales=0.5,10 --threads 1 --lowering portable --convolution winograd4 --out ${copy} --resume`,
      );
    } finally {
      renameSync(join(root, 'moved'), join(root, 'cells'));
    }
  });

  it('names seeds that several claims were run on in the command that goes on with them', () => {
    const planned = ['santurkar2018/faster', 'santurkar2018/noisy'].map((name) => {
      const study = findStudy(name);
      const plan = study.plan({ budget: 'quick', seeds: 4, firstSeed: 7 });
      return { study, plan, budget: 'quick', command: '' };
    });
    const device = { threads: 1, ...resolveLowering({ lowering: 'portable' }) };
    const config = JSON.parse(JSON.stringify(reproductionConfig(planned, device)));
    expect(reproduceCommandOf(config, 'my run')).toBe(
      'normscope reproduce santurkar2018/faster santurkar2018/noisy --budget quick --seeds 4 --first-seed 7 ' +
        "--threads 1 --lowering portable --convolution winograd4 --out 'my run' --resume",
    );
  });

  it('does not decide by another rule or protocol than the run did', async () => {
    edit('config.json', '"tolerance": 1e-8', '"tolerance": 1e-7');
    await expect(report(copy)).rejects.toThrow(/its rule has changed since; normscope reproduce ioffe2015\/scale/);
    edit('config.json', '"tolerance": 1e-7', '"tolerance": 1e-8');
    edit('config.json', '"units": 3', '"gone": 3');
    await expect(report(copy)).rejects.toThrow(/its protocol has changed since/);
  });

  it('does not take one cell for another', async () => {
    const manifest = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'));
    manifest.studies[0].cells[0].seed = 1;
    writeFileSync(join(copy, 'manifest.json'), JSON.stringify(manifest));
    await expect(report(copy)).rejects.toThrow(/it has other cells now than in this run/);
  });

  it('says of what is no finished run what it is', async () => {
    rmSync(join(copy, 'manifest.json'));
    await expect(report(copy)).rejects.toThrow(/has not come to its end; go on with normscope reproduce ioffe2015/);
    await expect(report(root)).rejects.toThrow(/as a run: it has no config.json/);
    edit('config.json', '"reproduce"', '"else"');
    await expect(report(copy)).rejects.toThrow(/config.json must be what a run has written/);
  });
});

describe('the ledger', () => {
  const folder = (): string => join(copy, 'ledger');
  const read = (name: string): string => readFileSync(join(folder(), name), 'utf8');

  it('gets what the studies of a run came to, once, with figures, a page and a line in the index', async () => {
    expect(await report(copy, '--ledger', folder())).toContain(`Ledger: 1 entry added to ${folder()}`);
    const page = read('ioffe2015-scale.md');
    expect(page).toMatch(/^# ioffe2015\/scale: .*\n\n<!-- Written by/);
    expect(page).toContain('cases hold');
    for (const [, file] of page.matchAll(/\]\((figures\/[^)]+)\)/g)) expect(read(file ?? '')).toMatch(/^<svg/);
    expect(read('README.md')).toMatch(/\| \[`ioffe2015\/scale`\]\(ioffe2015-scale\.md\) \|.* \| reproduced \|/);
    const before = read('ledger.json');
    expect(await report(copy, '--ledger', folder())).toContain('Ledger: 0 entries added');
    expect(read('ledger.json')).toBe(before);
  });

  it('keeps what a newer entry of the same protocol supersedes', async () => {
    await report(copy, '--ledger', folder());
    const path = join(folder(), 'ledger.json');
    writeFileSync(path, read('ledger.json').replace(/"sentence":\s*"[^"]*"/, '"sentence":"What came out at first."'));
    expect(await report(copy, '--ledger', folder())).toContain('Ledger: 1 entry added');
    expect(read('ioffe2015-scale.md').split('# Superseded')[1]).toContain('What came out at first.');
    expect(read('README.md')).not.toContain('What came out at first.');
  });

  it('leads with the largest budget, whose figures a later look at a smaller one leaves alone', async () => {
    await report(copy, '--ledger', folder());
    const figure = read('ioffe2015-scale.md').match(/\]\((figures\/[^)]+)\)/)?.[1] ?? '';
    writeFileSync(join(folder(), figure), '<svg>Of the standard budget.</svg>');
    const longer = read('ledger.json')
      .replace(/"budget":\s*"quick, changed"/, '"budget": "standard"')
      .replace(/"protocolHash":\s*"/, '"protocolHash": "longer ');
    writeFileSync(join(folder(), 'ledger.json'), longer);
    expect(await report(copy, '--ledger', folder())).toContain('Ledger: 1 entry added');
    const page = read('ioffe2015-scale.md');
    expect(page.match(/^## \w+/gmu)).toEqual(['## standard', '## quick']);
    expect(page.lastIndexOf('![')).toBeLessThan(page.indexOf('## quick'));
    expect(read(figure)).toContain('Of the standard budget.');
  });

  it('does not count it as found again where cases in float64 hold by another lowering', async () => {
    await report(copy, '--ledger', folder());
    const path = join(folder(), 'ledger.json');
    writeFileSync(path, read('ledger.json').replace(/lowering [a-z0-9]+,/, 'lowering another,'));
    expect(await report(copy, '--ledger', folder())).toContain('Ledger: 1 entry added');
    expect(read('README.md')).not.toContain('## The same questions again');
    expect(read('ioffe2015-scale.md')).toContain('# Superseded');
  });

  it('sets beside an entry what other seeds came to, which supersede nothing', async () => {
    await report(copy, '--ledger', folder());
    const path = join(folder(), 'ledger.json');
    const other = read('ledger.json')
      .replace(/"command":\s*"[^"]*/, (command) => `${command} --first-seed 200`)
      .replace(/"verdict":\s*"reproduced"/, '"verdict":"inconclusive"');
    writeFileSync(path, other);
    expect(await report(copy, '--ledger', folder())).toContain('Ledger: 1 entry added');
    const index = read('README.md');
    expect(index).toContain('## The same questions again');
    expect(index).toContain('1 of 1 came to the verdict of the first');
    expect(index).toContain('(a) inconclusive, (b) reproduced, (c) reproduced | (a) |');
    expect(index.split('## The same questions again')[0]?.match(/ioffe2015-scale/gu)).toHaveLength(1);
    const page = read('ioffe2015-scale.md');
    expect(page.split('# Again, on other seeds')[1]).toContain('--first-seed 200');
    expect(page).not.toContain('# Superseded');
  });

  it('counts what other seeds came to with the rule by which they were judged, not with one amended since', async () => {
    await report(copy, '--ledger', folder());
    const path = join(folder(), 'ledger.json');
    const [first] = JSON.parse(read('ledger.json')).entries;
    const amended = { ...first, protocolHash: 'the old rule' };
    const again = { ...first, command: `${first.command} --first-seed 200`, protocolHash: 'other seeds' };
    writeFileSync(path, JSON.stringify({ entries: [amended, { ...again, question: first.protocolHash }] }));
    expect(await report(copy, '--ledger', folder())).toContain('Ledger: 1 entry added');
    expect(read('README.md')).toContain('1 of 1 came to the verdict of the first');
    expect(read('ioffe2015-scale.md').split('--first-seed 200')).toHaveLength(2);
  });

  it('is left alone where it cannot be read', async () => {
    await report(copy, '--ledger', folder());
    writeFileSync(join(folder(), 'ledger.json'), '{"entries":[{"study":3}]}');
    await expect(report(copy, '--ledger', folder())).rejects.toThrow(/^Cannot add to the ledger: .*ledger\.json/);
  });
});
