/** @file How to read a report: the words and the drawings, folded away. */
import { type Markup, html } from '../markup.ts';
import { type Outcome, badge } from './badge.ts';

const outcomes: readonly (readonly [Outcome, string])[] = [
  [
    'reproduced',
    'In every part each case keeps its tolerance, or the whole interval lies above the margin, under every pairing.',
  ],
  [
    'not-reproduced',
    'In some part a case breaks its tolerance, or the whole interval lies below the margin. A claim that fails is as good a result as one that holds.',
  ],
  [
    'inconclusive',
    'The interval contains the margin, or pairings disagree. Where they are readings of one published quantity, the claim hangs on the definition.',
  ],
  ['precondition-failed', 'An arm that should have trained did not, so there was nothing fair to compare.'],
  ['not-run', 'No verdict: the reason stands in its place.'],
];

const words: readonly (readonly [string, string])[] = [
  ['claim', 'A falsifiable sentence of the literature. A study is its executable test.'],
  ['arm', 'One side of a comparison, such as the standard network or the one with batch norm.'],
  ['seed', 'The unit of replication: it fixes initial weights and batches, and both arms share it.'],
  ['cell', 'One arm, seed and setting: the unit of work.'],
  ['probe', 'What measures. A probe leaves weights, statistics and trajectory as they were.'],
  ['effect', 'The number that decides, one per seed, oriented so that a positive effect favours the claim.'],
  [
    'case',
    'One random input of an identity or a bound, which holds for all of them or fails. Its error is relative, or how far the bound is exceeded: below zero where it is kept with room.',
  ],
  ['margin', 'How large the effect must be to count. Fixed, like the protocol, before the first run.'],
  ['interval', 'The mean effect and its 95 % interval by Student’s t over the seeds.'],
  [
    'pairing',
    'One comparison of the two arms, of several that must come to the same word: over seeds alone, at each learning rate, or by each reading of what the paper shows.',
  ],
  ['budget', 'How much of the published protocol was run: quick, standard or paper.'],
];

const drawings: readonly (readonly [string, string])[] = [
  [
    'bands',
    'For each seed the range of the quantity over the step sizes tried. Three seeds are three bands on top of each other.',
  ],
  [
    'curves',
    'Thin lines are seeds, the thick line their median; where there are more points than pixels, the median of neighbouring points too. Dots mark the points of a line that has few.',
  ],
  ['histograms', 'How many values fall into each bin; on a logarithmic axis an empty bin lies on the base.'],
  [
    'ridgelines',
    'One outline per step, the earliest at the foot: how often values fall into bins. Each is as high as the others; their widths compare.',
  ],
  [
    'effects',
    'Circles are seeds, the line is their mean, the bar its interval. The claim holds where the whole bar lies in the shaded zone, beyond the dashed margin.',
  ],
  ['references', 'Dashed grey: read from the paper. Thin solid: a formula.'],
  ['triangles', 'Values beyond the axis, infinities among them. A gap is a value that does not exist.'],
];

/** A closed fold. */
export function glossary(): Markup {
  return html`
    <details class="glossary" id="how-to-read">
      <summary>How to read this report</summary>
      <div>
        <section><h3>Verdicts</h3>${meanings(outcomes.map(([outcome, meaning]) => [badge(outcome), meaning]))}</section>
        <section><h3>Words</h3>${meanings(words)}</section>
        <section><h3>Figures</h3>${meanings(drawings)}</section>
      </div>
    </details>`;
}

function meanings(pairs: readonly (readonly [string | Markup, string])[]): Markup {
  return html`<dl>${pairs.map(([word, meaning]) => html`<div><dt>${word}</dt><dd>${meaning}</dd></div>`)}</dl>`;
}
