/** @file What a student's tours came to, until it is saved: in memory, and for the next time that the page is loaded in this tab. */

import { signal, type Signal } from '@preact/signals';
import type { Submission, SubmittedTour } from '../submission.ts';

export class Notes {
  readonly student: string;
  /** In the order in which they were run. */
  readonly tours: Signal<readonly SubmittedTour[]>;

  constructor(student: string) {
    this.student = student;
    this.tours = signal(remembered(keyOf(student)));
  }

  has(tour: string): boolean {
    return this.tours.value.some((one) => one.tour === tour);
  }

  /** Notes a tour once: what comes out again is the same, and what was predicted afterwards no prediction. */
  add(tour: SubmittedTour): void {
    if (this.tours.peek().some((one) => one.tour === tour.tour)) return;
    this.tours.value = [...this.tours.peek(), tour];
    remember(keyOf(this.student), this.tours.value);
  }

  /** Hands the submission to the browser as a file to keep. */
  save(): void {
    const { student } = this;
    const submission: Submission = { normscope: NORMSCOPE_VERSION, student, tours: this.tours.value };
    const file = new Blob([`${JSON.stringify(submission, null, 2)}\n`], { type: 'application/json' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = `normscope-${student}.json`;
    link.click();
    // Some browsers read the file after the click.
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

/** Notes of another version may have other numbers. */
function keyOf(student: string): string {
  return `normscope ${NORMSCOPE_VERSION} ${student}`;
}

/** Nothing where a browser forbids it (private windows, pages in frames) or another page of this site has written there. */
function remembered(key: string): readonly SubmittedTour[] {
  try {
    const read: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(read) ? read.filter(isNote) : [];
  } catch {
    return [];
  }
}

function isNote(value: unknown): value is SubmittedTour {
  return typeof value === 'object' && value !== null && 'tour' in value && 'measured' in value;
}

function remember(key: string, tours: readonly SubmittedTour[]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(tours));
  } catch {
    // They are in memory; who closes the page before they save runs the tours again.
  }
}
