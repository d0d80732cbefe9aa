import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeDataset } from '../../src/lab/dataset-file.ts';
import { listedData, readPage } from '../../src/lab/node/page-files.ts';
import { Place, type RunningProgram } from './command-line.ts';

const place = new Place();

/** The address that a server prints. */
function addressOf({ process }: RunningProgram): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    process.stdout?.on('data', (part: string) => {
      text += part;
      const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    });
    process.on('exit', () => reject(new Error(`The lab ended without an address: ${text}`)));
  });
}

describe('normscope lab', () => {
  it('serves the page until Ctrl-C, with the data that were asked for', async () => {
    const running = place.start(place.newFolder(), ['lab', '--no-open', '--data', 'mnist', '--examples', '100'], {
      isSynthetic: true,
    });
    const address = await addressOf(running);
    const html = await (await fetch(address)).text();
    expect(html).toBe(new TextDecoder().decode(readPage().get('index.html')));
    const list = (await (await fetch(`${address}data.json`)).json()) as ReturnType<typeof listedData>;
    expect(list.map(({ name, licence }) => [name, /MIT|unknown/.exec(licence)?.[0]])).toEqual([
      ['fashion-mnist', 'MIT'],
      ['mnist', 'unknown'],
    ]);
    const { train, test } = decodeDataset(
      gunzipSync(new Uint8Array(await (await fetch(`${address}mnist.gz`)).arrayBuffer())),
    );
    expect([train.count, test.count]).toEqual([100, 256]);
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ending;
    expect({ code, stdout }).toEqual({ code: 130, stdout: `The lab is at ${address} until you press Ctrl-C.\n` });
    expect(stderr).toMatch(/\nnormscope: Stopped; the same command serves the lab again\n$/);
    await expect(fetch(address)).rejects.toThrow('fetch failed');
  });

  it('opens the browser that the system has, and does without where there is none', async () => {
    const cwd = place.newFolder();
    const bin = join(cwd, 'bin');
    mkdirSync(bin);
    const opened = join(cwd, 'opened');
    const opener = `#!/bin/sh\nprintf '%s' "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`;
    for (const name of ['xdg-open', 'open']) writeFileSync(join(bin, name), opener, { mode: 0o755 });
    const running = place.start(cwd, ['lab'], { env: { PATH: `${bin}:/usr/bin:/bin` } });
    const address = await addressOf(running);
    while (!existsSync(opened)) await delay(20);
    expect(readFileSync(opened, 'utf8')).toBe(address);
    running.process.kill('SIGINT');
    await running.ending;

    // With nothing but what starts it.
    const without = place.start(cwd, ['lab'], { shell: `PATH='${cwd}';` });
    await expect(fetch(await addressOf(without)).then(({ status }) => status)).resolves.toBe(200);
    without.process.kill('SIGINT');
    expect(await without.ending).toMatchObject({ code: 130 });
  });

  it('refuses a port that another program has', async () => {
    const first = place.start(place.newFolder(), ['lab', '--no-open']);
    const { port } = new URL(await addressOf(first));
    const { code, stderr } = await place.run(place.newFolder(), ['lab', '--no-open', '--port', port]);
    expect(code).toBe(2);
    expect(stderr).toContain(`Cannot serve at port ${port}: another program has it`);
    first.process.kill('SIGINT');
    await first.ending;
  });

  it('writes the page as a folder and as one file, and says whose licence is unknown', async () => {
    const cwd = place.newFolder();
    const words = 'lab --out public --single-file lecture.html --data cifar10 fashion-mnist --examples 50'.split(' ');
    const { code, stdout, stderr } = await place.run(cwd, words, { isSynthetic: true });
    expect(code).toBe(0);
    expect(stdout).toBe(
      'Wrote the lab into public: serve it from any static host, under any path.\n' +
        'Wrote the lab as lecture.html: open it in a browser.\n',
    );
    expect(stderr).toContain('images of CIFAR-10, whose licence is unknown: publish it only where you may');
    expect(stderr).not.toContain('Fashion');
    expect(readdirSync(join(cwd, 'public')).toSorted()).toEqual([...readPage().keys(), 'cifar10.gz'].toSorted());
    const list = readFileSync(join(cwd, 'public', 'data.json'));
    expect(listedData(new Map([['data.json', list]])).map(({ title }) => title)).toEqual([
      'CIFAR-10, 50 + 256 images',
      'Fashion-MNIST, 50 + 256 images',
    ]);
    expect(readFileSync(join(cwd, 'lecture.html'), 'utf8')).toContain(
      '<script type="text/plain" data-asset="cifar10.gz">',
    );
  });

  it('refuses what it cannot do before it does anything', async () => {
    const cwd = place.newFolder();
    mkdirSync(join(cwd, 'thesis'));
    writeFileSync(join(cwd, 'thesis', 'thesis.tex'), 'mine');
    const refusals: readonly (readonly [words: string, message: string])[] = [
      ['--out thesis --data mnist', 'must be empty or hold an earlier lab, got thesis.tex'],
      ['--out public --port 8080', '--port is of the page that is served'],
      ['--single-file --no-open', '--no-open is of the page that is served'],
      ['--single-file notes.txt', "ends in .html, got 'notes.txt'"],
      ['--data minst', "did you mean 'mnist'?"],
      ['--port 70000', 'a whole number from 0 to 65535'],
    ];
    for (const [words, message] of refusals) {
      const { code, stdout, stderr } = await place.run(cwd, ['lab', ...words.split(' ')]);
      expect({ code, stdout }, words).toEqual({ code: 2, stdout: '' });
      expect(stderr, words).toContain(message);
    }
    expect(readdirSync(cwd)).toEqual(['thesis']);
    expect(readdirSync(join(cwd, 'thesis'))).toEqual(['thesis.tex']);
  });
});
