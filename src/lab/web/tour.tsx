/** @file A tour: predict, run, see, and what would falsify it, beside the verdict of the study that it is about. */

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatNumber } from '../../report/format.ts';
import { holds, measuredOf } from '../tours/measured.ts';
import type { Tour } from '../tours/tour.ts';
import { Noted } from './course.tsx';
import type { Lab } from './lab.ts';

/** What the project's ledger says of a study. */
export interface StudyVerdict {
  readonly verdict: string;
  readonly budget: string;
  readonly sentence: string;
}

interface Props {
  readonly lab: Lab;
  readonly tour: Tour;
  readonly verdict: StudyVerdict | undefined;
  readonly onLeave: () => void;
}

export function TourPanel({ lab, tour, verdict, onLeave }: Props): JSX.Element {
  const answer = useSignal<number | undefined>(undefined);
  const isForeseen = useSignal(true);
  const { question, answers, right } = tour.predict;
  const isOver = answer.value !== undefined && !lab.isPlaying.value && lab.hasEnded.value;
  return (
    <section class="tour" aria-label="Tour">
      <header>
        <h2>{tour.title}</h2>
        <button type="button" onClick={onLeave}>
          Leave the tour
        </button>
      </header>
      <fieldset>
        <legend>{question}</legend>
        {answers.map((text, i) => (
          <label key={text} class={isOver && i === right ? 'right' : ''}>
            <input
              type="radio"
              name={`predict-${tour.name}`}
              disabled={answer.value !== undefined}
              checked={answer.value === i}
              onChange={() => {
                answer.value = i;
                isForeseen.value = lab.furthest.value === 0;
                lab.play();
              }}
            />
            {text}
          </label>
        ))}
      </fieldset>
      {answer.value === undefined ? <p class="small">Choose, and both networks begin to train.</p> : null}
      <div aria-live="polite">
        {isOver ? (
          <>
            <p>
              <strong>{answer.value === right ? 'As you said.' : `Not as you said: ${answers[right]}.`}</strong>{' '}
              {tour.see}
            </p>
            <Expected lab={lab} tour={tour} />
            <Noted lab={lab} tour={tour} predicted={isForeseen.value ? answer.value : undefined} />
            <p>
              <strong>What would falsify this?</strong> {tour.falsify}
            </p>
            <Evidence tour={tour} verdict={verdict} />
          </>
        ) : null}
      </div>
    </section>
  );
}

/** What the tour expects, held to what this run did. */
function Expected({ lab, tour }: Pick<Props, 'lab' | 'tour'>): JSX.Element {
  const rows = tour.expectation.flatMap((one) => {
    const life = lab.lives.value.find(({ name }) => name.value === one.arm);
    const isMet = life === undefined ? undefined : holds(life.history, one);
    if (life === undefined || isMet === undefined) return [];
    const found = measuredOf(life.history, one.quantity, one.step);
    const value = found === undefined ? 'not finite' : formatNumber(found);
    return [{ ...one, isMet, found: value }];
  });
  return (
    <ul class="expected">
      {rows.map(({ quantity, arm, step, is, value, isMet, found }) => (
        <li key={`${quantity} ${arm} ${step}`}>
          {isMet ? '✓' : '✗'} {quantity.replaceAll('-', ' ')} of {arm}: {found}, expected {is} {formatNumber(value)}{' '}
          <button type="button" onClick={() => (lab.cursor.value = step)}>
            look at step {step}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** One scene is no evidence; the study is. */
function Evidence({ tour, verdict }: Pick<Props, 'tour' | 'verdict'>): JSX.Element {
  return (
    <p>
      <strong>The evidence.</strong>{' '}
      {verdict === undefined
        ? 'This is one scene with one seed. The study of the claim has no verdict in the ledger yet'
        : `This is one scene with one seed. The study of the claim says, at the ${verdict.budget} budget: ${verdict.sentence.replace(/\.$/, '')}`}
      . Run it: <code>normscope reproduce {tour.claim}</code>
    </p>
  );
}
