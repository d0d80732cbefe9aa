/** @file The lab's page: where its script begins. */

import { effect } from '@preact/signals';
import { render } from 'preact';
import { DataError } from '../../errors.ts';
import type { Scene } from '../address.ts';
import { sceneOf } from '../address.ts';
import { seedOf } from '../course.ts';
import { resolveSettings, withDataSets } from '../settings.ts';
import { colours } from '../../report/theme.ts';
import { tours } from '../tours/index.ts';
import { tourScene } from '../tours/tour-scene.ts';
import { App } from './app.tsx';
import { assetBytes } from './assets.ts';
import { Lab } from './lab.ts';
import { Message } from './message.tsx';
import type { Catalogue } from '../catalogue.ts';

/** A data set that the page has. */
interface DataEntry {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly licence: string;
}

/** What is shown to whoever comes without a link: at a large learning rate, with batch norm and without. */
function usualScene({ fields }: Catalogue): Scene {
  const settings = (norm: string) => resolveSettings(fields, { norm, learningRate: 1 });
  return {
    arms: [
      { name: 'batch', settings: settings('batch') },
      { name: 'standard', settings: settings('none') },
    ],
    steps: 200,
    look: ['loss', 'accuracy', 'activations', 'gradients'],
    hidden: [],
    tour: undefined,
    course: undefined,
  };
}

/** What an address leaves out is of its tour, where it names one, with the seed of a student of a course. */
function sceneInPlace(catalogue: Catalogue, hash: string): Scene {
  const [, name] = /[#&]tour=([^&]*)/.exec(hash) ?? [];
  const [, student] = /[#&]student=([^&]+)/.exec(hash) ?? [];
  const tour = tours.find((one) => one.name === name);
  if (tour === undefined) return usualScene(catalogue);
  return tourScene(catalogue.fields, tour, student === undefined ? undefined : seedOf(student, tour.name));
}

async function begin(place: HTMLElement): Promise<void> {
  const engine = assetBytes('engine.wasm.gz');
  // It is on its way while all else begins; what fails first is what is told.
  engine.catch(() => undefined);
  const [list, whole] = await Promise.all([json('data.json'), json('catalogue.json')]);
  const [entries, { fields, norms }] = [list as readonly DataEntry[], whole as Catalogue];
  const catalogue = {
    fields: withDataSets(
      fields,
      entries.map(({ name }) => name),
    ),
    norms,
  };
  const files = new Map<string, Promise<Uint8Array>>();
  const data = async (name: string): Promise<Uint8Array> => {
    const file = files.get(name) ?? assetBytes(entries.find((entry) => entry.name === name)?.file ?? name);
    files.set(name, file);
    // What could not be had is asked for again by the next arm.
    file.catch(() => files.delete(name));
    return file;
  };
  let gpu: Promise<Uint8Array> | undefined;
  const gpuEngine = async (): Promise<Uint8Array> => {
    gpu ??= assetBytes('gpu-engine.wasm.gz');
    gpu.catch(() => (gpu = undefined));
    return gpu;
  };
  const usual = sceneInPlace(catalogue, location.hash);
  let notice: string | undefined;
  let scene = usual;
  try {
    scene = sceneOf(catalogue.fields, location.hash.slice(1), usual);
  } catch (error) {
    notice = `This link cannot be followed: ${(error as Error).message}. The usual scene is shown.`;
  }
  const lab = new Lab(catalogue, scene, { engine: () => engine, gpuEngine, data });
  // For those who watch the page from outside.
  effect(() => {
    document.documentElement.dataset['labStep'] = String(lab.furthest.value);
  });
  render(<App lab={lab} notice={notice} />, place);
  // Who takes a tour is asked first, and who takes a course chooses one.
  if (scene.tour === undefined && scene.course === undefined) lab.play();
  // Without it there is nothing that could be shown.
  await engine;
}

/** What a file of the page's folder says. @throws {DataError} */
async function json(name: string): Promise<unknown> {
  const file = await assetBytes(name);
  try {
    return JSON.parse(new TextDecoder().decode(file)) as unknown;
  } catch (error) {
    throw new DataError(
      `Cannot read ${name}: it must be JSON (${(error as Error).message}); write the page's folder again by 'normscope lab --out'`,
      { cause: error },
    );
  }
}

for (const [role, [light, dark]] of Object.entries(colours)) {
  document.documentElement.style.setProperty(`--${role}`, `light-dark(${light},${dark})`);
}
// Who follows a link to another scene is in the same page still; what the page itself writes is not heard here.
addEventListener('hashchange', () => location.reload());

const place = document.getElementById('lab');
if (place !== null) {
  begin(place).catch((error: unknown) => {
    render(
      <Message title="The lab could not be started" text={error instanceof Error ? error.message : String(error)} />,
      place,
    );
  });
}
