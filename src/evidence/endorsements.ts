/**
 * The endorsements file, `touchstone.endorsements/1`: what a maker signed about cards, without any
 * evidence. Some makers keep the signatures over a card's key on a server and not on the card; they
 * never change, so they are fetched once and kept.
 *
 *   {
 *     "schema": "touchstone.endorsements/1",
 *     "family": "some-family",
 *     "cards": [                                at most 100,000, each card once
 *       { "cardKeyHash": 64 hex digits, SHA-256 of the compressed card key,
 *         "attachments": [ 1 to 16 attachments as in an evidence file ] }
 *     ]
 *   }
 *
 * JSON, bytes as lower-case hex, at most 64 MiB, no other fields. The file itself is not signed and
 * proves nothing: whoever uses an attachment verifies it against the card's key each time.
 */
import { z } from 'zod';
import { utf8 } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { parseJson } from '../bytes/json.ts';
import { sha256 } from '../bytes/sha256.ts';
import { TouchstoneError } from '../errors/error.ts';
import { firstIssue } from '../errors/issue.ts';
import type { Attachment } from './evidence.ts';
import { attachment, family, maxAttachments } from './file.ts';

export const endorsementsSchema = 'touchstone.endorsements/1';

/** Room for a reseller's whole stock; a hostile file is refused before it is parsed. */
export const maxEndorsementsFileBytes = 8 * 1024 * 1024;

const maxCards = 10_000;

/** What a maker signed about cards of one family. */
export interface Endorsements {
  /** Card family id. */
  readonly family: string;
  /** At most 10,000, no card twice. */
  readonly cards: readonly {
    /** SHA-256 of the compressed card key as lower-case hex: the name under which it is found. */
    readonly cardKeyHash: string;
    /** 1 to 16. */
    readonly attachments: readonly Attachment[];
  }[];
}

/**
 * A list that is measured before its items are looked at, and left at the first wrong one. Without
 * this a file of some million empty objects would fill the memory with objections to each of them.
 */
function list<Item extends z.ZodType>(item: Item, min: number, max: number) {
  return z
    .array(z.unknown())
    .min(min)
    .max(max)
    .transform((values, context) => {
      const items: z.output<Item>[] = [];
      for (const [index, value] of values.entries()) {
        const result = item.safeParse(value);
        if (!result.success) {
          for (const issue of result.error.issues) {
            context.addIssue({ ...issue, path: [index, ...issue.path] });
          }
          return z.NEVER;
        }
        items.push(result.data);
      }
      return items;
    });
}

const card = z.strictObject({
  cardKeyHash: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits expected'),
  attachments: list(attachment, 1, maxAttachments),
});

const endorsementsFile = z
  .strictObject({
    schema: z.literal(endorsementsSchema),
    family,
    cards: list(card, 0, maxCards),
  })
  .superRefine(({ cards }, context) => {
    // Which of two entries counts would depend on who reads: two readers, two results.
    const seen = new Set<string>();
    for (const [index, { cardKeyHash }] of cards.entries()) {
      if (seen.has(cardKeyHash)) {
        context.addIssue({
          code: 'custom',
          path: ['cards', index, 'cardKeyHash'],
          message: 'this card is listed twice',
        });
        return;
      }
      seen.add(cardKeyHash);
    }
  });

/**
 * The text of an endorsements file. Ends with a line feed.
 *
 * @throws RangeError when it would not be a readable file: a family that is no name, a card twice,
 *   no attachment or more than 16, too many cards, more than 64 MiB
 */
export function encodeEndorsements(file: Endorsements): string {
  const json = {
    schema: endorsementsSchema,
    family: file.family,
    cards: file.cards.map(({ cardKeyHash, attachments }) => ({
      cardKeyHash,
      attachments: attachments.map(({ kind, source, fetchedAt, data }) => ({
        kind,
        source,
        fetchedAt,
        data: toHex(data),
      })),
    })),
  };
  const result = endorsementsFile.safeParse(json);
  if (!result.success) throw new RangeError(`endorsements: ${firstIssue(result.error)}`);
  const text = `${JSON.stringify(json, null, 2)}\n`;
  if (utf8(text).length > maxEndorsementsFileBytes) {
    throw new RangeError('endorsements: more than 64 MiB');
  }
  return text;
}

/**
 * Reads an endorsements file.
 *
 * @param name of the file, for the message
 * @throws TouchstoneError ENDORSEMENTS_INVALID with the first field that is wrong
 */
export function parseEndorsements(text: string, name: string): Endorsements {
  if (text.length > maxEndorsementsFileBytes) {
    throw invalid(name, `it is longer than ${maxEndorsementsFileBytes} characters`);
  }
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw invalid(name, 'it is not one whole JSON value', cause);
  }
  // A file of another kind is better told by its name than by its first unknown field.
  const schema =
    typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined;
  if (schema !== endorsementsSchema) {
    throw invalid(name, `its field "schema" is not "${endorsementsSchema}"`);
  }
  const result = endorsementsFile.safeParse(json);
  if (!result.success) throw invalid(name, firstIssue(result.error), result.error);
  const { schema: _, ...endorsements } = result.data;
  return endorsements;
}

/**
 * What the file holds about a card. Not verified.
 *
 * @param family of the card; a file of another family holds nothing about it
 * @param cardKey compressed: 33 bytes on secp256k1 and P-256, 32 for Ed25519
 */
export function findEndorsements(
  file: Endorsements,
  family: string,
  cardKey: Uint8Array,
): readonly Attachment[] | undefined {
  if (file.family !== family) return undefined;
  const hash = toHex(sha256(cardKey));
  return file.cards.find(({ cardKeyHash }) => cardKeyHash === hash)?.attachments;
}

function invalid(name: string, why: string, cause?: unknown): TouchstoneError {
  return new TouchstoneError(
    'ENDORSEMENTS_INVALID',
    `${name} is not a readable endorsements file: ${why}.`,
    { cause },
  );
}
