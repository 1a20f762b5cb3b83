/**
 * A certificate held against the revocation lists of its issuer (RFC 5280 section 6.3.3, for complete
 * lists that the issuer of the certificate signs itself).
 *
 * A list belongs to an issuer by its name. Of several, one that can be used is enough, because they
 * hold the same numbers or it is a newer one that leaves some out; but any that is signed and lists
 * the certificate revokes it, even where its time is over: what was revoked stays so.
 */
import { equal } from '../../bytes/bytes.ts';
import { verifySignature } from '../signature.ts';
import { signatureAlgorithmOf } from './algorithm.ts';
import type { Certificate } from './certificate.ts';
import type { RevocationList } from './crl.ts';
import type { PathProfile } from './profile.ts';
import { checkAlgorithm, dateText, type Fault, fault } from './rules.ts';

/**
 * @param lists those that are there, of any issuer
 * @param at milliseconds since 1970, whole seconds
 * @returns revoked, or unchecked when there are lists of this issuer and none can be used; undefined
 *   when a list does not name the certificate, and when there is none of this issuer
 */
export function checkRevocation(
  certificate: Certificate,
  issuer: Certificate,
  lists: readonly RevocationList[],
  profile: PathProfile,
  at: number,
): { readonly result: 'revoked' | 'unchecked'; readonly fault: Fault } | undefined {
  const own = lists.filter((list) => equal(list.issuer, certificate.issuer.der));
  const authentic = own.filter((list) => checkAuthentic(list, issuer, profile) === undefined);
  if (authentic.some((list) => list.revoked.has(certificate.serialHex))) {
    const { serialHex } = certificate;
    const got = `${serialHex}, which is in the list`;
    return {
      result: 'revoked',
      fault: fault('revocation', 'serial number', got, 'none of the list'),
    };
  }
  const faults = own.map((list) => checkAuthentic(list, issuer, profile) ?? checkTime(list, at));
  const [first] = faults;
  if (first === undefined || faults.includes(undefined)) return undefined;
  return { result: 'unchecked', fault: first };
}

/** The issuer signed the list, was allowed to, and all of it can be understood. */
function checkAuthentic(
  list: RevocationList,
  issuer: Certificate,
  profile: PathProfile,
): Fault | undefined {
  const unfit = checkAlgorithm(list.algorithm, issuer, profile);
  if (unfit !== undefined) {
    return fault('revocation', `${unfit.field} of the list`, unfit.got, unfit.expected);
  }
  const algorithm = signatureAlgorithmOf(list.algorithm);
  if (
    algorithm === undefined ||
    !verifySignature(issuer.publicKey, algorithm, list.tbs, list.signature)
  ) {
    const field = 'signature of the list';
    return fault('revocation', field, 'one that does not hold', 'one that holds');
  }
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('cRLSign')) {
    const got = [...issuer.keyUsage].join(', ');
    return fault('revocation', 'key usage of the issuer', got, 'cRLSign');
  }
  const [critical] = list.criticalExtensions;
  if (critical !== undefined) {
    return fault('revocation', `extension ${critical} of the list`, 'critical', 'not critical');
  }
  return undefined;
}

/** A list without an end would let somebody hold back all that follow: it is taken for stale. */
function checkTime(list: RevocationList, at: number): Fault | undefined {
  const { thisUpdate, nextUpdate } = list;
  if (at < thisUpdate) {
    return fault('revocation', 'list from', dateText(thisUpdate), `${dateText(at)} or earlier`);
  }
  if (nextUpdate === undefined) {
    return fault('revocation', 'list until', 'nothing', `${dateText(at)} or later`);
  }
  if (at > nextUpdate) {
    return fault('revocation', 'list until', dateText(nextUpdate), `${dateText(at)} or later`);
  }
  return undefined;
}
