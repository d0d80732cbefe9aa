/**
 * @file Records as lines of JSON. A definition is a long sentence that thousands of records share, so a file states
 * each once, on a line of its own before its first use, and records refer to it by number:
 *
 *     {"define":0,"definition":"mean cross-entropy of the training batch, in nats"}
 *     {"step":3,"quantity":"loss","value":1.25,"mode":"train","definition":0}
 *
 * NaN and the infinities, which JSON lacks, are the strings "NaN", "Infinity" and "-Infinity".
 */
import { z } from 'zod';
import { DataError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { recordKey, type StepRecord } from './record.ts';

const storedNumber = z.union([
  z.number(),
  z.literal(['NaN', 'Infinity', '-Infinity']).transform((word) => Number(word)),
]);

const recordLine = z.strictObject({
  step: z.int().nonnegative(),
  quantity: z.string().min(1),
  layer: z.string().exactOptional(),
  at: storedNumber.exactOptional(),
  place: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
  probe: z.int().nonnegative().exactOptional(),
  value: storedNumber,
  mode: z.literal(['train', 'eval', 'frozen']),
  definition: z.int().nonnegative(),
});

const defineLine = z.strictObject({ define: z.int().nonnegative(), definition: z.string().min(1) });

const line = z.union([recordLine, defineLine]);

/** A number as JSON text that reads back as the same number, -0 included. */
export function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** Turns records into lines; knows which definitions the file already states, and which records it holds. */
export class RecordEncoder {
  readonly #numbers = new Map<string, number>();
  readonly #keys: Set<string>;

  /** @param held - what the file already says */
  constructor({ definitions, records }: DecodedRecords = { definitions: [], records: [] }) {
    for (const definition of definitions) this.#numbers.set(definition, this.#numbers.size);
    this.#keys = new Set(records.map(recordKey));
  }

  /**
   * The line of one record, with the line of its definition before it where it is new. Each ends with a newline.
   * @throws {DataError} where the step is no step, or quantity or definition is empty: it could not be read back; and
   * where nothing tells it from a record before it: none could say which of the two numbers is meant.
   */
  encode(record: StepRecord): string {
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
    let define = '';
    let number = this.#numbers.get(record.definition);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(record.definition, number);
      define = `{"define":${number},"definition":${JSON.stringify(record.definition)}}\n`;
    }
    // Written field by field: the order is part of the bytes, and JSON.stringify turns NaN into null and -0 into 0.
    const layer = record.layer === undefined ? '' : `,"layer":${JSON.stringify(record.layer)}`;
    const at = record.at === undefined ? '' : `,"at":${encodeNumber(record.at)}`;
    const place = record.place === undefined ? '' : `,"place":${canonicalJson(record.place)}`;
    const probe = record.probe === undefined ? '' : `,"probe":${record.probe}`;
    return (
      `${define}{"step":${record.step},"quantity":${JSON.stringify(record.quantity)}${layer}${at}${place}${probe}` +
      `,"value":${encodeNumber(record.value)},"mode":"${record.mode}","definition":${number}}\n`
    );
  }
}

/** What a text of record lines says. */
export interface DecodedRecords {
  readonly records: StepRecord[];
  /** The definitions in order of their numbers. */
  readonly definitions: string[];
}

/**
 * Reads record lines. What follows the last newline is the torn end of an interrupted write and is not read.
 * @param file - the name for error messages.
 * @throws {DataError} naming file and line where a whole line is not a record.
 */
export function decodeRecords(text: string, file: string): DecodedRecords {
  const records: StepRecord[] = [];
  const definitions: string[] = [];
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const [row, value] of parsedLines(whole, file).entries()) {
    const place = `${file}:${row + 1}`;
    // By far the most lines are records like those before them, and a schema for each would take most of the time.
    if (isPlainRecord(value)) records.push({ ...value, definition: stated(definitions, value.definition, place) });
    else readValue(value, place, records, definitions);
  }
  return { records, definitions };
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

function readValue(value: unknown, place: string, records: StepRecord[], definitions: string[]): void {
  const read = line.safeParse(value);
  if (!read.success) throw notRecord(place, explain(value, read.error));
  if ('define' in read.data) {
    if (read.data.define !== definitions.length) {
      throw notRecord(place, `it defines number ${read.data.define} where ${definitions.length} is next`);
    }
    definitions.push(read.data.definition);
    return;
  }
  records.push({ ...read.data, definition: stated(definitions, read.data.definition, place) });
}

function stated(definitions: readonly string[], number: number, place: string): string {
  const definition = definitions[number];
  if (definition === undefined) throw notRecord(place, `no line before it defines number ${number}`);
  return definition;
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notRecord(place, error instanceof Error ? error.message : String(error));
  }
}

/** The complaint of the schema that the line was meant for, rather than of both. */
function explain(value: unknown, error: z.ZodError): string {
  const isDefinition = typeof value === 'object' && value !== null && 'define' in value;
  const schema = isDefinition ? defineLine : recordLine;
  return z.prettifyError(schema.safeParse(value).error ?? error).replaceAll('\n', '; ');
}

function notRecord(place: string, why: string): DataError {
  return new DataError(`Cannot read ${place} as a record: ${why}; the file was changed or damaged, run its cell again`);
}
