/** @file One instrument: folded away it costs nothing; open, its figures are drawn again as arms go on. */

import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { drawPlotFigure } from '../../report/figure/element.ts';
import { captionsOf, figuresOf, quantitiesOf } from '../figures.ts';
import type { InstrumentName } from '../instrument-names.ts';
import { drawnInTurn } from './drawing.ts';
import type { Lab } from './lab.ts';
import { Predictions } from './predictions.tsx';
import { summaryOf } from './summary.ts';

export function Instrument({ lab, name }: { readonly lab: Lab; readonly name: InstrumentName }): JSX.Element {
  const isShown = lab.look.value.includes(name);
  const captions = captionsOf(name);
  return (
    <details
      class="instrument"
      open={isShown}
      data-instrument={name}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== lab.look.value.includes(name)) lab.toggle(name, currentTarget.open);
      }}
    >
      <summary>{captions[0]?.title}</summary>
      {isShown ? (
        <>
          {name === 'predictions' ? (
            <Predictions lab={lab} />
          ) : (
            captions.map(({ id, title, caption }, i) => (
              <figure key={id}>
                {i === 0 ? null : <h2>{title}</h2>}
                <Drawing lab={lab} name={name} index={i} />
                <figcaption>{caption}</figcaption>
              </figure>
            ))
          )}
          <Definitions lab={lab} name={name} />
        </>
      ) : null}
    </details>
  );
}

/** What is drawn outside of the components: as SVG it is text. */
function Drawing({
  lab,
  name,
  index,
}: {
  readonly lab: Lab;
  readonly name: InstrumentName;
  readonly index: number;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const words = useRef<HTMLParagraphElement>(null);
  useEffect(
    () =>
      drawnInTurn({
        version: () =>
          lab.lives.value.reduce((sum, { history }) => sum + history.version, 0) + lab.lives.value.length / 16,
        until: () => lab.cursor.value,
        draw: () => {
          const shown = lab.lives.value.map(({ name: { value: arm }, history, settings }) => ({
            arm,
            history,
            momentum: settings.value.momentum,
          }));
          const figure = figuresOf(name, shown, lab.cursor.value ?? Infinity)[index];
          if (place.current === null || words.current === null || figure === undefined) return;
          const isEmpty = figure.marks.length === 0;
          place.current.innerHTML = isEmpty ? '' : drawPlotFigure(figure, 'panel');
          words.current.textContent = isEmpty ? 'Measured while arms train: train on, or restart.' : summaryOf(figure);
          words.current.classList.toggle('words', !isEmpty);
        },
      }),
    [lab, name, index],
  );
  return (
    <>
      <div class="drawing" ref={place} />
      <p class="small" ref={words} />
    </>
  );
}

/** Definitions as the records of reports state them. */
function Definitions({ lab, name }: { readonly lab: Lab; readonly name: InstrumentName }): JSX.Element | null {
  // Known once something was measured; asked for when it is opened.
  const texts = quantitiesOf(name).flatMap((quantity) => {
    const text = lab.lives.value[0]?.definitions.get(quantity);
    return text === undefined ? [] : [{ quantity, text }];
  });
  if (texts.length === 0) {
    // Asked again with each step, until something is known.
    void lab.furthest.value;
    return null;
  }
  return (
    <details class="definitions">
      <summary>Definition</summary>
      <dl>
        {texts.map(({ quantity, text }) => (
          <div key={quantity}>
            <dt>{quantity}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
