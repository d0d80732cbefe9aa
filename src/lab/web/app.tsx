/** @file The page as a whole. */

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { instrumentNames } from '../instrument-names.ts';
import { ArmCard } from './arm-card.tsx';
import { Instrument } from './instrument.tsx';
import type { Lab } from './lab.ts';
import { OwnFile } from './own-file.tsx';
import { Message } from './message.tsx';
import { Tours } from './tours.tsx';
import { Transport } from './transport.tsx';

export function App({ lab, notice }: { readonly lab: Lab; readonly notice: string | undefined }): JSX.Element {
  const isLinkCopied = useSignal(false);
  const hidden = lab.hidden.value;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(location.href);
    isLinkCopied.value = true;
    setTimeout(() => (isLinkCopied.value = false), 1500);
  };
  return (
    <>
      <header>
        <div>
          <h1>normscope lab</h1>
          <p class="lead">
            What does normalisation do to training? These networks learn in this page, on real images. Nothing leaves
            it.
          </p>
        </div>
        <button type="button" onClick={() => void copy()}>
          {isLinkCopied.value ? 'Copied' : 'Copy link'}
        </button>
      </header>
      {notice === undefined ? null : <Message title="Another scene" text={notice} />}
      <main>
        <Tours lab={lab} />
        <Transport lab={lab} />
        <div class="workspace">
          <section class="arms" aria-label="Arms">
            {lab.lives.value.map((life) => (
              <ArmCard key={life} lab={lab} life={life} />
            ))}
            {hidden.includes('settings') || lab.isFull ? null : (
              <>
                <button type="button" class="add" onClick={() => lab.add()}>
                  Add an arm
                </button>
                <OwnFile lab={lab} />
              </>
            )}
          </section>
          <section class="instruments" aria-label="Instruments">
            {instrumentNames.map((name) => (
              <Instrument key={name} lab={lab} name={name} />
            ))}
          </section>
        </div>
      </main>
      <footer>
        <p>
          The same engine, probes and definitions as in normscope’s reports. One seed on a small part of a data set is a
          demonstration; verdicts on claims come from <code>normscope reproduce</code>.
        </p>
      </footer>
    </>
  );
}
