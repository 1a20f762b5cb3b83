/** Certificates read: what is read of them, and that node:crypto reads the same. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { sha256 } from '../../../src/bytes/sha256.ts';
import { MalformedError } from '../../../src/trust/der.ts';
import {
  type Certificate,
  certificateFromBase64,
  parseCertificate,
} from '../../../src/trust/x509/certificate.ts';
import { signatureHolds } from '../../../src/trust/x509/remembered.ts';
import { bits, oid, sequence, set, tlv, utf8String } from '../der-encode.ts';
import { ca, name, spkiOf } from './build.ts';
import { card, issuer, issuerKey, rootKey } from './chain.ts';
import { limbo } from './limbo.ts';
import { fromPem } from './pem.ts';
import { satochipFiles, satochipText } from './satochip.ts';

describe('a certificate', () => {
  it('tells what it holds', () => {
    const der = issuer();
    const read = parseCertificate(der);
    expect(read).toMatchObject({
      der,
      sha256: sha256(der),
      version: 3,
      serialHex: '80',
      algorithm: { oid: '1.2.840.10045.4.3.2', parameters: new Uint8Array() },
      issuer: { der: name('Root'), commonName: 'Root' },
      subject: { attributes: [{ type: '2.5.4.3', value: 'Issuer' }] },
      notBefore: Date.UTC(2020, 0, 1),
      notAfter: Date.UTC(2040, 0, 1),
      publicKey: { algorithm: 'P-384', spki: spkiOf(issuerKey) },
      basicConstraints: { ca: true, pathLength: 0 },
      keyUsage: new Set(['keyCertSign', 'cRLSign']),
      subjectKeyId: sha256(spkiOf(issuerKey)).slice(0, 20),
      authorityKeyId: sha256(spkiOf(rootKey)).slice(0, 20),
    });
    expect(read.extensions.map(({ oid: id, critical }) => [id, critical])).toEqual([
      ['2.5.29.19', true],
      ['2.5.29.15', true],
      ['2.5.29.14', false],
      ['2.5.29.35', false],
    ]);
    expect(read.extendedKeyUsage).toBeUndefined();
  });

  it('is read from a part of a larger array, and does not change with it', () => {
    const der = card();
    const larger = concat(Uint8Array.of(1, 2), der, Uint8Array.of(3));
    const read = parseCertificate(larger.subarray(2, -1));
    larger.fill(0);
    expect(read.der).toEqual(der);
    expect(read.subject.der).toEqual(name('Card'));
  });

  it('is read from base64 on one line', () => {
    const text = Buffer.from(card()).toString('base64');
    expect(certificateFromBase64(text).subject.commonName).toBe('Card');
    expect(() => certificateFromBase64(text.slice(0, -8))).toThrow(MalformedError);
    expect(() => certificateFromBase64('')).toThrow(MalformedError);
  });

  it('is signed by its issuer in an algorithm that is known, or not at all', () => {
    const above = parseCertificate(issuer());
    expect(signatureHolds(above, parseCertificate(card()))).toBe(true);
    expect(signatureHolds(above, parseCertificate(card({ signer: rootKey })))).toBe(false);
    const unknown = card({ algorithm: sequence(oid('1.2.3')) });
    expect(signatureHolds(above, parseCertificate(unknown))).toBe(false);
  });

  it('may have a path length of 2^31 less one', () => {
    const read = parseCertificate(issuer({ extensions: { ca: ca(2 ** 31 - 1) } }));
    expect(read.basicConstraints).toEqual({ ca: true, pathLength: 2 ** 31 - 1 });
  });

  it('of version 2 has no extensions', () => {
    const plain = card({ version: 1, extensions: {} });
    expect(parseCertificate(plain)).toMatchObject({ version: 2, extensions: [] });
    expect(parseCertificate(card({ version: undefined, extensions: {} })).version).toBe(1);
  });

  it('names everything that is a text', () => {
    const part = (type: string, value: Uint8Array) => sequence(oid(type), value);
    const latin = (tag: number, text: string) => tlv(tag, Buffer.from(text, 'latin1'));
    const subject = sequence(
      set(part('2.5.4.6', latin(0x13, 'BE'))),
      set(part('2.5.4.10', latin(0x14, 'Caf\xe9'))),
      set(part('2.5.4.11', tlv(0x1e, fromHex('00410142')))),
      set(part('2.5.4.5', latin(0x16, '0001')), part('2.5.4.3', utf8String('first'))),
      set(part('2.5.4.45', bits(Uint8Array.of(1)))),
      set(part('2.5.4.12', utf8String('\ufeffd'))),
      set(part('2.5.4.3', utf8String('a\u202eb\nc'))),
    );
    const read = parseCertificate(card({ subject })).subject;
    expect(read.attributes.map(({ value }) => value)).toEqual([
      'BE',
      'Café',
      'Ał',
      '0001',
      'first',
      '\ufffdd',
      'a\ufffdb\ufffdc',
    ]);
    expect(read.commonName).toBe('a\ufffdb\ufffdc');
  });
});

function read(bytes: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(bytes);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

describe('a second reader', () => {
  const pems = limbo.flatMap((limboCase) => [
    ...limboCase.trusted_certs,
    ...(limboCase.untrusted_intermediates ?? []),
    limboCase.peer_certificate,
  ]);
  const all = [...pems, ...satochipFiles.map(satochipText)].flatMap(fromPem);

  it('agrees about every certificate that both read', () => {
    let both = 0;
    for (const bytes of new Map(all.map((each) => [toHex(each), each])).values()) {
      const ours = read(bytes);
      if (ours === undefined) continue;
      const theirs = new X509Certificate(bytes);
      both += 1;
      expect(ours.serialHex).toBe(theirs.serialNumber.toLowerCase());
      expect(ours.notBefore).toBe(Date.parse(theirs.validFrom));
      expect(ours.notAfter).toBe(Date.parse(theirs.validTo));
      const spki = theirs.publicKey.export({ format: 'der', type: 'spki' });
      expect(ours.publicKey.spki).toEqual(new Uint8Array(spki));
      expect(ours.basicConstraints?.ca ?? false).toBe(theirs.ca);
      expect(toHex(ours.sha256)).toBe(theirs.fingerprint256.replaceAll(':', '').toLowerCase());
      // node:crypto gives no DER of names; what it says of them as text must be ours, part by part.
      const text = (shown: string | undefined) => (shown ?? '').split('\n').filter(Boolean);
      for (const [own, other] of [
        [ours.subject, text(theirs.subject)],
        [ours.issuer, text(theirs.issuer)],
      ] as const) {
        expect(own.attributes.map(({ value }) => value)).toEqual(
          other.map((part) => part.replace(/^[^=]+=/, '')),
        );
        // And they are bytes of the certificate that stand there once at least.
        expect(Buffer.from(bytes).includes(Buffer.from(own.der))).toBe(true);
      }
    }
    expect(both).toBeGreaterThan(300);
  });
});
