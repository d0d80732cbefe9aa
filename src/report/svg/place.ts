/** @file Where labels go so that they hide neither the data nor each other. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A vertical stroke of data, in px: what a label should not cover. */
export interface Ink {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Spreads labels along a line so that none overlap: each keeps its wish where it can, and clusters share the shift.
 * @param wishes - wished centre and height of each label, px
 * @returns the centres in the order of the wishes, inside [from, to] as far as they fit
 */
export function spread(
  wishes: readonly { readonly centre: number; readonly height: number }[],
  from: number,
  to: number,
): readonly number[] {
  const order = wishes.map((_, i) => i).sort((a, b) => (wishes[a]?.centre ?? 0) - (wishes[b]?.centre ?? 0) || a - b);
  // Clusters of touching labels, merged until none overlap; each sits where its members' wishes balance.
  const clusters: { members: number[]; height: number; top: number }[] = [];
  const settle = (members: readonly number[]): { members: number[]; height: number; top: number } => {
    let height = 0;
    let wished = 0;
    for (const i of members) {
      const wish = wishes[i] ?? { centre: 0, height: 0 };
      wished += wish.centre - (height + wish.height / 2);
      height += wish.height;
    }
    const top = Math.max(from, Math.min(wished / members.length, to - height));
    return { members: [...members], height, top };
  };
  for (const i of order) {
    let cluster = settle([i]);
    for (
      let last = clusters.at(-1);
      last !== undefined && last.top + last.height > cluster.top;
      last = clusters.at(-1)
    ) {
      clusters.pop();
      cluster = settle([...last.members, ...cluster.members]);
    }
    clusters.push(cluster);
  }
  const centres = new Array<number>(wishes.length).fill(0);
  for (const cluster of clusters) {
    let top = cluster.top;
    for (const i of cluster.members) {
      const height = wishes[i]?.height ?? 0;
      centres[i] = top + height / 2;
      top += height;
    }
  }
  return centres;
}

/**
 * The best place for the label of a horizontal line at `y`: near the line, inside the frame, over as little ink and
 * as far from other labels as there is room. Of equal places the first wins, from the right and above.
 */
export function besideLine(
  size: { readonly width: number; readonly height: number },
  y: number,
  frame: Box,
  ink: readonly Ink[],
  taken: readonly Box[],
): Box {
  const room = Math.max(0, frame.width - size.width);
  const wishes: Wish[] = [];
  for (let lift = 0; lift <= 5; lift++) {
    for (const above of [true, false]) {
      const gap = 3 + lift * 12;
      const top = above ? y - gap - size.height : y + gap;
      if (top < frame.top || top + size.height > frame.top + frame.height) continue;
      for (const share of [1, 0.75, 0.5, 0.25, 0]) {
        wishes.push({ box: { left: frame.left + share * room, top, ...size }, reluctance: lift * 2.5 });
      }
    }
  }
  return cheapest(wishes, ink, taken) ?? { left: frame.left, top: y, ...size };
}

/** As `besideLine` for a vertical line at `x`: right of it or left, from the top down. */
export function besideUpright(
  size: { readonly width: number; readonly height: number },
  x: number,
  frame: Box,
  ink: readonly Ink[],
  taken: readonly Box[],
): Box {
  const room = Math.max(0, frame.height - size.height);
  const wishes: Wish[] = [];
  for (const share of [0, 0.2, 0.4, 0.6, 0.8]) {
    for (const left of [x + 5, x - 5 - size.width]) {
      if (left < frame.left || left + size.width > frame.left + frame.width) continue;
      wishes.push({ box: { left, top: frame.top + share * room, ...size }, reluctance: share });
    }
  }
  const inside = Math.max(frame.left, Math.min(x + 5, frame.left + frame.width - size.width));
  return cheapest(wishes, ink, taken) ?? { left: inside, top: frame.top, ...size };
}

interface Wish {
  readonly box: Box;
  /** How far from where it would best be, in strokes of covered ink. */
  readonly reluctance: number;
}

/** The wish that covers least ink and no other label; of equal ones the first. */
function cheapest(wishes: readonly Wish[], ink: readonly Ink[], taken: readonly Box[]): Box | undefined {
  let best: Box | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const { box, reluctance } of wishes) {
    const covered = ink.filter((stroke) => covers(box, stroke)).length;
    const cost = covered + reluctance + 1000 * taken.filter((other) => overlaps(box, other)).length;
    if (cost < least) {
      least = cost;
      best = box;
    }
  }
  return best;
}

function covers(box: Box, stroke: Ink): boolean {
  return (
    stroke.x >= box.left &&
    stroke.x <= box.left + box.width &&
    stroke.bottom >= box.top &&
    stroke.top <= box.top + box.height
  );
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}
