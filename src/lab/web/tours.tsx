/** @file The choice of tours, and the one that is taken. */

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { tourScene } from '../tours/tour-scene.ts';
import { tours } from '../tours/index.ts';
import { assetBytes } from './assets.ts';
import type { Lab } from './lab.ts';
import { type StudyVerdict, TourPanel } from './tour.tsx';

export function Tours({ lab }: { readonly lab: Lab }): JSX.Element | null {
  const verdicts = useSignal<Readonly<Record<string, StudyVerdict>>>({});
  const tour = tours.find(({ name }) => name === lab.tour.value);
  const isTaken = tour !== undefined;
  useEffect(() => {
    // Words beside a tour; without them it is a tour still.
    if (isTaken)
      void readVerdicts().then(
        (read) => (verdicts.value = read),
        () => undefined,
      );
  }, [isTaken, verdicts]);
  if (lab.hidden.value.includes('tours')) return null;
  const take = (name: string): void => {
    const chosen = tours.find((one) => one.name === name);
    if (chosen !== undefined) lab.enter(tourScene(lab.catalogue.fields, chosen));
  };
  return (
    <>
      <label class="tours">
        Take a tour
        <select value={tour?.name ?? ''} onChange={({ currentTarget }) => take(currentTarget.value)}>
          <option value="" disabled>
            choose a question
          </option>
          {tours.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {tour === undefined ? null : (
        <TourPanel
          key={tour.name}
          lab={lab}
          tour={tour}
          verdict={verdicts.value[tour.claim]}
          onLeave={() => (lab.tour.value = undefined)}
        />
      )}
    </>
  );
}

async function readVerdicts(): Promise<Readonly<Record<string, StudyVerdict>>> {
  return JSON.parse(new TextDecoder().decode(await assetBytes('verdicts.json'))) as Record<string, StudyVerdict>;
}
