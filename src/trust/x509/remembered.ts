/** Signatures of certificates; those of issuers are remembered: thousands of cards share a few of them. */
import { remembered } from '../memo.ts';
import { verifySignature } from '../signature.ts';
import { signatureAlgorithmOf } from './algorithm.ts';
import { type Certificate, parseCertificate } from './certificate.ts';

/** True when the signature of the second certificate is by the key of the first. Both in DER. */
export const rememberedSignature: (issuer: Uint8Array, certificate: Uint8Array) => boolean =
  remembered(256, (issuer, certificate): boolean =>
    signatureHolds(parseCertificate(issuer), parseCertificate(certificate)),
  );

/** True when the signature of the certificate is by the issuer's key; any known algorithm. */
export function signatureHolds(issuer: Certificate, certificate: Certificate): boolean {
  const algorithm = signatureAlgorithmOf(certificate.algorithm);
  if (algorithm === undefined) return false;
  return verifySignature(issuer.publicKey, algorithm, certificate.tbs, certificate.signature);
}
