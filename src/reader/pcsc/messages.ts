/**
 * What the PC/SC child process and its parent say to each other over Node's IPC channel.
 *
 * Bytes travel as lower-case hex. Both ends check every message, because the other process may be
 * of another build, and because the child passes on what readers and cards sent.
 */
import { z } from 'zod';
import { maxResponseBytes } from '../../apdu/response.ts';

/** Longest command: header, extended Lc, 65535 data bytes, extended Le (ISO/IEC 7816-4). */
export const maxCommandBytes = 4 + 3 + 65_535 + 2;

/** Answer to reset: TS and at most 32 characters (ISO/IEC 7816-3 section 8.2.1). */
const maxAtrBytes = 33;

const id = z.int().nonnegative();
const reader = z.string().min(1).max(1024);

function hex(maxBytes: number) {
  return z
    .string()
    .max(maxBytes * 2)
    .regex(/^(?:[0-9a-f]{2})*$/, 'lower-case hex expected');
}

const toChild = z.discriminatedUnion('kind', [
  /** Connect to the card in a reader; done carries the ATR. */
  z.strictObject({ kind: z.literal('open'), id, reader }),
  /** Send one command; done carries the answer, which is empty when the card was pulled out. */
  z.strictObject({ kind: z.literal('exchange'), id, reader, command: hex(maxCommandBytes) }),
  /** Reset the card and let go of it, so that nobody inherits its selected applet or PIN state. */
  z.strictObject({ kind: z.literal('release'), id, reader }),
]);

const fromChild = z.discriminatedUnion('kind', [
  /** The readers and cards there are at the start have all been told. */
  z.strictObject({ kind: z.literal('ready') }),
  /** The child ends: nfc-pcsc cannot be loaded, or the service refused or went away. */
  z.strictObject({
    kind: z.literal('failed'),
    reason: z.enum(['driver', 'service']),
    detail: z.string(),
  }),
  z.strictObject({ kind: z.literal('reader-added'), reader }),
  z.strictObject({ kind: z.literal('reader-removed'), reader }),
  z.strictObject({ kind: z.literal('card-inserted'), reader, atr: hex(maxAtrBytes) }),
  z.strictObject({ kind: z.literal('card-removed'), reader }),
  z.strictObject({ kind: z.literal('done'), id, bytes: hex(maxResponseBytes) }),
  /** `code`: the PC/SC result code, e.g. 0x80100069; null when the failure had none. */
  z.strictObject({ kind: z.literal('fault'), id, code: id.nullable(), detail: z.string() }),
]);

export type ToChild = z.infer<typeof toChild>;
export type FromChild = z.infer<typeof fromChild>;

/** What the child tells unasked about readers and cards. */
export type ReaderEvent = Extract<
  FromChild,
  { kind: 'reader-added' | 'reader-removed' | 'card-inserted' | 'card-removed' }
>;

/** @throws Error (zod) when the value is not a message for the child */
export function parseToChild(value: unknown): ToChild {
  return toChild.parse(value);
}

/** @throws Error (zod) when the value is not a message of the child */
export function parseFromChild(value: unknown): FromChild {
  return fromChild.parse(value);
}
