/**
 * The registry file, `touchstone.registry/1`: what is trusted, as data. Strict: an unknown or
 * misspelt field is an error, because a revocation under a misspelt name would silently not hold.
 *
 * Every statement carries its `source`, so that a reader can check it. certs/README.md explains the
 * fields to somebody who writes a registry by hand.
 */
import { z } from 'zod';

export const registrySchemaId = 'touchstone.registry/1';

/** A registry is read whole; nobody needs more. */
export const maxRegistryFileBytes = 1024 * 1024;

const id = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'a short lower-case name expected');
const text = z.string().min(1).max(1000);
const source = z.string().min(1).max(500);
const instant = z.iso.datetime({ message: 'a UTC time like 2026-11-22T00:00:00Z expected' });

/** A secp256k1 key, compressed. Other key types join this union when a family needs them. */
const key = z
  .string()
  .regex(/^0[23][0-9a-f]{64}$/, 'a compressed secp256k1 key, 66 lower-case hex digits, expected');

/**
 * `maker`: a factory key of the maker, anchors real cards. `development`, `test`: published or
 * leaked keys; a card that ends there is not genuine.
 */
const root = z.strictObject({
  id,
  role: z.enum(['maker', 'development', 'test']),
  key,
  name: text,
  source,
});

const advisory = z.strictObject({
  id,
  title: text,
  /** Products that it concerns; left out: all of the family. */
  products: z.array(id).min(1).max(64).optional(),
  /**
   * `stop`: the firmware must not be used on these products, as if it were refused. `note`: worth
   * knowing, but no reason to think less of a card.
   */
  advice: z.enum(['note', 'care', 'stop']).default('care'),
  /** What it means for the person who holds the card. */
  meaning: text,
  /** What that person should do. */
  action: text,
  source,
});

/**
 * `approved`: current. `superseded`: was fine, a newer one exists. `refused`: do not use.
 */
const firmware = z.strictObject({
  id: z.string().min(1).max(64),
  status: z.enum(['approved', 'superseded', 'refused']),
  advisories: z.array(id).max(16).default([]),
  released: z.string().max(40).optional(),
  source,
});

/** A batch as the card writes it; with `*` at its end, all that begin so. */
const batch = z
  .string()
  .regex(/^[0-9A-Z]{1,16}\*?$/, 'a batch like AC05, or the beginning of some like AF*, expected');

const product = z.strictObject({
  id,
  name: text,
  /** Where a card does not name its product: the batches that are this product. */
  batches: z.array(batch).max(512).default([]),
  /** What an untouched card of this product looks like when it is sold. */
  expectedAtSale: z.strictObject({
    /** Usage states that are right. */
    usage: z.array(id).min(1).max(8),
    /** Usage states that the maker reserves the right to sell, though they are uncommon. */
    unusual: z.array(id).max(8).default([]),
    /** When the card can first prove itself: as sold, or only after its owner has set it up. */
    attestableWhen: z.enum(['always', 'after-set-up']),
    note: text,
  }),
  /** Where the number that `--expect` compares is printed. */
  printedNumber: text,
  source,
});

/** Keys between roots and cards that were seen, so that they can be called by name. */
const issuer = z.strictObject({ id, key, name: text, source });

/** Where the maker keeps signatures that its cards do not carry. */
const makerServer = z.strictObject({
  // In the clear only to this computer: on the way anybody could read or answer.
  url: z
    .url()
    .max(512)
    .regex(
      /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?\/)/,
      'a URL like https://api.example.com/card expected',
    ),
  source,
});

const revocation = z.strictObject({
  /** An issuer (batch) key or the key of one card. */
  key,
  reason: text,
  source,
});

const familyEntry = z.strictObject({
  maker: text,
  website: z.url(),
  /**
   * True when the maker states that the roots below are all there are. A chain that ends elsewhere
   * is then a failed check, not an unknown issuer.
   */
  rootsAreComplete: z.boolean().default(false),
  roots: z.array(root).max(64).default([]),
  /** Says nothing about trust: a chain counts by its root. */
  issuers: z.array(issuer).max(256).default([]),
  makerServer: makerServer.optional(),
  products: z.array(product).max(64).default([]),
  firmware: z.array(firmware).max(512).default([]),
  advisories: z.array(advisory).max(256).default([]),
  revoked: z.array(revocation).max(10_000).default([]),
});

export const registryFile = z
  .strictObject({
    schema: z.literal(registrySchemaId),
    name: text,
    /** Rises with every edition. */
    serial: z.int().positive(),
    issued: instant,
    expires: instant,
    /** Set when any key in here is not secret. Every verdict then says DEMO. */
    demo: z.boolean().default(false),
    families: z.record(id, familyEntry),
  })
  .superRefine((registry, context) => {
    if (Date.parse(registry.expires) <= Date.parse(registry.issued)) {
      context.addIssue({
        code: 'custom',
        path: ['expires'],
        message: 'later than issued expected',
      });
    }
    for (const [familyId, family] of Object.entries(registry.families)) {
      checkFamily(family, (path, message) =>
        context.addIssue({ code: 'custom', path: ['families', familyId, ...path], message }),
      );
    }
  });

export type RegistryFile = z.infer<typeof registryFile>;
export type FamilyEntry = z.infer<typeof familyEntry>;
export type Root = z.infer<typeof root>;
export type Firmware = z.infer<typeof firmware>;
export type Product = z.infer<typeof product>;
export type AdvisoryEntry = z.infer<typeof advisory>;
export type Revocation = z.infer<typeof revocation>;

type Report = (path: string[], message: string) => void;

/** What a shape cannot say: names are unique, references lead somewhere. */
function checkFamily(family: FamilyEntry, report: Report): void {
  for (const list of ['roots', 'issuers', 'products', 'firmware', 'advisories'] as const) {
    const ids = family[list].map((entry) => entry.id);
    const twice = ids.find((entry, index) => ids.indexOf(entry) !== index);
    if (twice !== undefined) report([list], `"${twice}" is listed twice`);
  }
  const keys = family.roots.map((entry) => entry.key);
  if (new Set(keys).size !== keys.length) report(['roots'], 'the same key is listed twice');
  const batches = family.products.flatMap((entry) => entry.batches);
  const shared = batches.find((entry, index) => batches.indexOf(entry) !== index);
  if (shared !== undefined) report(['products'], `batch "${shared}" is listed twice`);
  const known = new Set(family.advisories.map((entry) => entry.id));
  for (const entry of family.firmware) {
    const missing = entry.advisories.find((name) => !known.has(name));
    if (missing !== undefined) {
      report(['firmware', entry.id], `advisory "${missing}" is not in "advisories"`);
    }
  }
}
