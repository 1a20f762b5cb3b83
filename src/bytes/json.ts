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
 * The RFC 8785 form of a JSON value as UTF-8: the one byte string that is hashed or signed.
 *
 * @throws TypeError when the value cannot be written as JSON (NaN, Infinity, undefined)
 */
export function canonicalJson(value: unknown): Uint8Array {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return utf8(text);
}
