/** What of a proof is worth more than the card's word, by a second opinion on its certificate. */
import { X509Certificate } from 'node:crypto';
import { toHex } from '../../../src/bytes/hex.ts';
import type { Proof } from '../../../src/families/family.ts';
import type { Product } from '../../../src/families/satochip/constants.ts';
import { satochipDemoCertificates } from '../../../src/simulator/satochip/certificates.ts';

/** True when the demo maker's authority for the product that answered signed the certificate. */
export function isByMaker({ shown, product }: Proof): boolean {
  const [der] = shown?.certificates ?? [];
  if (der === undefined || product === undefined) return false;
  const authority = new X509Certificate(satochipDemoCertificates[product.value as Product]);
  try {
    return new X509Certificate(der).verify(authority.publicKey);
  } catch {
    return false;
  }
}

/** True when everything holds that a verdict "genuine" needs of a proof. */
export function isGenuine(proof: Proof): boolean {
  const needed = proof.checks.filter(({ role }) => role !== 'side');
  const all = needed.every(({ result }) => result === 'held');
  return proof.key !== undefined && all && isByMaker(proof);
}

/** Everything that a signature stands for. */
export function worth(proof: Proof): string[] {
  const { key, product, number, firmware, usage, platform, facts } = proof;
  const claims = Object.entries({ product, number, firmware, usage, platform });
  return [
    ...(key === undefined ? [] : [`key ${toHex(key.publicKey)} ${key.perCard}`]),
    ...claims.flatMap(([name, claim]) =>
      claim === undefined || claim.authority === 'reported' ? [] : [`${name} ${claim.value}`],
    ),
    ...[...(usage?.signals ?? []), ...facts]
      .filter(({ authority }) => authority !== 'reported')
      .map(({ code, params }) => `${code} ${JSON.stringify(params)}`),
    ...(isGenuine(proof) ? [`genuine ${product?.value}`] : []),
  ];
}
