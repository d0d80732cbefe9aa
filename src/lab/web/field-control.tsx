/** @file The control of one setting. */

import { useId } from 'preact/hooks';
import type { JSX } from 'preact';
import { checked, type Field } from '../settings.ts';

interface Props {
  readonly field: Field;
  readonly value: string | number;
  readonly onChange: (value: string | number) => void;
  /** Told what is wrong with a value, or that nothing is. */
  readonly onRefuse: (message: string | undefined) => void;
}

export function FieldControl({ field, value, onChange, onRefuse }: Props): JSX.Element {
  const id = useId();
  const change = (text: string): boolean => {
    try {
      const read = checked(field, text);
      onRefuse(undefined);
      if (read !== value) onChange(read);
      return true;
    } catch (error) {
      onRefuse((error as Error).message);
      return false;
    }
  };
  const shared = { id, title: field.help };
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      {field.kind === 'choice' ? (
        <select {...shared} value={String(value)} onChange={({ currentTarget }) => change(currentTarget.value)}>
          {field.options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          inputMode="decimal"
          value={String(value)}
          onChange={({ currentTarget }) => {
            if (!change(currentTarget.value)) currentTarget.value = String(value);
          }}
          onKeyDown={(event) => {
            const way = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
            if (way === 0) return;
            event.preventDefault();
            change(String(stepped(field, Number(value), way)));
          }}
        />
      )}
    </div>
  );
}

/** What the arrow keys make of a number: within bounds, along 1, 2, 5, 10, … where it goes by factors. */
function stepped({ by, least, most }: Extract<Field, { kind: 'number' }>, value: number, way: 1 | -1): number {
  const next = by === 'factor' ? neighbour(value, way) : Math.round((value + way * by) * 1e6) / 1e6;
  return Math.min(most, Math.max(least, next));
}

function neighbour(value: number, way: 1 | -1): number {
  const places = Array.from({ length: 40 }, (_, i) => {
    const power = Math.floor(i / 3) - 7;
    return Number(`${[1, 2, 5][i % 3]}e${power}`);
  });
  return way === 1
    ? (places.find((place) => place > value * 1.001) ?? value)
    : (places.findLast((place) => place < value * 0.999) ?? value);
}
