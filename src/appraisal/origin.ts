/**
 * Where a card comes from, as far as the registry can tell: the root at which its chain ends, who
 * signed its number, published keys that it goes by, what of it is revoked. Found out once a verdict.
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { Proof } from '../families/family.ts';
import { type ChainOutcome, describeFault, leafKeyHash, traceChain } from '../trust/chain.ts';
import type { Registry, RevocableNames } from '../trust/registry.ts';
import type { KnownRoot } from '../trust/registry-layer.ts';
import type { Revocation } from '../trust/registry-schema.ts';
import { compressedSecp256k1 } from '../trust/signature.ts';
import type { RevocationList } from '../trust/x509/crl.ts';
import type { PathException, PathFault } from '../trust/x509/path.ts';

export interface Origin {
  /** The root at which the chain ends; undefined where it ends elsewhere, or there is none. */
  readonly anchor?: KnownRoot | undefined;
  /** What the last key before the root is called, where it is known. */
  readonly issuerName?: string | undefined;
  /** For chains of X.509 certificates: how they stand. */
  readonly certificates?: ChainOutcome['result'] | undefined;
  /** What is wrong with them: field, got, expected. */
  readonly fault?: PathFault | undefined;
  /** Deviations of this maker's certificates that were needed. */
  readonly exceptions: readonly PathException[];
  /** True when the maker's own issuer for this product signed the card's key. */
  readonly vouchesForProduct: boolean;
  /** Who signed the number that the card shows: a listed root, nobody we know, or no signature. */
  readonly numberSigner: KnownRoot | 'unknown' | 'none';
  /** A published or development key that the card goes by: a chain to it, a name, a signature. */
  readonly testKey?: KnownRoot | undefined;
  /** How many of the revocation lists given are by an issuer of this chain. */
  readonly listsAsked: number;
  /** What of the card, its batch or its makers is revoked, and why. */
  readonly revocations: readonly { readonly what: string; readonly reason: string }[];
}

/**
 * @param at moment of judging, milliseconds since 1970, UTC
 * @param crls revocation lists of makers, beside the registry's own
 */
export function traceOrigin(
  proof: Proof,
  registry: Registry,
  at: number,
  crls: readonly RevocationList[] = [],
): Origin {
  const { shown } = proof;
  const chain =
    shown &&
    traceChain({
      ...shown,
      paths: registry.paths(proof.family),
      product: proof.product?.value,
      at,
      crls,
    });
  const held = chain?.result === 'held' ? chain : undefined;
  const reached = chain !== undefined && 'root' in chain ? chain : undefined;
  const anchor = shown === undefined ? anchorOfKeys(proof, registry) : reached?.root;
  const numberSigner = numberSignerOf(proof, registry);
  return {
    anchor,
    issuerName: shown === undefined ? lastIssuerName(proof, registry) : held?.issuerName,
    certificates: chain?.result,
    fault: chain === undefined || chain.result === 'held' ? undefined : chain.fault,
    exceptions: held?.exceptions ?? [],
    vouchesForProduct: held?.bindsProduct === true && held.root.role === 'maker',
    numberSigner,
    testKey: testKeyOf(proof, registry, anchor, numberSigner),
    listsAsked: crls.filter(({ issuer }) =>
      held?.path.slice(1).some(({ subject }) => equal(subject.der, issuer)),
    ).length,
    revocations: [
      ...registry
        .revocations(proof.family, revocableNames(proof, anchor, chain))
        .map((revoked) => ({ what: revokedName(revoked), reason: revoked.reason })),
      ...(chain?.result === 'revoked'
        ? [{ what: 'certificate', reason: describeFault(chain.fault) }]
        : []),
    ],
  };
}

function anchorOfKeys(proof: Proof, registry: Registry): KnownRoot | undefined {
  const { family, topSignature, issuers } = proof;
  if (topSignature !== undefined) return registry.signer(family, topSignature);
  const key = issuers?.at(-1);
  return key && registry.root(family, toHex(key));
}

function lastIssuerName(proof: Proof, registry: Registry): string | undefined {
  const key = proof.issuers?.at(-1);
  return key && registry.issuerName(proof.family, toHex(key));
}

function numberSignerOf(proof: Proof, registry: Registry): Origin['numberSigner'] {
  const { family, numberSignature } = proof;
  if (numberSignature === undefined) return 'none';
  return registry.signer(family, numberSignature) ?? 'unknown';
}

function testKeyOf(
  proof: Proof,
  registry: Registry,
  anchor: KnownRoot | undefined,
  numberSigner: Origin['numberSigner'],
): KnownRoot | undefined {
  return [
    anchor,
    ...(proof.namedKeys ?? []).map((key) => registry.root(proof.family, toHex(key))),
    typeof numberSigner === 'string' ? undefined : numberSigner,
  ].find((root) => root !== undefined && root.role !== 'maker');
}

/** Everything by which this card, its batch, or who vouches for it could be revoked. */
function revocableNames(
  proof: Proof,
  anchor: KnownRoot | undefined,
  chain: ChainOutcome | undefined,
): RevocableNames {
  const keys = [
    proof.key?.publicKey ?? proof.shownKey,
    ...(proof.issuers ?? []),
    ...(proof.namedKeys ?? []),
  ].flatMap((key) => (key === undefined ? [] : [toHex(key)]));
  const path = chain !== undefined && 'root' in chain ? chain.path : [];
  // A card whose chain does not hold is revoked by its own key all the same.
  const own = proof.shown && leafKeyHash(proof.shown.certificates);
  const onPath = path.flatMap((each) => compressedSecp256k1(each.publicKey) ?? []).map(toHex);
  return {
    keys: [...keys, ...onPath, ...(anchor?.key === undefined ? [] : [anchor.key])],
    spkis: [...(own === undefined ? [] : [own]), ...path.map((each) => toHex(each.publicKey.hash))],
    certificates: path.slice(0, -1).map(({ serialHex }, index) => ({
      issuer: toHex(path[index + 1]?.publicKey.hash ?? new Uint8Array()),
      serial: serialHex,
    })),
    batch: proof.batch?.value,
  };
}

function revokedName({ key, spki, issuer, serial, batch }: Revocation): string {
  if (key !== undefined) return `key ${key}`;
  if (spki !== undefined) return `key with the SHA-256 ${spki}`;
  return batch === undefined ? `certificate ${serial} by ${issuer}` : `batch ${batch}`;
}
