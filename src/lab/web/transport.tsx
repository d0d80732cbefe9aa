/** @file Play, pause, step, speed, and the step that is looked at. */

import type { JSX } from 'preact';
import { MOST_STEPS } from '../address.ts';
import { type Lab, speeds, type Speed } from './lab.ts';

const speedTexts: Readonly<Record<Speed, string>> = {
  full: 'full speed',
  '10': '10 steps a second',
  '1': '1 step a second',
};

export function Transport({ lab }: { readonly lab: Lab }): JSX.Element {
  const { isPlaying, cursor, steps, speed } = lab;
  return (
    <div class="transport" role="group" aria-label="Training">
      <button
        type="button"
        class="play"
        aria-pressed={isPlaying.value}
        onClick={() => (isPlaying.value ? lab.pause() : lab.play())}
      >
        {isPlaying.value ? 'Pause' : cursor.value === undefined ? 'Train' : `Train from ${cursor.value}`}
      </button>
      <button type="button" onClick={() => lab.stepOnce()} disabled={isPlaying.value}>
        Step
      </button>
      <button type="button" onClick={() => void lab.restart()}>
        Restart
      </button>
      <label>
        Speed
        <select value={speed.value} onChange={({ currentTarget }) => (speed.value = currentTarget.value as Speed)}>
          {speeds.map((name) => (
            <option key={name} value={name}>
              {speedTexts[name]}
            </option>
          ))}
        </select>
      </label>
      <label class="until">
        until step
        <input
          type="number"
          min={1}
          max={MOST_STEPS}
          value={steps.value}
          onChange={({ currentTarget }) => {
            const asked = Math.round(Number(currentTarget.value));
            steps.value = Math.min(MOST_STEPS, Math.max(1, Number.isFinite(asked) ? asked : steps.value));
            currentTarget.value = String(steps.value);
          }}
        />
      </label>
      <Scrub lab={lab} />
    </div>
  );
}

/** The slider over all steps: by itself, since it moves with each of them. */
function Scrub({ lab }: { readonly lab: Lab }): JSX.Element {
  const { cursor, furthest } = lab;
  const shown = cursor.value ?? furthest.value;
  const look = (step: number): void => {
    lab.pause();
    cursor.value = step >= furthest.value ? undefined : step;
  };
  return (
    <label class="scrub">
      <span class="step">
        step <output>{shown}</output>
      </span>
      <input
        type="range"
        min={0}
        max={Math.max(1, furthest.value)}
        value={shown}
        aria-label="The step that is looked at"
        onInput={({ currentTarget }) => look(Number(currentTarget.value))}
      />
    </label>
  );
}
