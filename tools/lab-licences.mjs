/** @file Under which licences the packages stand that the lab's page brings along. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * The text for LICENSES.txt.
 * @param modules - the paths of all modules that are bundled
 * @param dataLicence - of the data sets that come with the page; undefined where there are none
 */
export function licencesText(root, modules, dataLicence) {
  const own = section('normscope', readFileSync(join(root, 'LICENSE'), 'utf8'));
  const others = [...byPackage(modules)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([folder, files]) => packageSection(folder, files));
  const data = dataLicence === undefined ? [] : [section('Data sets', dataLicence)];
  return `${[own, ...others, ...data].join('\n\n')}\n`;
}

/** The modules that are not our own, by the folder of their package. */
function byPackage(modules) {
  const packages = new Map();
  for (const path of modules) {
    const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0];
    if (folder !== undefined) packages.set(folder, [...(packages.get(folder) ?? []), path]);
  }
  return packages;
}

function packageSection(folder, files) {
  const { name, version, licenses, ...manifest } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // Old packages name a list of them.
  const license = manifest.license ?? licenses?.map(({ type }) => type).join(' or ');
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  const text = file === undefined ? textOf(name, license, files) : readFileSync(join(folder, file), 'utf8');
  return section(`${name} ${version} (${license})`, text);
}

/** Of a package without a file of its licence: the notices in its modules, and the terms where they are not among them. */
function textOf(name, license, files) {
  const notices = files.flatMap((path) => {
    const clean = path.replace(/\?.*$/, '');
    if (!existsSync(clean)) return [];
    const comments = readFileSync(clean, 'utf8').match(/^(?:(?:\/\/[^\n]*\n)+|\/\*[\s\S]*?\*\/)/) ?? [];
    return comments.filter((comment) => /copyright/i.test(comment)).map(unmarked);
  });
  const all = [...new Set(notices)];
  if (all.length === 0 && name === 'onnxruntime-web') all.push('Copyright (c) Microsoft Corporation');
  if (all.length === 0) throw new Error(`The licence of ${name} must be told to who gets the page; say it in tools/`);
  return [...all, ...(license === 'MIT' ? [MIT] : [])].join('\n\n');
}

function unmarked(comment) {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*(\/\/|\/\*+!?|\*\/|\*)\s?/, '').replace(/\s*\*\/\s*$/, ''))
    .join('\n')
    .trim();
}

function section(title, text) {
  return `${title}\n${'-'.repeat(title.length)}\n\n${text.trim()}`;
}
