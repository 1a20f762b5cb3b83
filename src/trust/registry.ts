/**
 * The registry as the appraisal asks it: one pinned file, and local overlays on top.
 *
 * An overlay only adds. It can pin another root or refuse another firmware; it can never make
 * acceptable what a layer below refuses. Each layer is named in every verdict.
 */

import { fromHex } from '../bytes/hex.ts';
import { RegistryError } from '../errors/error.ts';
import type { KnownRoot, LayeredEntry, RegistryLayer } from './registry-layer.ts';
import { type KnownPath, pathsOf } from './registry-paths.ts';
import type { AdvisoryEntry, Firmware, Product, Revocation } from './registry-schema.ts';
import { type Statement, verifyStatement } from './signature.ts';

/** By what a card, its batch or its makers can be revoked. All in hex. */
export interface RevocableNames {
  /** Keys of the card and above it; secp256k1, compressed. */
  readonly keys: readonly string[];
  /** The same as SHA-256 of their SubjectPublicKeyInfo. */
  readonly spkis: readonly string[];
  /** Certificates, by the hash of their issuer's key and their serial number. */
  readonly certificates: readonly { readonly issuer: string; readonly serial: string }[];
  readonly batch?: string | undefined;
}

/** A firmware ID's standing over all layers: the worst status, every advisory. */
export interface FirmwareStanding {
  readonly status: Firmware['status'];
  readonly advisories: readonly AdvisoryEntry[];
}

/** `early`: the clock stands before the registry was issued, so it says nothing about age. */
export type RegistryAge = 'early' | 'valid' | 'expired' | 'ancient';

/** Past its expiry by more than this, a registry decides nothing. */
const graceDays = 180;
const dayMillis = 86_400_000;

export class Registry {
  readonly layers: readonly RegistryLayer[];

  /**
   * By family and length of the message: which key (hex) made the last statement. Statements of a
   * kind come from one key as a rule, so it is tried first. It saves time and decides nothing.
   */
  private readonly lastSigners = new Map<string, string>();

  /** By family: a registry does not change, and every card of a family asks for the same. */
  private readonly knownPaths = new Map<string, readonly KnownPath[]>();

  /**
   * @throws RegistryError when there is no pinned layer or it lists no family: an empty trust list
   *   would read as "nothing to object"
   */
  constructor(layers: readonly RegistryLayer[]) {
    const pinned = layers.filter((layer) => layer.role === 'pinned');
    if (pinned.length !== 1) throw new RegistryError('Exactly one pinned registry is needed.');
    const anchors = layers.flatMap((layer) =>
      Object.values(layer.file.families).flatMap((family) => family.roots),
    );
    if (!anchors.some((root) => root.role === 'maker')) {
      throw new RegistryError(
        'The registry lists no maker root, so no card could be judged by it.',
      );
    }
    // Where only one layer's word counts (a product's description), it is the pinned one's.
    this.layers = [...pinned, ...layers.filter((layer) => layer.role === 'overlay')];
  }

  /** True when any layer holds keys that are not secret. */
  get demo(): boolean {
    return this.layers.some((layer) => layer.file.demo);
  }

  /** Judged by the oldest layer. @param at milliseconds since 1970, UTC */
  age(at: number): { readonly age: RegistryAge; readonly daysPast: number } {
    const issued = Math.max(...this.layers.map((layer) => Date.parse(layer.file.issued)));
    // A day for clocks that are set to another time zone.
    if (at < issued - dayMillis) return { age: 'early', daysPast: 0 };
    const expires = Math.min(...this.layers.map((layer) => Date.parse(layer.file.expires)));
    if (at <= expires) return { age: 'valid', daysPast: 0 };
    const daysPast = Math.ceil((at - expires) / dayMillis);
    return { age: at > expires + graceDays * dayMillis ? 'ancient' : 'expired', daysPast };
  }

  knows(familyId: string): boolean {
    return this.entries(familyId).length > 0;
  }

  /** The maker's name, by the lowest layer that knows the family. */
  maker(familyId: string): string | undefined {
    return this.entries(familyId)[0]?.entry.maker;
  }

  /**
   * The root with exactly this key (hex). Where layers disagree about its role, the refusing one
   * wins: pinning a published test key by overlay does not un-refuse it.
   */
  root(familyId: string, keyHex: string): KnownRoot | undefined {
    const roots = this.entries(familyId).flatMap(({ entry, layer }) =>
      entry.roots.filter((root) => root.key === keyHex).map((root) => ({ ...root, layer })),
    );
    return roots.find((root) => root.role !== 'maker') ?? roots[0];
  }

  /** The root that made a signature which does not tell its signer. */
  signer(familyId: string, statement: Statement): KnownRoot | undefined {
    const kind = `${familyId}/${statement.message.length}`;
    const last = this.lastSigners.get(kind);
    const keys = this.entries(familyId).flatMap(({ entry }) =>
      entry.roots.flatMap(({ key }) => key ?? []),
    );
    const found = [...(last === undefined ? [] : [last]), ...keys].find((key) =>
      verifyStatement(fromHex(key), statement),
    );
    if (found === undefined) return undefined;
    this.lastSigners.set(kind, found);
    return this.root(familyId, found);
  }

  /** The ways to roots that have certificates, each with what the registry holds in between. */
  paths(familyId: string): readonly KnownPath[] {
    const known = this.knownPaths.get(familyId);
    if (known !== undefined) return known;
    const paths = pathsOf(this.entries(familyId));
    if (this.knows(familyId)) this.knownPaths.set(familyId, paths);
    return paths;
  }

  /** What an issuer's key (hex) is called; undefined for one that was never seen. */
  issuerName(familyId: string, keyHex: string): string | undefined {
    return this.entries(familyId)
      .flatMap(({ entry }) => entry.issuers)
      .find((issuer) => issuer.key === keyHex)?.name;
  }

  /** The server that the maker keeps signatures on; a local registry may name another one. */
  makerServer(familyId: string): string | undefined {
    return this.entries(familyId).findLast(({ entry }) => entry.makerServer !== undefined)?.entry
      .makerServer?.url;
  }

  /** True when that server is one that a local registry names. */
  namesOwnServer(familyId: string): boolean {
    return this.entries(familyId).some(
      ({ entry, layer }) => layer.role === 'overlay' && entry.makerServer !== undefined,
    );
  }

  /** True when the maker says that the listed roots are all there are. */
  rootsAreComplete(familyId: string): boolean {
    return this.entries(familyId).some(({ entry }) => entry.rootsAreComplete);
  }

  /**
   * By its id; for a card that names no product, by its batch: a whole one before a beginning. What
   * the pinned layer knows, no overlay describes anew: not by a more exact batch either.
   */
  product(familyId: string, productId: string | undefined, batch?: string): Product | undefined {
    for (const { entry } of this.entries(familyId)) {
      const found =
        productId === undefined
          ? productOfBatch(entry.products, batch)
          : entry.products.find((product) => product.id === productId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * Undefined: no layer has heard of this firmware, or of it on this product.
   *
   * @param productId leaves out what does not concern it; unknown: all are given
   */
  firmware(
    familyId: string,
    firmwareId: string,
    productId: string | undefined,
  ): FirmwareStanding | undefined {
    const entries = this.entries(familyId);
    const concerns = ({ products }: { readonly products?: readonly string[] | undefined }) =>
      products === undefined || productId === undefined || products.includes(productId);
    const found = entries.flatMap(({ entry }) =>
      entry.firmware.filter((firmware) => firmware.id === firmwareId && concerns(firmware)),
    );
    const worst = (['refused', 'superseded', 'approved'] as const).find((status) =>
      found.some((firmware) => firmware.status === status),
    );
    if (worst === undefined) return undefined;
    const named = new Set(found.flatMap((firmware) => firmware.advisories));
    const advisories = entries.flatMap(({ entry }) => entry.advisories);
    return {
      status: worst,
      advisories: advisories.filter((advisory) => named.has(advisory.id) && concerns(advisory)),
    };
  }

  /** What of a card, its batch or its makers is revoked, over all layers. */
  revocations(familyId: string, names: RevocableNames): readonly Revocation[] {
    const { keys, spkis, certificates, batch } = names;
    return this.entries(familyId)
      .flatMap(({ entry }) => entry.revoked)
      .filter(
        (revoked) =>
          (revoked.key !== undefined && keys.includes(revoked.key)) ||
          (revoked.spki !== undefined && spkis.includes(revoked.spki)) ||
          (revoked.batch !== undefined && isOfBatch(batch, revoked.batch)) ||
          certificates.some(
            ({ issuer, serial }) => revoked.issuer === issuer && revoked.serial === serial,
          ),
      );
  }

  /** What a kind of chip is called, by the first ten bytes (hex) of its CPLC. */
  platformName(platform: string): string | undefined {
    return this.layers.flatMap(({ file }) => file.platforms).find(({ id }) => id === platform)
      ?.name;
  }

  private entries(familyId: string): readonly LayeredEntry[] {
    return this.layers.flatMap((layer) => {
      const entry = Object.hasOwn(layer.file.families, familyId)
        ? layer.file.families[familyId]
        : undefined;
      return entry === undefined ? [] : [{ entry, layer }];
    });
  }
}

function productOfBatch(
  products: readonly Product[],
  batch: string | undefined,
): Product | undefined {
  if (batch === undefined) return undefined;
  return (
    products.find(({ batches }) => batches.includes(batch)) ??
    products.find(({ batches }) => batches.some((pattern) => isOfBatch(batch, pattern)))
  );
}

/** @param pattern a whole batch, or with `*` at its end the beginning of some */
function isOfBatch(batch: string | undefined, pattern: string): boolean {
  if (batch === undefined) return false;
  return pattern.endsWith('*') ? batch.startsWith(pattern.slice(0, -1)) : batch === pattern;
}
