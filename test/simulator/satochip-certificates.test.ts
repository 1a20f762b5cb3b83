/** The demo maker's certificates, judged by OpenSSL through node:crypto. */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { integer, objectIdentifier, octetString } from '../../src/simulator/der.ts';
import { satochipDemoCertificates as demo } from '../../src/simulator/satochip/certificates.ts';
import {
  chipNumbers,
  make,
  open,
  type Product,
  readCertificate,
  sha1Hex,
} from './satochip-client.ts';

const products: readonly Product[] = ['satochip', 'seedkeeper', 'satodime'];
const read = (der: Uint8Array) => new X509Certificate(der);
const leafOf = (caseId: string, unit = 'leaf') =>
  read(readCertificate(open(caseId, 'satodime', unit).channel));

describe('DER', () => {
  it('writes the examples of X.690', () => {
    // 8.19.5: {2 999 3}; 8.1.3.5: lengths.
    expect(toHex(objectIdentifier('2.999.3'))).toBe('0603883703');
    expect(toHex(objectIdentifier('1.2.840.10045.2.1'))).toBe('06072a8648ce3d0201');
    expect(toHex(octetString(new Uint8Array(201))).slice(0, 6)).toBe('0481c9');
    expect(toHex(octetString(new Uint8Array(256))).slice(0, 8)).toBe('04820100');
    expect(() => octetString(new Uint8Array(65_536))).toThrow(RangeError);
  });

  it('writes the shortest number that is not negative', () => {
    expect(toHex(integer(Uint8Array.of(0, 0)))).toBe('020100');
    expect(toHex(integer(Uint8Array.of(0, 0x80)))).toBe('02020080');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
        const der = integer(bytes);
        expect(BigInt(`0x${toHex(der.subarray(2))}`)).toBe(BigInt(`0x${toHex(bytes)}`));
        expect(der[2]).toBeLessThan(0x80);
      }),
    );
  });
});

describe('the authorities', () => {
  it('are the same bytes in every process', () => {
    const all = [demo, demo.foreign].flatMap((maker) =>
      [maker.root, ...products.map((product) => maker[product])].map((der) => toHex(der)),
    );
    expect(new Set(all).size).toBe(8);
    expect(createHash('sha256').update(all.join()).digest('hex')).toMatchInlineSnapshot(
      `"2896d239748fab8218d33d7ce31e86759fd8e8756669a85c6887404cb66f9971"`,
    );
  });

  it.each([
    ['demo', demo],
    ['foreign', demo.foreign],
  ])('of the %s maker form a chain', (_, maker) => {
    const root = read(maker.root);
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(root.publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp384r1');
    for (const product of products) {
      const authority = read(maker[product]);
      expect(authority.ca).toBe(true);
      expect(authority.checkIssued(root)).toBe(true);
      expect(authority.verify(root.publicKey)).toBe(true);
      expect(authority.publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp256k1');
      expect([authority.validFrom, authority.validTo]).toEqual([
        'Dec  1 12:00:00 2020 GMT',
        'Dec  1 12:00:00 2040 GMT',
      ]);
      const altered = Uint8Array.from(maker[product]);
      altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
      expect(read(altered).verify(root.publicKey)).toBe(false);
    }
  });

  it('of the impostor go by the same names, and are other ones', () => {
    for (const product of [...products, 'root'] as const) {
      const [real, fake] = [read(demo[product]), read(demo.foreign[product])];
      expect(fake.subject).toBe(real.subject);
      expect(fake.issuer).toBe(real.issuer);
      expect(fake.checkIssued(read(demo.root))).toBe(true);
      expect(fake.verify(read(demo.root).publicKey)).toBe(false);
    }
  });

  it('have the extensions of the published ones', () => {
    // As in Toporin/pysatochip pysatochip/cert @6f3aa4e: basic constraints (critical), key
    // identifier (20 bytes), key usage (critical), and nothing more.
    const shape = (pathLength: string) =>
      new RegExp(
        `a3453043301206 03551d13 0101ff 0408 300601 01ff0201${pathLength}`.replaceAll(' ', '') +
          '301d0603551d0e04160414[0-9a-f]{40}300e0603551d0f0101ff040403020106',
      );
    expect(toHex(demo.root)).toMatch(shape('01'));
    for (const product of products) {
      expect(toHex(demo[product])).toMatch(shape('00'));
    }
  });
});

describe('device certificates', () => {
  it('are by the authority of their product, for the key and the chip of the card', () => {
    const { card, channel } = open('genuine', 'satodime', 'leaf');
    const leaf = read(readCertificate(channel));
    const key = channel.ask(Buffer.from('b0980000', 'hex')).body;
    expect(leaf.verify(read(demo.satodime).publicKey)).toBe(true);
    expect(leaf.checkIssued(read(demo.satodime))).toBe(true);
    expect(leaf.verify(read(demo.seedkeeper).publicKey)).toBe(false);
    expect(leaf.ca).toBe(false);
    const spki = createPublicKey(leaf.publicKey.export({ format: 'pem', type: 'spki' }));
    expect(spki.export({ format: 'der', type: 'spki' }).subarray(-65)).toEqual(key);
    expect(leaf.subject).toContain(`CN=${sha1Hex(chipNumbers(card))}`);
    expect(Date.parse(leaf.validFrom)).toBeLessThan(Date.UTC(2024, 0, 1));
    expect(Date.parse(leaf.validTo)).toBeGreaterThan(Date.UTC(2039, 0, 1));
  });

  it('are wrong in one way each on cards that are forged', () => {
    const issuer = (leaf: X509Certificate) =>
      products.filter((product) => leaf.verify(read(demo[product]).publicKey));
    const names = (caseId: string) =>
      leafOf(caseId).subject.includes(sha1Hex(chipNumbers(make(caseId, 'leaf'))));
    const facts = (caseId: string) => {
      const leaf = leafOf(caseId);
      const isPast = Date.parse(leaf.validTo) < Date.UTC(2022, 0, 2);
      return [issuer(leaf).join() || 'none', names(caseId), isPast, leaf.ca];
    };
    expect(facts('genuine')).toEqual(['satodime', true, false, false]);
    expect(facts('fake-ca')).toEqual(['none', true, false, false]);
    expect(facts('wrong-product')).toEqual(['seedkeeper', true, false, false]);
    expect(facts('other-chip')).toEqual(['satodime', false, false, false]);
    expect(facts('no-chip-data')).toEqual(['satodime', false, false, false]);
    expect(facts('expired-certificate')).toEqual(['satodime', true, true, false]);
    expect(facts('ca-leaf')).toEqual(['satodime', true, false, true]);
    expect(facts('cloned-certificate')).toEqual(['satodime', true, false, false]);
    expect(leafOf('fake-ca').verify(read(demo.foreign.satodime).publicKey)).toBe(true);
    expect(leafOf('fake-ca').issuer).toBe(leafOf('genuine').issuer);
  });

  it('are the same for the same unit only', () => {
    const [first, again, other] = ['a', 'a', 'b'].map((unit) => leafOf('genuine', unit).raw);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(leafOf('cloned-certificate', 'a').raw).toEqual(leafOf('cloned-certificate', 'b').raw);
  });

  it('of one card with two applets are two, for one chip', () => {
    const dime = read(readCertificate(open('two-applets', 'satodime', 'two').channel));
    const { channel } = open('two-applets', 'satochip', 'two');
    channel.ask(Buffer.from('b042000006313233343536', 'hex'));
    const chip = read(readCertificate(channel));
    expect(chip.verify(read(demo.satochip).publicKey)).toBe(true);
    expect(chip.subject).toBe(dime.subject);
    expect(chip.publicKey.equals(dime.publicKey)).toBe(false);
  });
});
