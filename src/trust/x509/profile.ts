/** What a path is checked against, and what may come out. The rules are in path.ts. */
import type { KeyAlgorithm, SignatureAlgorithm } from '../signature.ts';
import type { Certificate } from './certificate.ts';
import type { KeyUsage } from './extensions.ts';

/**
 * Where a genuine maker's certificates differ from RFC 5280. Each is named for one anchor, never for
 * all, and a result tells which of them were needed.
 *
 *   dates-ignored                   any certificate, the anchor too: outside of its time
 *   no-key-usage                    any certificate: no key usage where one is asked for
 *   no-authority-key-id             any certificate: no authority key identifier
 *   no-subject-key-id               an issuer or the anchor: no subject key identifier
 *   critical-key-id                 any certificate: a key identifier that is critical
 *   non-critical-basic-constraints  an issuer or the anchor: basic constraints not critical
 *   no-basic-constraints            the anchor alone
 *   version-1                       the anchor alone: version 1 or 2, which have no extensions
 *
 * The last two stop at the anchor because below it they would make a CA of every card: whoever has
 * the key of one genuine card could sign others.
 */
export const pathExceptions = [
  'dates-ignored',
  'no-key-usage',
  'no-authority-key-id',
  'no-subject-key-id',
  'critical-key-id',
  'non-critical-basic-constraints',
  'no-basic-constraints',
  'version-1',
] as const;

export type PathException = (typeof pathExceptions)[number];

/** A certificate that is trusted because the registry says so, and for nothing in it. */
export interface Anchor {
  readonly certificate: Uint8Array;
  readonly exceptions: readonly PathException[];
}

/** What a card family demands. */
export interface PathProfile {
  /** The algorithms that certificates and revocation lists may be signed with. */
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly leaf: {
    readonly keys: readonly KeyAlgorithm[];
    /** A use that the leaf's key usage must name. */
    readonly keyUsage?: KeyUsage;
    /**
     * OID of a purpose that the leaf's extended key usage must name. An issuer that has the extension
     * must name it as well, or any purpose.
     */
    readonly extendedKeyUsage?: string;
    /** OIDs of extensions that the family itself reads: they may be critical in the leaf. */
    readonly extensions?: readonly string[];
  };
}

/** Names of the rules, as path.ts numbers and tells them. */
export type PathRule =
  | 'size'
  | 'form'
  | 'self-signed'
  | 'issuer'
  | 'key-id'
  | 'algorithm'
  | 'signature'
  | 'critical-extension'
  | 'name-constraints'
  | 'version'
  | 'subject'
  | 'basic-constraints'
  | 'key-usage'
  | 'path-length'
  | 'validity'
  | 'leaf'
  | 'extended-key-usage'
  | 'revocation';

/** Rules that any issuer of the same name breaks: what another candidate says tells more. */
export const ofAnotherKey: readonly string[] = ['key-id', 'algorithm', 'signature'];

/** The first rule that is broken: by which certificate, where, what stands there, what should. */
export interface PathFault {
  /** 0 is the leaf; the anchor has the number after the last certificate. */
  readonly certificate: number;
  /** A `PathRule`; whoever builds on paths may have further ones. */
  readonly rule: string;
  readonly field: string;
  readonly got: string;
  readonly expected: string;
}

export type PathResult =
  | {
      readonly result: 'held';
      readonly anchor: Anchor;
      /** From the leaf to the anchor. */
      readonly path: readonly Certificate[];
      /** Those that were needed, each once, in the order of `pathExceptions`. */
      readonly exceptions: readonly PathException[];
    }
  /** A rule is broken, or a signature is wrong. */
  | { readonly result: 'refuted'; readonly fault: PathFault }
  /** A certificate stands in a revocation list that its issuer signed. */
  | { readonly result: 'revoked'; readonly fault: PathFault }
  /** The last certificate names an issuer that is none of the anchors. */
  | { readonly result: 'unknown-issuer'; readonly fault: PathFault }
  /** A revocation list of an issuer in the path cannot be used: it is not known what it would say. */
  | { readonly result: 'unchecked'; readonly fault: PathFault };
