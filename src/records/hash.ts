/** @file The hashes that name cells and runs, computed without help of the platform. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from './canonical-json.ts';

/** SHA-256 of bytes, or of a text's UTF-8 bytes. @returns 64 lower-case hexadecimal digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return bytesToHex(sha256(typeof data === 'string' ? utf8ToBytes(data) : data));
}

/**
 * SHA-256 of a JSON value's canonical text: the same whatever the order of its keys.
 * @returns 64 lower-case hexadecimal digits.
 * @throws {TypeError} where the value is not plain JSON.
 */
export function hashJson(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

/** The first 8 digits of `hashJson`: enough to tell runs apart at a glance, too short to name a cell. */
export function hash8(value: unknown): string {
  return hashJson(value).slice(0, 8);
}
