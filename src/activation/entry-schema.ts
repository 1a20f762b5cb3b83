/**
 * The shape of a log entry, `touchstone.entry/1`: one event, as RFC 8785 JSON of at most 65,535 bytes
 * (C2SP tlog-tiles: an entry stands behind a length of 16 bits).
 *
 *   kind      what it says
 *   card      a card was observed, activated, reverified, retired or disputed
 *   registry  an edition of the registry was published
 *   notice    the operator of the log has something to say
 *
 * Strict everywhere: a log is read by everybody and never forgets, so there is no field for a serial number,
 * a name or an address, and what a card says of itself is short and visible. One
 * value has one form: hex is lower case, what is not so is left out, never null or false.
 */
import { z } from 'zod';
import type { Word } from '../appraisal/table.ts';
import { freshnessClasses } from '../evidence/evidence.ts';

export const entrySchemaId = 'touchstone.entry/1';

/** C2SP tlog-tiles: the length of an entry in its bundle is a uint16. */
export const maxEntryBytes = 65_535;

const hash = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits expected');

/** The id of a product or a usage state, as families and registry write them. */
export const shortId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{0,63}$/,
    'a short name of lower-case letters, digits, dots and dashes expected',
  );

/** Short, so that nothing else is told in its place; visible, so that a screen shows what is there. */
export const shortText = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'up to 64 visible ASCII characters expected');

/** What a statement rests on; see `Authority` of the families. */
const authority = z.enum(['live', 'maker', 'reported']);

/** Coarse on purpose: a second would tell who stood at which reader. */
const hour = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}Z$/, 'an hour of UTC like 2026-11-22T10Z expected')
  .refine(isHour, 'an hour that there is expected');

/** Present where any key took part that is not secret. */
const demo = z.literal(true).optional();

/** Ed25519, raw: the key and its signature. */
const signature = z.strictObject({
  key: hash,
  signature: z.string().regex(/^[0-9a-f]{128}$/, '128 lower-case hex digits expected'),
});

const signed = z.strictObject({ owner: signature, actor: signature.optional() });
const perhapsSigned = z.strictObject({ owner: signature.optional(), actor: signature.optional() });

const serial = z.int().positive();

/** Of every entry about a card. */
const cardHead = {
  schema: z.literal(entrySchemaId),
  kind: z.literal('card'),
  card: z.strictObject({
    family: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/, 'up to 32 lower-case letters, digits and dashes expected'),
    /** The card index key; see index-key.ts. */
    key: hash,
  }),
  hour,
  demo,
};

/** SHA-256 of the owner's public key. */
const owner = hash;

/** A card entry says nothing of a card that was not found genuine. */
const words = ['genuine', 'genuine with warnings'] as const satisfies readonly Word[];

/** What the evidence showed, in the words of its verdict. */
const evidencePart = {
  product: shortId.optional(),
  firmware: z.strictObject({ id: shortText, authority }).optional(),
  usage: z.strictObject({ state: shortId, authority }).optional(),
  word: z.enum(words),
  freshness: z.enum(freshnessClasses),
  registry: z.strictObject({
    serial,
    hash,
    /** SHA-256 of each local registry that took part, in their order: their names are private. */
    overlays: z.array(hash).max(16).refine(areDistinct, 'each one once expected'),
  }),
  /** See evidence/hashes.ts: the same proof or challenge in two entries is an alarm. */
  hashes: z.strictObject({ proof: hash, challenge: hash, attachments: hash }),
};

const observed = z
  .strictObject({
    ...cardHead,
    type: z.literal('observed'),
    ...evidencePart,
    owner: owner.optional(),
    signatures: perhapsSigned,
  })
  .refine((entry) => (entry.owner === undefined) === (entry.signatures.owner === undefined), {
    path: ['signatures', 'owner'],
    message: 'a signature where there is an owner expected, and none where there is none',
  });

const attested = z.strictObject({
  ...cardHead,
  type: z.enum(['activated', 'reverified']),
  ...evidencePart,
  owner,
  signatures: signed,
});

/** Rests on no evidence but the owner's word. */
const declared = z.strictObject({
  ...cardHead,
  type: z.enum(['retired', 'disputed']),
  owner,
  signatures: signed,
});

export const entrySchema = z.discriminatedUnion('kind', [
  z.discriminatedUnion('type', [observed, attested, declared]),
  z.strictObject({
    schema: z.literal(entrySchemaId),
    kind: z.literal('registry'),
    registry: z.strictObject({ serial, hash }),
    hour,
    demo,
  }),
  z.strictObject({
    schema: z.literal(entrySchemaId),
    kind: z.literal('notice'),
    text: z
      .string()
      .regex(
        /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/,
        'words of visible ASCII, one space between, expected',
      )
      .max(2000),
    hour,
    demo,
  }),
]);

export type Entry = z.infer<typeof entrySchema>;
export type CardEntry = Extract<Entry, { readonly kind: 'card' }>;
export type CardEntryType = CardEntry['type'];
/** Raw Ed25519 key and signature, hex. */
export type EntrySignature = z.infer<typeof signature>;
/** What evidence gives an entry of. */
export type EvidencePart = Pick<
  Extract<CardEntry, { readonly word: Word }>,
  keyof typeof evidencePart
>;

/** An entry about a card that nobody has signed yet. */
export type UnsignedCardEntry = CardEntry extends infer Each
  ? Each extends CardEntry
    ? Omit<Each, 'signatures'>
    : never
  : never;

/** True for a date and hour of the calendar; the form was checked before. */
function isHour(text: string): boolean {
  const time = Date.parse(`${text.slice(0, -1)}:00:00Z`);
  return !Number.isNaN(time) && hourOf(time) === text;
}

/** The hour of a moment (milliseconds since 1970), as entries write it. */
export function hourOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 13)}Z`;
}

function areDistinct(items: readonly string[]): boolean {
  return new Set(items).size === items.length;
}
