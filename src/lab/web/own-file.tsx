/** @file Where a reader drops a network of their own, or chooses it. */

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Lab } from './lab.ts';

export function OwnFile({ lab }: { readonly lab: Lab }): JSX.Element {
  const isOver = useSignal(false);
  const take = async (file: File | undefined): Promise<void> => {
    isOver.value = false;
    if (file === undefined) return;
    lab.addOwn({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  };
  return (
    <label
      class={`own ${isOver.value ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        void take(event.dataTransfer?.files[0]);
      }}
    >
      Or a network of your own: drop an ONNX file here, or choose it. It is read in this page.
      <input
        type="file"
        accept=".onnx"
        onChange={({ currentTarget }) => {
          void take(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
    </label>
  );
}
