/**
 * From the certificates that a card shows to a pinned root. Cards as a rule carry their own certificate
 * alone; what stands between it and the root is the registry's.
 *
 * Nothing is searched for: only the paths that the registry writes down are tried, and of these the
 * ones that begin with the issuer that the card's certificate names.
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { EvidenceError } from '../errors/error.ts';
import type { KnownRoot } from './registry-layer.ts';
import type { KnownPath } from './registry-paths.ts';
import { type Certificate, parseCertificate } from './x509/certificate.ts';
import type { RevocationList } from './x509/crl.ts';
import {
  ofAnotherKey,
  type PathException,
  type PathFault,
  type PathProfile,
  validatePath,
} from './x509/path.ts';
import { signatureHolds } from './x509/remembered.ts';

/** A path that holds, by way of the registry. */
export interface HeldChain {
  readonly result: 'held';
  readonly root: KnownRoot;
  /** From the card's certificate to the root's. */
  readonly path: readonly Certificate[];
  /** Deviations of this maker that were needed. */
  readonly exceptions: readonly PathException[];
  readonly issuerName?: string | undefined;
  /** True when the issuer may sign cards of this product alone, or of a few with it. */
  readonly bindsProduct: boolean;
}

/**
 * A path whose signatures hold, and that stops all the same: at a revocation list, at the time of one of
 * its certificates, or at the form of the card's own.
 */
export interface StoppedChain {
  readonly result: 'revoked' | 'unchecked' | 'undated' | 'unfit';
  readonly fault: PathFault;
  readonly root: KnownRoot;
  /** From the card's certificate to the root's. */
  readonly path: readonly Certificate[];
}

/** As `PathResult`: what could not be checked is neither held nor refuted. */
export type ChainOutcome =
  | HeldChain
  | StoppedChain
  | { readonly result: 'refuted'; readonly fault: PathFault }
  | { readonly result: 'unknown-issuer'; readonly fault: PathFault };

export interface ChainInput {
  /** DER, the card's own first. */
  readonly certificates: readonly Uint8Array[];
  readonly profile: PathProfile;
  readonly paths: readonly KnownPath[];
  /** What the card says that it is. */
  readonly product: string | undefined;
  /** Moment of judging, milliseconds since 1970, UTC. */
  readonly at: number;
  readonly crls: readonly RevocationList[];
}

/**
 * Rules of form for a card's own certificate. Of most makers nobody has published one, so where its issuer
 * did sign it, breaking one of these shows no fake; and no genuine card either.
 */
const ofForm: readonly string[] = [
  'algorithm',
  'critical-extension',
  'extended-key-usage',
  'key-id',
  'key-usage',
  'name-constraints',
  'subject',
];

/**
 * The worst that is known wins, but for a path that holds. Before that goes a root that is refused by
 * name, and what is revoked by one way: no overlay opens another way around it.
 */
export function traceChain(input: ChainInput): ChainOutcome {
  const certificates = withoutKnown(input);
  const last = readLast(certificates);
  if (last === undefined) return fault('refuted', 'form', 'certificate', 'none', 'X.509 in DER');
  const fitting = input.paths.filter(({ between, anchor }) =>
    equal((between[0] ?? anchor).subject.der, last.issuer.der),
  );
  const outcomes = fitting.map((path) => trace(path, { ...input, certificates }));
  const reached = outcomes.filter((outcome) => 'root' in outcome);
  const held = reached.filter(({ result }) => result === 'held');
  const refuted = outcomes.filter((outcome) => outcome.result === 'refuted');
  const best =
    reached.find(({ root }) => root.role !== 'maker') ??
    reached.find(({ result }) => result === 'revoked') ??
    held.find(({ root }) => root.layer.role === 'pinned') ??
    held[0] ??
    reached[0] ??
    refuted.find((outcome) => !ofAnotherKey.includes(outcome.fault.rule)) ??
    refuted[0];
  if (best !== undefined) return best;
  const got = last.issuer.commonName ?? 'no common name';
  return fault('unknown-issuer', 'issuer', 'issuer', got, 'an issuer that the registry lists');
}

/** What a card sends of what the registry holds anyway is left out: it is the registry's that counts. */
function withoutKnown({ certificates, paths }: ChainInput): readonly Uint8Array[] {
  const known = paths.flatMap(({ between, anchor }) => [...between, anchor]);
  const own = certificates.findLastIndex(
    (der, index) => index === 0 || !known.some((each) => equal(each.der, der)),
  );
  return certificates.slice(0, own + 1);
}

/** SubjectPublicKeyInfo hash (hex) of the card's own certificate; undefined where it cannot be read. */
export function leafKeyHash(certificates: readonly Uint8Array[]): string | undefined {
  const leaf = readLast(certificates.slice(0, 1));
  return leaf && toHex(leaf.publicKey.hash);
}

/** A fault for the detail of a check: which certificate, field, got, expected. */
export function describeFault({ certificate, field, got, expected }: PathFault): string {
  const which = certificate === 0 ? "the card's certificate" : `certificate ${certificate + 1}`;
  return `${which}, ${field}: ${got}; expected: ${expected}`;
}

function trace(known: KnownPath, input: ChainInput): ChainOutcome {
  const { between, anchor, root, products, issuerName } = known;
  const { certificates, profile, product, at, crls } = input;
  const outcome = validatePath({
    certificates: [...certificates, ...between.map(({ der }) => der)],
    anchors: [{ certificate: anchor.der, exceptions: root.exceptions }],
    profile,
    at,
    crls,
  });
  switch (outcome.result) {
    case 'unknown-issuer':
      return outcome;
    case 'revoked':
      return { ...outcome, ...wayOf(known, certificates) };
    case 'refuted': {
      const result = milder(outcome.fault, known, certificates);
      if (result === undefined) return outcome;
      return wrongProduct(known, product) ?? stopped(result, outcome.fault, known, certificates);
    }
    case 'unchecked':
      return (
        wrongProduct(known, product) ?? stopped('unchecked', outcome.fault, known, certificates)
      );
    case 'held': {
      const { exceptions } = outcome;
      const bindsProduct = products !== undefined;
      const way = wayOf(known, certificates);
      return (
        wrongProduct(known, product) ?? {
          result: 'held',
          ...way,
          exceptions,
          issuerName,
          bindsProduct,
        }
      );
    }
  }
}

/** A maker's certificate for one product must never pass for another one. */
function wrongProduct(
  { products, issuerName }: KnownPath,
  product: string | undefined,
): ChainOutcome | undefined {
  if (products === undefined || (product !== undefined && products.includes(product))) {
    return undefined;
  }
  const got = issuerName ?? 'an issuer of other products';
  return fault('refuted', 'product', 'issuer', got, `one that signs ${product ?? 'this product'}`);
}

function stopped(
  result: StoppedChain['result'],
  found: PathFault,
  known: KnownPath,
  certificates: readonly Uint8Array[],
): StoppedChain {
  return { result, fault: found, ...wayOf(known, certificates) };
}

/**
 * What a broken rule is worth where every signature holds: out of its time, or in the card's own
 * certificate one of form. Undefined: the chain is refuted.
 */
function milder(
  { certificate, rule }: PathFault,
  known: KnownPath,
  certificates: readonly Uint8Array[],
): 'undated' | 'unfit' | undefined {
  const isDate = rule === 'validity';
  if (!isDate && !(certificate === 0 && ofForm.includes(rule))) return undefined;
  if (!isSigned(wayOf(known, certificates).path)) return undefined;
  return isDate ? 'undated' : 'unfit';
}

/**
 * Each by the next one, up to the root: a fault of form is found before what is wrong further up, and an
 * issuer that the card brings along is nobody until the root's signature says so.
 */
function isSigned(path: readonly Certificate[]): boolean {
  return path.every((each, index) => {
    const issuer = path[index + 1];
    return issuer === undefined || signatureHolds(issuer, each);
  });
}

function wayOf({ root, between, anchor }: KnownPath, certificates: readonly Uint8Array[]) {
  const shown = certificates.map((der) => parseCertificate(der));
  return { root, path: [...shown, ...between, anchor] };
}

function readLast(certificates: readonly Uint8Array[]): Certificate | undefined {
  try {
    return parseCertificate(certificates.at(-1) ?? new Uint8Array());
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}

function fault(
  result: 'refuted' | 'unknown-issuer',
  rule: string,
  field: string,
  got: string,
  expected: string,
): ChainOutcome {
  return { result, fault: { certificate: 0, rule, field, got, expected } };
}
