/**
 * A certificate held against the revocation lists of its issuer (RFC 5280 section 6.3.3, for complete
 * lists that the issuer of the certificate signs itself).
 *
 * A list belongs to an issuer by its name. Of several, one that can be used is enough, because they
 * hold the same numbers or it is a newer one that leaves some out; but any that is signed and lists
 * the certificate revokes it, even where its time is over: what was revoked stays so.
 *
 * Whether a key signed a list is remembered with the list: thousands of cards share a few lists, and
 * to hash one of 4 MiB for each card would be most of the work.
 */
import { equal } from '../../bytes/bytes.ts';
import { remembered } from '../memo.ts';
import { parsePublicKey, verifySignature } from '../signature.ts';
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
  const own = lists
    .filter((list) => equal(list.issuer, certificate.issuer.der))
    .map((list) => ({ list, unfit: checkAuthentic(list, issuer, profile) }));
  const { serialHex } = certificate;
  if (own.some(({ list, unfit }) => unfit === undefined && list.revoked.has(serialHex))) {
    const got = `${serialHex}, which is in the list`;
    return {
      result: 'revoked',
      fault: fault('revocation', 'serial number', got, 'none of the list'),
    };
  }
  const faults = own.map(({ list, unfit }) => unfit ?? checkTime(list, at));
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
  if (!isSignedBy(list, issuer)) {
    const field = 'signature of the list';
    return fault('revocation', field, 'not by the key of the issuer', 'by the key of the issuer');
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

/** By list, and in it by key. What is in a list that parseCrl read does not change. */
const signers = new WeakMap<RevocationList, (spki: Uint8Array) => boolean>();

function isSignedBy(list: RevocationList, issuer: Certificate): boolean {
  const known = signers.get(list);
  if (known !== undefined) return known(issuer.publicKey.spki);
  const check = remembered(16, (spki) => {
    const key = parsePublicKey(spki);
    const algorithm = signatureAlgorithmOf(list.algorithm);
    if (key === undefined || algorithm === undefined) return false;
    return verifySignature(key, algorithm, list.tbs, list.signature);
  });
  signers.set(list, check);
  return check(issuer.publicKey.spki);
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
