/** A good chain of three: root, issuer, card; and what it is validated against. */
import {
  type Anchor,
  type PathException,
  type PathProfile,
  type PathResult,
  validatePath,
} from '../../../src/trust/x509/path.ts';
import { integer, octets, sequence, tlv } from '../der-encode.ts';
import {
  authorityKeyId,
  type CertificateForm,
  ca,
  certAndCrlSign,
  certificate,
  digitalSignature,
  ecPair,
  extension,
  name,
  subjectKeyId,
} from './build.ts';

export const rootKey = ecPair();
export const issuerKey = ecPair('P-384');
export const cardKey = ecPair('secp256k1');

export const rootForm = {
  subject: name('Root'),
  issuer: name('Root'),
  key: rootKey,
  signer: rootKey,
  extensions: { ca: ca(1), usage: certAndCrlSign, ski: subjectKeyId(rootKey) },
};

export const issuerForm = {
  subject: name('Issuer'),
  issuer: name('Root'),
  key: issuerKey,
  signer: rootKey,
  serial: integer(0x80),
  extensions: {
    ca: ca(0),
    usage: certAndCrlSign,
    ski: subjectKeyId(issuerKey),
    aki: authorityKeyId(rootKey),
  },
};

export const cardForm = {
  subject: name('Card'),
  issuer: name('Issuer'),
  key: cardKey,
  signer: issuerKey,
  serial: integer(0x1234),
  extensions: { usage: digitalSignature, aki: authorityKeyId(issuerKey) },
};

type Change = Partial<CertificateForm>;

export const root = (change: Change = {}) => certificate({ ...rootForm, ...change });
export const issuer = (change: Change = {}) => certificate({ ...issuerForm, ...change });
export const card = (change: Change = {}) => certificate({ ...cardForm, ...change });

export const profile: PathProfile = {
  algorithms: ['ecdsa-SHA256'],
  leaf: { keys: ['secp256k1'], keyUsage: 'digitalSignature' },
};

export const at = Date.UTC(2024, 5, 1);

export const anchor = (certificate: Uint8Array, ...exceptions: PathException[]): Anchor => ({
  certificate,
  exceptions,
});

export interface Chain {
  readonly certificates: readonly Uint8Array[];
  readonly anchors: readonly Anchor[];
  readonly profile: PathProfile;
  readonly at: number;
}

export const good: Chain = {
  certificates: [card(), issuer()],
  anchors: [anchor(root())],
  profile,
  at,
};

export const validate = (change: Partial<Chain> = {}): PathResult =>
  validatePath({ ...good, ...change });

export const withoutKey = <T extends object>(value: T, key: keyof T) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

export const cardExtensions = cardForm.extensions;
export const issuerExtensions = issuerForm.extensions;
export const rootExtensions = rootForm.extensions;
export const purpose = '1.3.6.1.4.1.55555.1';
export const unknown = extension('1.3.6.1.4.1.55555.2', true, octets());
export const withLeaf = (change: Partial<PathProfile['leaf']>): PathProfile => ({
  ...profile,
  leaf: { ...profile.leaf, ...change },
});
export const emptyName = sequence();
export const altName = (critical: boolean, ...names: readonly Uint8Array[]) =>
  extension('2.5.29.17', critical, sequence(...names));
export const host = tlv(0x82, new TextEncoder().encode('card.example'));

export type Broken = readonly [
  title: string,
  change: Partial<Chain>,
  fault: readonly [certificate: number, rule: string, field: string, got: string, expected: string],
];

export const cards = (change: Parameters<typeof card>[0]) => ({
  certificates: [card(change), issuer()],
});
export const issuers = (change: Parameters<typeof issuer>[0]) => ({
  certificates: [card(), issuer(change)],
});
export const issuerWith = (change: object) =>
  issuers({ extensions: { ...issuerExtensions, ...change } });
export const cardWith = (change: object) => cards({ extensions: { ...cardExtensions, ...change } });
export const roots = (change: Parameters<typeof root>[0]) => ({ anchors: [anchor(root(change))] });
export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
export const otherKey = ecPair();

export const second = {
  ...issuerForm,
  subject: name('Second'),
  issuer: name('Issuer'),
  signer: issuerKey,
  key: otherKey,
  extensions: { ...issuerExtensions, ski: subjectKeyId(otherKey), aki: authorityKeyId(issuerKey) },
};
export const low = card({
  issuer: name('Second'),
  signer: otherKey,
  extensions: { ...cardExtensions, aki: authorityKeyId(otherKey) },
});
export const signsCards = card({ extensions: { ...cardExtensions, ski: subjectKeyId(cardKey) } });
export const byCard = card({
  subject: name('Third'),
  issuer: name('Card'),
  signer: cardKey,
  extensions: { ...cardExtensions, aki: authorityKeyId(cardKey) },
});

/** The last moment before the chain is valid, and the first after it. */
export const early = Date.UTC(2019, 11, 31, 23, 59, 59) + 999;
export const late = Date.UTC(2040, 0, 1, 0, 0, 1);
