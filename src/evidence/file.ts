/**
 * The evidence file, `touchstone.evidence/1`: JSON, bytes as hex, at most 4 MiB.
 *
 * What leaves this computer is decided here: an exchange marked `private` is written as its command
 * header and its status word alone, so no PIN, session key or wallet key reaches a file that a
 * person hands to a shop.
 */
import { z } from 'zod';
import { fromHex, toHex } from '../bytes/hex.ts';
import { parseJson } from '../bytes/json.ts';
import { TouchstoneError } from '../errors/error.ts';
import { firstIssue } from '../errors/issue.ts';
import type { RecordedExchange } from '../reader/card.ts';
import { nonceLength, purposes } from './challenge.ts';
import { type Evidence, evidenceSchema, freshnessClasses } from './evidence.ts';

/** Room for some thousand exchanges; a hostile file is refused before it is parsed. */
export const maxEvidenceFileBytes = 4 * 1024 * 1024;

const maxExchanges = 1024;
/** Attachments of one card. */
export const maxAttachments = 16;

const hex = (minBytes: number, maxBytes: number) =>
  z
    .string()
    .regex(/^(?:[0-9a-f]{2})*$/, 'lower-case hexadecimal expected')
    .min(minBytes * 2)
    .max(maxBytes * 2)
    .transform(fromHex);

const instant = z.iso.datetime({ message: 'a UTC time like 2026-11-22T10:00:00Z expected' });

/** Hashed, so no character that has no UTF-8 form; shown, so none that cannot be seen. */
const visible = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[\x21-\x7e]+$/, 'visible ASCII characters expected');

const context = z.strictObject({
  origin: visible(256),
  purpose: z.enum(purposes),
  owner: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  beacon: z
    .strictObject({
      origin: visible(256),
      size: z.int().nonnegative(),
      root: z.string().regex(/^[0-9a-f]{64}$/),
    })
    .optional(),
});

const exchange = z.strictObject({
  command: hex(4, 65_544),
  response: hex(2, 65_538),
  micros: z.int().nonnegative(),
  disclosure: z.enum(['proof', 'state', 'private']),
});

/** How an `Attachment` is written: its data as hex, at most 64 KiB of it. */
export const attachment = z.strictObject({
  kind: visible(64),
  source: z.string().min(1).max(512),
  fetchedAt: instant,
  data: hex(0, 65_536),
});

/** The id of a card family; safe as part of a file name. */
export const family = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'up to 32 lower-case letters, digits and dashes expected');

const file = z.discriminatedUnion('kind', [
  z.strictObject({
    schema: z.literal(evidenceSchema),
    kind: z.literal('card'),
    family,
    nonce: hex(nonceLength, nonceLength),
    context,
    freshness: z.enum(freshnessClasses),
    collectedAt: instant,
    readerName: z.string().max(256),
    atr: hex(0, 33),
    transcript: z.array(exchange).max(maxExchanges),
    attachments: z.array(attachment).max(maxAttachments),
    challenges: z.record(z.string().regex(/^[a-z0-9-]{1,32}$/), hex(1, 64)).optional(),
  }),
  z.strictObject({
    schema: z.literal(evidenceSchema),
    kind: z.literal('url'),
    family,
    collectedAt: instant,
    url: z.string().min(1).max(1024),
  }),
]);

/** The text of an evidence file, private exchanges withheld. Ends with a line feed. */
export function encodeEvidence(evidence: Evidence): string {
  const { kind } = evidence;
  if (kind === 'url') return write({ schema: evidenceSchema, ...evidence });
  return write({
    schema: evidenceSchema,
    ...evidence,
    nonce: toHex(evidence.nonce),
    atr: toHex(evidence.atr),
    transcript: evidence.transcript.map(withhold).map((recorded) => ({
      ...recorded,
      command: toHex(recorded.command),
      response: toHex(recorded.response),
    })),
    attachments: evidence.attachments.map((item) => ({ ...item, data: toHex(item.data) })),
    challenges:
      evidence.challenges &&
      Object.fromEntries(
        Object.entries(evidence.challenges).map(([label, bytes]) => [label, toHex(bytes)]),
      ),
  });
}

/**
 * Reads an evidence file.
 *
 * @throws TouchstoneError EVIDENCE_INVALID with the first field that is wrong
 */
export function parseEvidence(text: string): Evidence {
  if (text.length > maxEvidenceFileBytes) {
    throw invalid(`it is longer than ${maxEvidenceFileBytes} characters`);
  }
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw invalid('it is not one whole JSON value', cause);
  }
  const schema =
    typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined;
  if (schema !== evidenceSchema) {
    throw invalid(`field "schema" is ${quote(schema)}, "${evidenceSchema}" expected`);
  }
  const result = file.safeParse(json);
  if (result.success) {
    const { schema: _, ...evidence } = result.data;
    return evidence;
  }
  throw invalid(firstIssue(result.error), result.error);
}

/** What a file may carry of a private exchange: that it took place, and how it ended. */
function withhold(recorded: RecordedExchange): RecordedExchange {
  if (recorded.disclosure !== 'private') return recorded;
  return {
    ...recorded,
    command: recorded.command.subarray(0, 4),
    response: recorded.response.subarray(-2),
  };
}

function write(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function quote(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : `a ${typeof value}`;
}

function invalid(why: string, cause?: unknown): TouchstoneError {
  return new TouchstoneError('EVIDENCE_INVALID', `This is not a readable evidence file: ${why}.`, {
    cause,
  });
}
