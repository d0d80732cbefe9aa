/** @file A submission from a file: held to an explicit schema and to the tours that there are, or refused. */

import * as z from 'zod';
import { DataError, unknownName } from '../errors.ts';
import { MOST_STEPS } from './address.ts';
import { isStudent, MOST_TOURS } from './course.ts';
import type { Submission, SubmittedTour } from './submission.ts';
import { tours } from './tours/index.ts';

/** Bytes of a file; a whole one has some thousands. */
export const MOST_BYTES = 1_000_000;

const MOST_NUMBERS = 50;

const schema = z.strictObject({
  normscope: z.string().regex(/^[\w.+-]{1,40}$/, 'it must be a version'),
  student: z.string().refine(isStudent, "it must be 1 to 32 of the letters A to Z, digits and '-'"),
  tours: z
    .array(
      z.strictObject({
        tour: z.string().regex(/^[a-z0-9-]{1,40}$/, 'it must be the name of a tour'),
        seed: z.int().min(0).max(9999),
        predicted: z.int().min(0).max(9).nullable(),
        measured: z
          .array(
            z.strictObject({
              quantity: z.string().regex(/^[a-z-]{1,40}$/, 'it must be the name of a quantity'),
              arm: z.string().min(1).max(40),
              step: z.int().min(0).max(MOST_STEPS),
              value: z.number().nullable(),
            }),
          )
          .max(MOST_NUMBERS),
      }),
    )
    .max(MOST_TOURS),
});

/**
 * The submission that a text is. What it says may still be wrong; it is of the right form and about tours that there are.
 * @throws {DataError} for everything else
 */
export function readSubmission(text: string): Submission {
  if (text.length > MOST_BYTES) throw refused(`it must have at most ${MOST_BYTES} bytes`);
  const read = schema.safeParse(parsed(text));
  if (!read.success) throw refused(issueText(read.error.issues[0]));
  const { data } = read;
  const names = data.tours.map(({ tour }) => tour);
  if (new Set(names).size < names.length) throw refused(`it must have each tour once, got ${names.join(', ')}`);
  return { ...data, tours: data.tours.map(known) };
}

type Unknown = z.infer<typeof schema>['tours'][number];

/** A tour's numbers where it asks for each of them. @throws {DataError} where it does not. */
function known({ tour: name, seed, predicted, measured }: Unknown): SubmittedTour {
  const tour = tours.find((one) => one.name === name);
  if (tour === undefined) {
    const { message } = unknownName(
      'tour',
      name,
      tours.map((one) => one.name),
    );
    throw refused(`it must be about tours that there are: ${message}`);
  }
  const { answers } = tour.predict;
  if (predicted !== null && predicted >= answers.length) {
    throw refused(`what is predicted in ${name} must be below ${answers.length}, got ${predicted}`);
  }
  const seen = new Set<object>();
  const numbers = measured.map(({ quantity, arm, step, value }) => {
    const asked = tour.expectation.find((one) => one.quantity === quantity && one.arm === arm && one.step === step);
    if (asked === undefined || seen.has(asked)) {
      const problem = asked === undefined ? 'must be one that the tour asks for' : 'must be there once';
      throw refused(`each number of ${name} ${problem}, got ${quantity} of ${JSON.stringify(arm)} at step ${step}`);
    }
    seen.add(asked);
    return { quantity: asked.quantity, arm, step, value };
  });
  return { tour: name, seed, predicted, measured: numbers };
}

/** JSON, or what the schema says best: an error of the parser's would quote the file. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('it must be JSON');
  }
}

/** Where the first thing is that is wrong, and what it must be. What stands there is not repeated. */
function issueText(issue: z.core.$ZodIssue | undefined): string {
  const place = (issue?.path ?? []).map(String).join('.');
  const message = issue?.code === 'unrecognized_keys' ? 'it has keys that no submission has' : (issue?.message ?? '');
  return `${place === '' ? 'at its top' : `at ${place}`}: ${message}`;
}

function refused(reason: string): DataError {
  return new DataError(`Cannot take it as a submission: ${reason}; save it from the lab again`);
}
