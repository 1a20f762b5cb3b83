/**
 * The registry file, `touchstone.registry/1`: what is trusted, as data. Strict: an unknown or
 * misspelt field is an error, because a revocation under a misspelt name would silently not hold.
 *
 * Every statement carries its `source`, so that a reader can check it. certs/README.md explains the
 * fields to somebody who writes a registry by hand.
 */
import { z } from 'zod';
import { checkFamily } from './registry-references.ts';
import { pathExceptions } from './x509/path.ts';

export const registrySchemaId = 'touchstone.registry/1';

/** A registry is read whole; nobody needs more. */
export const maxRegistryFileBytes = 1024 * 1024;

const id = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'a short lower-case name expected');
const text = z.string().min(1).max(1000);
const source = z.string().min(1).max(500);
const instant = z.iso.datetime({ message: 'a UTC time like 2026-11-22T00:00:00Z expected' });

/** A secp256k1 key, compressed. */
const key = z
  .string()
  .regex(/^0[23][0-9a-f]{64}$/, 'a compressed secp256k1 key, 66 lower-case hex digits, expected');

/** An X.509 certificate, DER in base64 on one line. */
const certificate = z.base64().min(4).max(11_000);

/** SHA-256 of a SubjectPublicKeyInfo. */
const spkiHash = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits expected');

/**
 * `maker`: a factory key of the maker, anchors real cards. `development`, `test`: published or
 * leaked keys; a card that ends there is not genuine.
 */
const root = z.strictObject({
  id,
  role: z.enum(['maker', 'development', 'test']),
  /** Either the key alone, or an X.509 certificate. */
  key: key.optional(),
  certificate: certificate.optional(),
  /**
   * Where this maker's certificates depart from what is asked of all: forgiven to them alone, and said
   * in every verdict that needs it.
   */
  exceptions: z.array(z.enum(pathExceptions)).max(8).default([]),
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
  /** Products that run it; left out: any of the family. On another one it is unknown. */
  products: z.array(id).min(1).max(64).optional(),
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

/**
 * What stands between roots and cards. A key that was seen can be called by name; a certificate that
 * cards do not carry themselves completes their chain.
 */
const issuer = z.strictObject({
  id,
  key: key.optional(),
  certificate: certificate.optional(),
  /** Of a certificate: id of the root that signed it. */
  root: id.optional(),
  /** Of a certificate: the only products whose cards it may sign. */
  products: z.array(id).min(1).max(64).optional(),
  name: text,
  source,
});

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

/** One of: a key, the hash of a key, a certificate, a batch. */
const revocation = z.strictObject({
  /** An issuer (batch) key or the key of one card. */
  key: key.optional(),
  /** The same for any kind of key. */
  spki: spkiHash.optional(),
  /** One certificate: the hash of its issuer's key, and its serial number. */
  issuer: spkiHash.optional(),
  serial: z
    .string()
    .regex(
      /^(?!00)(?:[0-9a-f]{2}){1,20}$/,
      '2 to 40 lower-case hex digits expected, without leading zero bytes',
    )
    .optional(),
  /** All cards that say they are of this batch. */
  batch: batch.optional(),
  reason: text,
  source,
});

const platform = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{20}$/, '20 lower-case hex digits expected'),
  name: text,
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
    /** Kinds of chip by the first ten bytes of their CPLC, to call them by name. */
    platforms: z.array(platform).max(512).default([]),
    families: z.record(id, familyEntry),
  })
  .superRefine((registry, context) => {
    const kinds = registry.platforms.map((entry) => entry.id);
    if (new Set(kinds).size !== kinds.length) {
      context.addIssue({ code: 'custom', path: ['platforms'], message: 'one is listed twice' });
    }
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
