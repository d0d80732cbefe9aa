/** @file Draws what has changed, one figure per frame in turn, so that no frame takes long, and arms have the processor most of the time. */

interface Drawn {
  /** Grows with what there is to draw. */
  readonly version: () => number;
  /** The step that is looked at. */
  readonly until: () => number | undefined;
  readonly draw: () => void;
}

const all: { readonly drawn: Drawn; version: number; until: number | undefined }[] = [];
let next = 0;
let isWaiting = false;
/** When the next figure may be drawn, in milliseconds. */
let pause = 0;

/** Times as long as a figure took to draw, none is: style, layout and paint take some of it. */
const REST = 4;

/** Draws it now and whenever it has changed, until what is returned is called. */
export function drawnInTurn(drawn: Drawn): () => void {
  const entry = { drawn, version: Number.NaN, until: undefined as number | undefined };
  all.push(entry);
  if (!isWaiting) {
    isWaiting = true;
    requestAnimationFrame(turn);
  }
  return () => {
    all.splice(all.indexOf(entry), 1);
  };
}

function turn(now: number): void {
  isWaiting = all.length > 0;
  if (!isWaiting) return;
  requestAnimationFrame(turn);
  if (now < pause) return;
  for (let tried = 0; tried < all.length; tried++) {
    next = (next + 1) % all.length;
    const entry = all[next];
    if (entry === undefined) continue;
    const [version, until] = [entry.drawn.version(), entry.drawn.until()];
    if (version === entry.version && until === entry.until) continue;
    entry.version = version;
    entry.until = until;
    const began = performance.now();
    entry.drawn.draw();
    pause = now + REST * (performance.now() - began);
    return;
  }
}
