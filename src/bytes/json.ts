import canonicalize from 'canonicalize';
import { utf8 } from './bytes.ts';

/** Any value that JSON can carry. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * Reads JSON from outside. The key "__proto__" is refused anywhere: what reads it later could take
 * it for something else or drop it.
 *
 * @throws SyntaxError for anything else than one JSON value without that key
 */
export function parseJson(text: string): unknown {
  // Looking at every key costs five times the parsing; only these texts can hold that one.
  if (!/__proto__|\\u/.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, (key, value) => {
      if (key === '__proto__') throw new SyntaxError('the key "__proto__" is not allowed');
      return value;
    });
  } catch (cause) {
    // Deep nesting ends the engine's stack with a RangeError.
    throw cause instanceof SyntaxError ? cause : new SyntaxError('nested too deep', { cause });
  }
}

/**
 * The RFC 8785 form of a JSON value as UTF-8: the one byte string that is hashed or signed.
 *
 * @throws TypeError when the value cannot be written as JSON (NaN, Infinity, undefined)
 */
export function canonicalJson(value: unknown): Uint8Array {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return utf8(text);
}
