/**
 * AlgorithmIdentifier of signatures: SEQUENCE { algorithm OID, parameters } (RFC 5280 section
 * 4.1.1.2). Parameters are absent for ECDSA (RFC 5758 section 3.2; with SHA-1, RFC 3279 section 2.2.3)
 * and Ed25519 (RFC 8410 section 3). For RSA they are NULL, and whoever reads has to accept that they
 * are absent (RFC 4055 section 5); with SHA-1 they are NULL alone (RFC 3279 section 2.2.1).
 */
import { equal } from '../../bytes/bytes.ts';
import { type Element, Fields, readOid, Tag } from '../der.ts';
import type { SignatureAlgorithm } from '../signature.ts';

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** The DER of the parameters; empty when there are none. */
  readonly parameters: Uint8Array;
}

const none = new Uint8Array();
const asn1Null = Uint8Array.of(5, 0);

/** The forms that the parameters may have. */
type Forms = readonly Uint8Array[];

const algorithms: Readonly<Record<string, readonly [SignatureAlgorithm, Forms]>> = {
  '1.2.840.10045.4.1': ['ecdsa-SHA1', [none]],
  '1.2.840.10045.4.3.2': ['ecdsa-SHA256', [none]],
  '1.2.840.10045.4.3.3': ['ecdsa-SHA384', [none]],
  '1.2.840.10045.4.3.4': ['ecdsa-SHA512', [none]],
  '1.3.101.112': ['Ed25519', [none]],
  '1.2.840.113549.1.1.5': ['RSA-SHA1', [asn1Null]],
  '1.2.840.113549.1.1.11': ['RSA-SHA256', [asn1Null, none]],
  '1.2.840.113549.1.1.12': ['RSA-SHA384', [asn1Null, none]],
  '1.2.840.113549.1.1.13': ['RSA-SHA512', [asn1Null, none]],
};

/** @throws MalformedError */
export function readAlgorithm(element: Element, field: string): AlgorithmIdentifier {
  const fields = new Fields(element, field);
  const oid = readOid(fields.take(Tag.oid, field), field);
  const parameters = fields.anyIf()?.whole ?? none;
  fields.end();
  return { oid, parameters };
}

/** The algorithm that is meant, or undefined for an unknown one and for other parameters. */
export function signatureAlgorithmOf(
  identifier: AlgorithmIdentifier,
): SignatureAlgorithm | undefined {
  const [name, forms = []] = algorithms[identifier.oid] ?? [];
  return forms.some((form) => equal(identifier.parameters, form)) ? name : undefined;
}
