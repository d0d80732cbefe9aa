/** @file A course: its tours, which of them are done, and the numbers to hand in. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JSX } from 'preact';
import { checkedStudent, type Course, seedOf } from '../course.ts';
import { numbersOf } from '../submission.ts';
import { tours } from '../tours/index.ts';
import type { Tour } from '../tours/tour.ts';
import type { Lab } from './lab.ts';

interface Props {
  readonly lab: Lab;
  readonly course: Course;
  readonly onTake: (tour: string) => void;
}

export function CoursePanel({ lab, course, onTake }: Props): JSX.Element {
  const { student } = course;
  const notes = lab.notes.value;
  const listed = course.tours.flatMap((name) => tours.find((tour) => tour.name === name) ?? []);
  const done = listed.filter(({ name }) => notes?.has(name) === true).length;
  return (
    <section class="course" aria-label="Course">
      <h2>
        {done} of {listed.length === 1 ? '1 tour' : `${listed.length} tours`} done
      </h2>
      {student === undefined ? <StudentForm lab={lab} course={course} onTake={onTake} /> : null}
      <ol>
        {listed.map(({ name, title }) => {
          const isDone = notes?.has(name) === true;
          const isTaken = lab.tour.value === name;
          return (
            <li key={name} aria-current={isTaken ? 'step' : undefined}>
              <span class="mark">{isDone ? '✓' : ''}</span>
              <span>
                {title}
                {isDone ? <span class="words"> (done)</span> : null}
              </span>
              <button
                type="button"
                disabled={student === undefined}
                aria-label={`${isDone || isTaken ? 'Again' : 'Take'}: ${title}`}
                onClick={() => onTake(name)}
              >
                {isDone || isTaken ? 'Again' : 'Take'}
              </button>
            </li>
          );
        })}
      </ol>
      {student === undefined ? null : (
        <p class="actions">
          <button type="button" disabled={done === 0} onClick={() => notes?.save()}>
            Save my numbers
          </button>
          <button type="button" onClick={() => (lab.course.value = { ...course, student: undefined })}>
            Not {student}?
          </button>
        </p>
      )}
    </section>
  );
}

function StudentForm({ lab, course, onTake }: Props): JSX.Element {
  const text = useSignal('');
  const refusal = useSignal<string | undefined>(undefined);
  const begin = (): void => {
    try {
      const student = checkedStudent(text.value.trim());
      lab.course.value = { ...course, student };
    } catch (error) {
      refusal.value = (error as Error).message;
      return;
    }
    // The tour that is taken has another seed now.
    if (lab.tour.value !== undefined) onTake(lab.tour.value);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        begin();
      }}
    >
      <label>
        Your student number
        <input
          class="student"
          autocomplete="off"
          maxLength={32}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      <button type="submit">Begin</button>
      <p class="small">
        It chooses the seed of your networks, and is put into the address of this page and into the file that you save.
        It is sent nowhere.
      </p>
      {refusal.value === undefined ? null : (
        <p class="refused" role="alert">
          {refusal.value}
        </p>
      )}
    </form>
  );
}

interface NotedProps {
  readonly lab: Lab;
  readonly tour: Tour;
  /** Undefined where it was chosen after the run, or not at all. */
  readonly predicted: number | undefined;
}

/** Notes a tour that has come to its end as it should, and says whether it did. */
export function Noted({ lab, tour, predicted }: NotedProps): JSX.Element | null {
  const course = lab.course.value;
  const notes = lab.notes.value;
  const isAsked = notes !== undefined && course?.tours.includes(tour.name) === true;
  useEffect(() => {
    if (!isAsked) return;
    const seed = seedOf(notes.student, tour.name);
    const runs = lab.lives.peek().filter(({ parting }) => parting === undefined);
    const measured = numbersOf(
      lab.catalogue.fields,
      tour,
      seed,
      runs.map(({ name, settings, history }) => ({ name: name.peek(), settings: settings.peek(), history })),
    );
    if (measured !== undefined) notes.add({ tour: tour.name, seed, predicted: predicted ?? null, measured });
  }, [isAsked, notes, tour, predicted, lab]);
  if (!isAsked) return null;
  return (
    <p class="small">
      {notes.has(tour.name)
        ? `The numbers of ${notes.student} are noted. Now change what you like: they stay.`
        : 'These numbers are not noted: something differs from the tour. Take it again, and change nothing until its end.'}
    </p>
  );
}
