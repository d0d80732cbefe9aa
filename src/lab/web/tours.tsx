/** @file The choice of tours, and the one that is taken. */

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { tourScene } from '../tours/tour-scene.ts';
import { tours } from '../tours/index.ts';
import { seedOf } from '../course.ts';
import { assetBytes } from './assets.ts';
import { CoursePanel } from './course.tsx';
import type { Lab } from './lab.ts';
import { type StudyVerdict, TourPanel } from './tour.tsx';

export function Tours({ lab }: { readonly lab: Lab }): JSX.Element | null {
  const verdicts = useSignal<Readonly<Record<string, StudyVerdict>>>({});
  const tour = tours.find(({ name }) => name === lab.tour.value);
  const isTaken = tour !== undefined;
  /** A tour that is taken again asks again. */
  const round = useSignal(0);
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
    if (chosen === undefined) return;
    const { course, hidden } = lab;
    const student = course.value?.student;
    const scene = tourScene(lab.catalogue.fields, chosen, student === undefined ? undefined : seedOf(student, name));
    // What a teacher's link hides stays hidden from tour to tour.
    lab.enter(course.value === undefined ? scene : { ...scene, hidden: hidden.value });
    round.value += 1;
  };
  const course = lab.course.value;
  return (
    <>
      {course === undefined ? (
        <Choice taken={tour?.name} onTake={take} />
      ) : (
        <CoursePanel lab={lab} course={course} onTake={take} />
      )}
      {tour === undefined ? null : (
        <TourPanel
          key={`${tour.name} ${round.value}`}
          lab={lab}
          tour={tour}
          verdict={verdicts.value[tour.claim]}
          onLeave={() => (lab.tour.value = undefined)}
        />
      )}
    </>
  );
}

interface ChoiceProps {
  readonly taken: string | undefined;
  readonly onTake: (tour: string) => void;
}

function Choice({ taken, onTake }: ChoiceProps): JSX.Element {
  return (
    <label class="tours">
      Take a tour
      <select value={taken ?? ''} onChange={({ currentTarget }) => onTake(currentTarget.value)}>
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
  );
}

async function readVerdicts(): Promise<Readonly<Record<string, StudyVerdict>>> {
  return JSON.parse(new TextDecoder().decode(await assetBytes('verdicts.json'))) as Record<string, StudyVerdict>;
}
