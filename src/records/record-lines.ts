/**
 * @file Records as lines of JSON. A definition is a long sentence that thousands of records share, so a file states
 * each once, on a line of its own before its first use, and records refer to it by number:
 *
 *     {"define":0,"definition":"mean cross-entropy of the training batch, in nats"}
 *     {"step":3,"quantity":"loss","value":1.25,"mode":"train","definition":0}
 *
 * Neighbours that differ in `at` and value alone share a line. Where they were measured is stated once as well, with null for a
 * place of that list at which there is none:
 *
 *     {"list":0,"at":[15,50,85]}
 *     {"step":3,"quantity":"activation-percentile","layer":"dense1","list":0,"values":[-1,null,1.5],"mode":"train","definition":1}
 *
 * NaN and the infinities, which JSON lacks, are the strings "NaN", "Infinity" and "-Infinity".
 */
import * as z from 'zod';
import { DataError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { recordKey, type StepRecord, withProbe } from './record.ts';
import { PlaceLists, runsOf } from './record-runs.ts';

const storedNumber = z.union([
  z.number(),
  z.literal(['NaN', 'Infinity', '-Infinity']).transform((word) => Number(word)),
]);

const shared = {
  step: z.int().nonnegative(),
  quantity: z.string().min(1),
  layer: z.string().exactOptional(),
  place: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
  probe: z.int().nonnegative().exactOptional(),
  mode: z.literal(['train', 'eval', 'frozen']),
  definition: z.int().nonnegative(),
};

const recordLine = z.strictObject({ ...shared, at: storedNumber.exactOptional(), value: storedNumber });
const runLine = z.strictObject({ ...shared, list: z.int().nonnegative(), values: z.array(storedNumber.nullable()) });
const defineLine = z.strictObject({ define: z.int().nonnegative(), definition: z.string().min(1) });
const listLine = z.strictObject({ list: z.int().nonnegative(), at: z.array(storedNumber) });

const line = z.union([recordLine, runLine, defineLine, listLine]);

/** A number as JSON text that reads back as the same number, -0 included. */
export function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** Turns records into lines; knows what the file already states, and which records it holds. */
export class RecordEncoder {
  readonly #definitions: Map<string, number>;
  readonly #lists: PlaceLists;
  readonly #keys: Set<string>;

  /** @param held - what the file already says */
  constructor({ definitions, lists, records }: DecodedRecords = { definitions: [], lists: [], records: [] }) {
    this.#definitions = new Map(definitions.map((definition, number) => [definition, number]));
    this.#lists = new PlaceLists(lists);
    this.#keys = new Set(records.map(recordKey));
  }

  /**
   * The lines of records, with the line of a definition or a list before its first use. Each ends with a newline.
   * @throws {DataError} where a step is no step, or quantity or definition is empty: it could not be read back; and
   * where nothing tells one from a record before it: none could say which of the two numbers is meant.
   */
  encode(records: readonly StepRecord[]): string {
    for (const record of records) this.#check(record);
    return runsOf(records)
      .map((run) => this.#encodeRun(run))
      .join('');
  }

  #check(record: StepRecord): void {
    if (!Number.isSafeInteger(record.step) || record.step < 0 || record.quantity === '' || record.definition === '') {
      throw new DataError(
        `Cannot record '${record.quantity}' at step ${record.step}: ` +
          'a record needs an integer step >= 0, a quantity and a definition',
      );
    }
    const key = recordKey(record);
    if (this.#keys.has(key)) {
      throw new DataError(
        `Cannot record '${record.quantity}' at step ${record.step} a second time (${key}): ` +
          'a record needs a layer, an `at` or a place that tells it from every other',
      );
    }
    this.#keys.add(key);
  }

  #encodeRun(run: readonly [StepRecord, ...StepRecord[]]): string {
    const [record] = run;
    let define = '';
    let number = this.#definitions.get(record.definition);
    if (number === undefined) {
      number = this.#definitions.size;
      this.#definitions.set(record.definition, number);
      define = `{"define":${number},"definition":${JSON.stringify(record.definition)}}\n`;
    }
    // Written field by field: the order is part of the bytes, and JSON.stringify turns NaN into null and -0 into 0.
    const layer = record.layer === undefined ? '' : `,"layer":${JSON.stringify(record.layer)}`;
    const place = record.place === undefined ? '' : `,"place":${canonicalJson(record.place)}`;
    const probe = record.probe === undefined ? '' : `,"probe":${record.probe}`;
    const begin = `{"step":${record.step},"quantity":${JSON.stringify(record.quantity)}${layer}`;
    const end = `,"mode":"${record.mode}","definition":${number}}\n`;
    if (run.length === 1) {
      const at = record.at === undefined ? '' : `,"at":${encodeNumber(record.at)}`;
      return `${define}${begin}${at}${place}${probe},"value":${encodeNumber(record.value)}${end}`;
    }
    const places = this.#lists.fit(run.map(({ at }) => at ?? Number.NaN));
    const list = places.isNew ? `{"list":${places.number},"at":[${places.list.map(encodeNumber).join(',')}]}\n` : '';
    const values = places.at.map((i) => (i === undefined ? 'null' : encodeNumber(run[i]?.value ?? Number.NaN)));
    return `${define}${list}${begin}${place}${probe},"list":${places.number},"values":[${values.join(',')}]${end}`;
  }
}

/** What a text of record lines says. */
export interface DecodedRecords {
  readonly records: StepRecord[];
  /** The definitions in order of their numbers. */
  readonly definitions: string[];
  /** Where runs of records were measured, in order of their numbers. */
  readonly lists: (readonly number[])[];
}

/**
 * Reads record lines. What follows the last newline is the torn end of an interrupted write and is not read.
 * @param file - the name for error messages.
 * @throws {DataError} naming file and line where a whole line is not a record.
 */
export function decodeRecords(text: string, file: string): DecodedRecords {
  const read: DecodedRecords = { records: [], definitions: [], lists: [] };
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const [row, value] of parsedLines(whole, file).entries()) {
    const place = `${file}:${row + 1}`;
    // By far the most lines are records like those before them, and a schema for each would take most of the time.
    if (isPlainRecord(value)) {
      read.records.push({ ...value, definition: stated('define', read.definitions, value.definition, place) });
    } else {
      readValue(value, place, read);
    }
  }
  return { ...read, records: compact(read.records) };
}

/** The same records in a third of the memory, with one string each for the words that thousands of lines say. */
function compact(records: readonly StepRecord[]): StepRecord[] {
  const words = new Map<string, string>();
  const known = <Word extends string>(word: Word): Word => {
    if (!words.has(word)) words.set(word, word);
    return words.get(word) as Word;
  };
  return records.map((record) => withProbe(record, record.probe, known));
}

/** The values of all lines. Read at once, which is fast; line by line where that fails, to say which line is wrong. */
function parsedLines(text: string, file: string): readonly unknown[] {
  const lines = text.split('\n').slice(0, -1);
  try {
    const values = JSON.parse(`[${lines.join(',')}]`) as unknown[];
    // A damaged line may hold two values, or a part of one.
    if (values.length === lines.length) return values;
  } catch {
    // Said below, with the line that is wrong.
  }
  return lines.map((one, row) => parseJson(one, `${file}:${row + 1}`));
}

type PlainRecord = Omit<StepRecord, 'definition'> & { readonly definition: number };

const plainFields: ReadonlySet<string> = new Set([
  'step',
  'quantity',
  'layer',
  'at',
  'value',
  'mode',
  'probe',
  'definition',
]);

/** Whether a value is a record as the schema has it, all of whose numbers are finite and which has no place. */
function isPlainRecord(value: unknown): value is PlainRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { step, quantity, layer, at, value: number, mode, probe, definition } = value as Partial<PlainRecord>;
  return (
    typeof number === 'number' &&
    Number.isSafeInteger(step) &&
    (step as number) >= 0 &&
    typeof quantity === 'string' &&
    quantity !== '' &&
    (layer === undefined || typeof layer === 'string') &&
    (at === undefined || typeof at === 'number') &&
    (probe === undefined || (Number.isSafeInteger(probe) && probe >= 0)) &&
    (mode === 'train' || mode === 'eval' || mode === 'frozen') &&
    Number.isSafeInteger(definition) &&
    Object.keys(value).every((key) => plainFields.has(key))
  );
}

function readValue(value: unknown, place: string, { records, definitions, lists }: DecodedRecords): void {
  const parsed = line.safeParse(value);
  if (!parsed.success) throw notRecord(place, explain(value, parsed.error));
  const { data } = parsed;
  if ('define' in data) {
    requireNext('define', data.define, definitions.length, place);
    definitions.push(data.definition);
  } else if ('values' in data) {
    const { list, values, definition: number, step, quantity, mode, ...rest } = data;
    const ats = stated('list', lists, list, place);
    if (ats.length !== values.length)
      throw notRecord(place, `list ${list} has ${ats.length} places, not ${values.length}`);
    const definition = stated('define', definitions, number, place);
    for (const [i, at] of ats.entries()) {
      const value = values[i] ?? null;
      if (value !== null) records.push({ step, quantity, value, at, definition, mode, ...rest });
    }
  } else if ('list' in data) {
    requireNext('list', data.list, lists.length, place);
    lists.push(data.at);
  } else {
    records.push({ ...data, definition: stated('define', definitions, data.definition, place) });
  }
}

const verbs = { define: 'defines', list: 'lists' } as const;

function requireNext(what: keyof typeof verbs, number: number, next: number, place: string): void {
  if (number !== next) throw notRecord(place, `it ${verbs[what]} number ${number} where ${next} is next`);
}

function stated<T>(what: keyof typeof verbs, all: readonly T[], number: number, place: string): T {
  const found = all[number];
  if (found === undefined) throw notRecord(place, `no line before it ${verbs[what]} number ${number}`);
  return found;
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notRecord(place, error instanceof Error ? error.message : String(error));
  }
}

/** The complaint of the schema that the line was meant for, rather than of all. */
function explain(value: unknown, error: z.ZodError): string {
  const has = (key: string): boolean => typeof value === 'object' && value !== null && key in value;
  const schema = has('define') ? defineLine : has('values') ? runLine : has('list') ? listLine : recordLine;
  return z.prettifyError(schema.safeParse(value).error ?? error).replaceAll('\n', '; ');
}

function notRecord(place: string, why: string): DataError {
  return new DataError(`Cannot read ${place} as a record: ${why}; the file was changed or damaged, run its cell again`);
}
