/** What the shape of a registry cannot say by itself. */
import { equal } from '../bytes/bytes.ts';
import { EvidenceError } from '../errors/error.ts';
import type { FamilyEntry } from './registry-schema.ts';
import { type Certificate, certificateFromBase64 } from './x509/certificate.ts';
import { signatureHolds } from './x509/remembered.ts';

/** Told where in the family's entry something is wrong, and what. */
export type Report = (path: string[], message: string) => void;

/** Names are unique, references lead somewhere, certificates can be read. */
export function checkFamily(family: FamilyEntry, report: Report): void {
  for (const list of ['roots', 'issuers', 'products', 'firmware', 'advisories'] as const) {
    const ids = family[list].map((entry) => entry.id);
    const twice = ids.find((entry, index) => ids.indexOf(entry) !== index);
    if (twice !== undefined) report([list], `"${twice}" is listed twice`);
  }
  checkRoots(family, report);
  checkIssuers(family, report);
  for (const [index, entry] of family.revoked.entries()) {
    const { key, spki, issuer, serial, batch } = entry;
    const named = [key, spki, issuer, batch].filter((name) => name !== undefined).length;
    if (named !== 1 || (issuer === undefined) !== (serial === undefined)) {
      const message = 'one of "key", "spki", "issuer" with "serial", "batch" expected';
      report(['revoked', `${index}`], message);
    }
  }
  const batches = family.products.flatMap((entry) => entry.batches);
  const shared = batches.find((entry, index) => batches.indexOf(entry) !== index);
  if (shared !== undefined) report(['products'], `batch "${shared}" is listed twice`);
  const known = new Set(family.advisories.map((entry) => entry.id));
  for (const entry of family.firmware) {
    const missing = entry.advisories.find((name) => !known.has(name));
    if (missing !== undefined) {
      report(['firmware', entry.id], `advisory "${missing}" is not in "advisories"`);
    }
  }
}

function checkRoots({ roots }: FamilyEntry, report: Report): void {
  const anchors = roots.map(({ key, certificate }) => key ?? certificate);
  if (new Set(anchors).size !== anchors.length) {
    report(['roots'], 'the same key or certificate is listed twice');
  }
  for (const { id, key, certificate, exceptions } of roots) {
    checkOrigin({ id, key, certificate }, 'roots', report);
    if (certificate === undefined && exceptions.length > 0) {
      report(['roots', id], '"exceptions" without a certificate');
    }
  }
}

function checkIssuers({ issuers, roots, products }: FamilyEntry, report: Report): void {
  for (const { id, key, certificate, root, products: named } of issuers) {
    checkOrigin({ id, key, certificate }, 'issuers', report);
    if ((certificate === undefined) !== (root === undefined)) {
      report(['issuers', id], '"root" belongs to a certificate, and is needed there');
    }
    const above = roots.find((entry) => entry.id === root);
    if (root !== undefined && above?.certificate === undefined) {
      report(['issuers', id], `"${root}" is no root with a certificate in "roots"`);
    } else if (!isSignedBy(certificate, above?.certificate)) {
      // Every genuine card by such an issuer would be called not genuine.
      report(['issuers', id], `"${root}" did not sign this certificate`);
    }
    if (certificate !== undefined && named === undefined && products.length > 1) {
      report(['issuers', id], '"products" is needed where there are several');
    }
    // An overlay may name products of the layer below; a misspelt one then signs no card at all.
    const unknown = named?.find((product) => !products.some((entry) => entry.id === product));
    if (unknown !== undefined && products.length > 0)
      report(['issuers', id], `"${unknown}" is not in "products"`);
  }
}

/** Exactly one of the two, and a certificate that can be read. */
function checkOrigin(
  entry: { id: string; key: string | undefined; certificate: string | undefined },
  list: 'roots' | 'issuers',
  report: Report,
): void {
  const { id, key, certificate } = entry;
  if ((key === undefined) === (certificate === undefined)) {
    report([list, id], 'either "key" or "certificate" expected');
  }
  if (certificate === undefined) return;
  try {
    certificateFromBase64(certificate);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    report([list, id, 'certificate'], error.message);
  }
}

/** True as well where there is nothing to compare, or it cannot be read: that is reported elsewhere. */
function isSignedBy(certificate: string | undefined, above: string | undefined): boolean {
  const lower = readBase64(certificate);
  const upper = readBase64(above);
  if (lower === undefined || upper === undefined) return true;
  return equal(lower.issuer.der, upper.subject.der) && signatureHolds(upper, lower);
}

function readBase64(text: string | undefined): Certificate | undefined {
  if (text === undefined) return undefined;
  try {
    return certificateFromBase64(text);
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}
