/** @file One arm: its name and colour, how it does, and what can be set of it. */

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { counted } from '../../counted.ts';
import { formatNumber } from '../../report/format.ts';
import type { GpuReport } from '../messages.ts';
import type { ChoiceField, SettingName } from '../settings.ts';
import { colourOf } from './colour-of.ts';
import { FieldControl } from './field-control.tsx';
import type { Lab } from './lab.ts';
import type { Life } from './life.ts';

export function ArmCard({ lab, life }: { readonly lab: Lab; readonly life: Life }): JSX.Element {
  const isRefused = useSignal<string | undefined>(undefined);
  const { norms } = lab.catalogue;
  const fields = life.file === undefined ? lab.catalogue.fields : { ...lab.catalogue.fields, norm: normsOfFile };
  const hidden = lab.hidden.value;
  const names = (Object.keys(fields) as SettingName[]).filter((name) => life.file === undefined || ofFiles.has(name));
  const control = (name: SettingName): JSX.Element => (
    <FieldControl
      key={name}
      field={fields[name]}
      value={life.settings.value[name]}
      onChange={(value) => lab.set(life, name, value)}
      onRefuse={(message) => (isRefused.value = message)}
    />
  );
  const norm = norms[life.settings.value.norm];
  const arms = lab.lives.value.map((one) => one.name.value);
  return (
    <article class="arm" style={`--arm:${colourOf(arms, life.name.value)}`} aria-label={`Arm ${life.name.value}`}>
      <header>
        <span class="swatch" aria-hidden="true" />
        <input
          class="name"
          aria-label="Name of the arm"
          maxLength={40}
          value={life.name.value}
          onChange={({ currentTarget }) => {
            const others = lab.lives.value.filter((one) => one !== life).map((one) => one.name.value);
            const asked = currentTarget.value.trim().replaceAll(',', ' ');
            if (asked !== '' && !others.includes(asked)) life.name.value = asked;
            currentTarget.value = life.name.value;
          }}
        />
      </header>
      <Progress lab={lab} life={life} />
      {life.file === undefined ? null : <p class="small">{life.file.name}, from this device; it goes nowhere</p>}
      {life.gpu.value === undefined ? null : <p class="small">{gpuText(life.gpu.value)}</p>}
      {life.parting === undefined ? null : (
        <p class="small">
          parted from {life.parting.from} at step {life.parting.step}
        </p>
      )}
      {hidden.includes('settings') ? null : (
        <>
          <div class="fields">{names.filter((name) => fields[name].isFirst === true).map(control)}</div>
          <details>
            <summary>More settings</summary>
            <div class="fields">{names.filter((name) => fields[name].isFirst !== true).map(control)}</div>
          </details>
          {norm === undefined || life.file !== undefined ? null : (
            <details>
              <summary>What {life.settings.value.norm} is</summary>
              <p class="small">
                {norm.title}
                {norm.paper === undefined ? '' : ` (${norm.paper})`}: {norm.formula}
              </p>
            </details>
          )}
        </>
      )}
      {isRefused.value === undefined ? null : (
        <p class="refused" role="alert">
          {isRefused.value}
        </p>
      )}
      {hidden.includes('lives') ? null : (
        <p class="actions">
          <Fork lab={lab} life={life} />
          {lab.lives.value.length > 1 ? (
            <button type="button" onClick={() => lab.drop(life)}>
              Drop
            </button>
          ) : null}
        </p>
      )}
    </article>
  );
}

/** What can be set of a network that is a file's: how it is trained, and whether it keeps its batch norms. */
const ofFiles: ReadonlySet<SettingName> = new Set(['norm', 'learningRate', 'batchSize', 'data', 'momentum', 'seed']);

const normsOfFile: ChoiceField = {
  kind: 'choice',
  label: 'norm',
  options: ['batch', 'none'],
  usual: 'batch',
  help: 'batch: the norms that the file has; none: they go into the layers before them.',
  isFirst: true,
};

/** What its numbers are worth. */
function gpuText({ title, error, left }: GpuReport): string {
  const where = left === 0 ? 'every node of it' : `but for nodes of ${counted(left, 'program')}, left to the processor`;
  return `on the GPU (${title}), ${where}; off from float64 by ${error.toExponential(1)} of the largest number; its bits are its own and count for no tour`;
}

/** By itself, as is what follows: with each step nothing else of the card is made anew. */
function Fork({ lab, life }: { readonly lab: Lab; readonly life: Life }): JSX.Element {
  return (
    <button
      type="button"
      disabled={lab.isFull || life.status.value.kind === 'failed'}
      onClick={() => void lab.fork(life)}
    >
      Fork at step {Math.min(lab.cursor.value ?? Infinity, life.step.value)}
    </button>
  );
}

/** What can be said of it at the step that is looked at. */
function Progress({ lab, life }: { readonly lab: Lab; readonly life: Life }): JSX.Element {
  const status = life.status.value;
  const until = lab.cursor.value ?? Infinity;
  // Read so that it is drawn again with every step.
  const step = life.step.value;
  if (status.kind === 'failed')
    return (
      <p class="refused" role="alert">
        {status.message}
      </p>
    );
  if (status.kind === 'starting') return <p class="progress">starting …</p>;
  const loss = life.history.latest('loss', {}, until);
  const accuracy = life.history.latest('test-accuracy', {}, until);
  const lost = status.kind === 'lost' && status.step <= until ? `loss not finite since step ${status.step}` : undefined;
  return (
    <p class="progress" aria-live="off">
      {lost ??
        (loss === undefined
          ? `ready, ${formatNumber(life.parameters.value)} parameters`
          : `step ${Math.min(step, until)}: loss ${formatNumber(loss)}`)}
      {accuracy === undefined ? '' : `, ${formatNumber(Math.round(1000 * accuracy) / 10)} % of the test images`}
    </p>
  );
}
