/** Authorities of a real maker: which verify under which. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { parseCertificate } from '../../../src/trust/x509/certificate.ts';
import { type PathException, validatePath } from '../../../src/trust/x509/path.ts';
import { signatureHolds } from '../../../src/trust/x509/remembered.ts';
import { integer } from '../der-encode.ts';
import { certificate, digitalSignature, ecPair, name } from './build.ts';
import { at, profile } from './chain.ts';
import { products, satochip, satochipFiles } from './satochip.ts';

const kinds = ['', 'test-'] as const;
const algorithms = ['ecdsa-SHA256', 'ecdsa-SHA512'] as const;

describe('the files', () => {
  const readme = readFileSync(new URL('../../vectors/satochip/README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| (\S+\.cert) \| ([0-9a-f]{64}) \|$/gm)];

  it('have the hashes that their README tells', () => {
    expect(rows.map(([, file]) => file).sort()).toEqual([...satochipFiles].sort());
    for (const [, file = '', hash] of rows) {
      expect(toHex(parseCertificate(satochip(file)).sha256)).toBe(hash);
    }
  });
});

describe.each(products)('the authority for %s', (product) => {
  const read = (file: string) => parseCertificate(satochip(file));

  it('verifies under its own root alone', () => {
    for (const kind of kinds) {
      for (const root of kinds) {
        const holds = signatureHolds(read(`${root}ca.cert`), read(`${kind}subca-${product}.cert`));
        expect(holds).toBe(root === kind);
      }
    }
  });

  it('goes by the name of the one for tests, and has another key', () => {
    const [real, test] = kinds.map((kind) => read(`${kind}subca-${product}.cert`));
    const common = (certificate: typeof real) => certificate?.subject.commonName?.toLowerCase();
    expect(common(real)).toBe(common(test));
    expect(real?.publicKey.hash).not.toEqual(test?.publicKey.hash);
  });

  const validate = (kind: string, root: string, ...exceptions: PathException[]) => {
    // A card's certificate under it cannot be made, so the authority stands where a card would.
    const anchors = [{ certificate: satochip(`${root}ca.cert`), exceptions }];
    const certificates = [satochip(`${kind}subca-${product}.cert`)];
    return validatePath({ certificates, anchors, profile: { ...profile, algorithms }, at });
  };

  it('is no card', () => {
    expect(validate('', '', 'no-authority-key-id')).toMatchObject({
      result: 'refuted',
      fault: { certificate: 0, rule: 'leaf', got: 'CA' },
    });
  });

  it('is told from the one for tests', () => {
    expect(validate('test-', '')).toMatchObject({ result: 'unknown-issuer' });
    expect(validate('', 'test-')).toMatchObject({ result: 'unknown-issuer' });
  });

  it('does not vouch for a card that another key signed in its name', () => {
    const sub = read(`subca-${product}.cert`);
    const key = ecPair('secp256k1');
    const forged = certificate({
      subject: name('a card'),
      issuer: sub.subject.der,
      key,
      signer: key,
      serial: integer(9),
      extensions: { usage: digitalSignature },
    });
    const anchors = [{ certificate: satochip('ca.cert'), exceptions: [] }];
    const certificates = [forged, sub.der];
    const result = validatePath({
      certificates,
      anchors,
      profile: { ...profile, algorithms },
      at,
    });
    expect(result).toMatchObject({
      result: 'refuted',
      fault: { certificate: 0, rule: 'signature' },
    });
  });
});
