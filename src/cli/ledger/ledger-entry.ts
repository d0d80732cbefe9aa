/** @file An entry of the ledger, as `ledger.json` holds it. */

import * as z from 'zod';

interface LedgerPart {
  readonly name: string;
  readonly claim: string;
  readonly effect: string;
  readonly margin: number;
  readonly verdict: string;
  readonly pairings: readonly {
    readonly name: string;
    readonly interval?: { readonly mean: number; readonly lower: number; readonly upper: number } | undefined;
    readonly effects: readonly { readonly seed: number; readonly value: number }[];
  }[];
  readonly cases?: { readonly count: number; readonly failures: number } | undefined;
  readonly remarks: readonly string[];
}

/** A table of the report, its numbers as they stand there. */
export interface LedgerTable {
  readonly title: string;
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface LedgerEntry {
  readonly study: string;
  readonly title: string;
  readonly budget: string;
  /** SHA-256 over protocol and rule. */
  readonly protocolHash: string;
  /** The same with the study's own seeds in the protocol, where it was asked on others (and the entry is not older than this field). */
  readonly question?: string | undefined;
  /** When the run ended. */
  readonly created: string;
  readonly verdict: string;
  readonly sentence: string;
  readonly parts: readonly LedgerPart[];
  readonly notes: readonly string[];
  /** Entries older than this field have none. */
  readonly tables?: readonly LedgerTable[] | undefined;
  readonly command: string;
  /** Machine, versions, lowering and data, as the report has them. */
  readonly manifest: readonly (readonly [string, string])[];
  /** Files below `figures`. */
  readonly figures: readonly string[];
}

const part: z.ZodType<LedgerPart> = z.object({
  name: z.string(),
  claim: z.string(),
  effect: z.string(),
  margin: z.number(),
  verdict: z.string(),
  pairings: z.array(
    z.object({
      name: z.string(),
      interval: z.object({ mean: z.number(), lower: z.number(), upper: z.number() }).optional(),
      effects: z.array(z.object({ seed: z.number(), value: z.number() })),
    }),
  ),
  cases: z.object({ count: z.number(), failures: z.number() }).optional(),
  remarks: z.array(z.string()),
});

const table: z.ZodType<LedgerTable> = z.object({
  title: z.string(),
  caption: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
});

export const entry: z.ZodType<LedgerEntry> = z.object({
  study: z.string(),
  title: z.string(),
  budget: z.string(),
  protocolHash: z.string(),
  question: z.string().optional(),
  created: z.string(),
  verdict: z.string(),
  sentence: z.string(),
  parts: z.array(part),
  notes: z.array(z.string()),
  tables: z.array(table).optional(),
  command: z.string(),
  manifest: z.array(z.tuple([z.string(), z.string()])),
  figures: z.array(z.string()),
});

export const ledgerFile: z.ZodType<{ readonly entries: readonly LedgerEntry[] }> = z.object({
  entries: z.array(entry),
});
