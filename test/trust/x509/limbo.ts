/** The cases of x509-limbo as inputs of validatePath: chains are put in order here, by their names. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EvidenceError } from '../../../src/errors/error.ts';
import type { KeyAlgorithm, SignatureAlgorithm } from '../../../src/trust/signature.ts';
import { parseCertificate } from '../../../src/trust/x509/certificate.ts';
import { parseCrl } from '../../../src/trust/x509/crl.ts';
import { type PathProfile, type PathResult, validatePath } from '../../../src/trust/x509/path.ts';
import { onePem } from './pem.ts';

export interface LimboCase {
  readonly id: string;
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates?: readonly string[];
  readonly peer_certificate: string;
  readonly crls?: readonly string[];
  readonly validation_time?: string;
  readonly expected_result: 'SUCCESS' | 'FAILURE';
  readonly extended_key_usage?: readonly string[];
}

const file = new URL('../../vectors/x509-limbo/limbo.json', import.meta.url);

export const limbo: readonly LimboCase[] = JSON.parse(readFileSync(file, 'utf8')).testcases;

export const allAlgorithms: readonly SignatureAlgorithm[] = [
  'ecdsa-SHA1',
  'ecdsa-SHA256',
  'ecdsa-SHA384',
  'ecdsa-SHA512',
  'Ed25519',
  'RSA-SHA1',
  'RSA-SHA256',
  'RSA-SHA384',
  'RSA-SHA512',
];

export const allKeys: readonly KeyAlgorithm[] = [
  'secp256k1',
  'P-256',
  'P-384',
  'P-521',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
  'Ed25519',
  'RSA',
];

const purposes: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};

/** Chains tried for a case: enough for each of them, few enough for the ones that loop. */
const maxChains = 50;
const maxIntermediates = 4;

/**
 * Each chain of the case validated under all of its anchors; none where no anchor can be read: a
 * registry with such an anchor is refused before any card is seen.
 */
export async function runLimbo(limboCase: LimboCase): Promise<readonly PathResult[]> {
  const leaf = onePem(limboCase.peer_certificate);
  const anchors = limboCase.trusted_certs.map(onePem).filter(isCertificate);
  if (anchors.length === 0) return [];
  const between = (limboCase.untrusted_intermediates ?? []).map(onePem);
  const crls = await Promise.all((limboCase.crls ?? []).map((pem) => parseCrl(onePem(pem))));
  const at = limboCase.validation_time
    ? Date.parse(limboCase.validation_time)
    : Date.UTC(2024, 5, 1);
  const [purpose] = limboCase.extended_key_usage ?? [];
  const profile: PathProfile = {
    algorithms: allAlgorithms,
    leaf: {
      keys: allKeys,
      ...(purpose === undefined ? {} : { extendedKeyUsage: purposes[purpose] ?? purpose }),
    },
  };
  return chainsOf(leaf, between, anchors).map((certificates) =>
    validatePath({
      certificates,
      anchors: anchors.map((certificate) => ({ certificate, exceptions: [] })),
      profile,
      at,
      crls,
    }),
  );
}

/** Lists from the leaf to a certificate whose issuer is an anchor; the leaf alone where there is none. */
function chainsOf(
  leaf: Uint8Array,
  between: readonly Uint8Array[],
  anchors: readonly Uint8Array[],
): readonly (readonly Uint8Array[])[] {
  const subjects = new Set(anchors.map((anchor) => names(anchor).subject));
  const found: (readonly Uint8Array[])[] = [];
  const extend = (chain: readonly Uint8Array[]): void => {
    if (found.length >= maxChains) return;
    const { issuer } = names(chain.at(-1) ?? leaf);
    if (subjects.has(issuer)) found.push(chain);
    if (chain.length > maxIntermediates) return;
    for (const next of between) {
      if (names(next).subject === issuer && !chain.includes(next)) extend([...chain, next]);
    }
  };
  extend([leaf]);
  return found.length === 0 ? [[leaf]] : found;
}

function isCertificate(der: Uint8Array): boolean {
  try {
    return parseCertificate(der).der.length > 0;
  } catch (error) {
    if (error instanceof EvidenceError) return false;
    throw error;
  }
}

/** By node:crypto, so that a case is not put in order by what it tests. */
function names(der: Uint8Array): { readonly subject: string; readonly issuer: string } {
  const { subject, issuer } = new X509Certificate(der);
  return { subject: subject ?? '', issuer: issuer ?? '' };
}
