/**
 * The same chains judged here and by `openssl verify -x509_strict`. What OpenSSL refuses is never
 * held here; where it accepts and this does not, the case says so.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { type PathProfile, validatePath } from '../../../src/trust/x509/path.ts';
import { describeWith } from '../../support/requirements.ts';
import { oid, sequence } from '../der-encode.ts';
import {
  algorithm,
  authorityKeyId,
  ca,
  certAndCrlSign,
  certificate,
  digitalSignature,
  ecPair,
  name,
  subjectKeyId,
} from './build.ts';
import { allAlgorithms, allKeys } from './limbo.ts';
import { type Form, type KeyKind, keyKinds, opensslMissing, Workshop } from './openssl-chains.ts';

const at = Date.UTC(2024, 5, 1);
const profile: PathProfile = { algorithms: allAlgorithms, leaf: { keys: allKeys } };

const ski = 'subjectKeyIdentifier = hash';
const aki = 'authorityKeyIdentifier = keyid';
/** Without these lines the command adds both by itself. */
const noSki = 'subjectKeyIdentifier = none';
const noAki = 'authorityKeyIdentifier = none';
const someAki = '2.5.29.35 = DER:30:06:80:04:01:02:03:04';
const rights = 'keyUsage = critical, keyCertSign, cRLSign';
const unknown = '1.3.6.1.4.1.55555.2 = critical, DER:05:00';
const caOf = (limit = '') => `basicConstraints = critical, CA:TRUE${limit}`;

const rootForm: Form = { subject: 'Root', key: 'root', extensions: [caOf(), rights, ski] };
const issuerForm: Form = {
  subject: 'Issuer',
  key: 'issuer',
  extensions: [caOf(), rights, ski, aki],
};
const cardForm: Form = {
  subject: 'Card',
  key: 'card',
  extensions: ['keyUsage = critical, digitalSignature', ski, aki],
};

const without = (form: Form, ...lines: readonly string[]): readonly string[] =>
  form.extensions.filter((line) => !lines.includes(line));
const early = { from: '20200101000000Z', until: '20230101000000Z' };
const altered = (der: Uint8Array) => der.with(-1, (der.at(-1) ?? 0) ^ 1);

interface Case {
  readonly title: string;
  readonly root?: Partial<Form>;
  readonly issuer?: Partial<Form>;
  readonly card?: Partial<Form>;
  /** Certificates between issuer and card, from the issuer down. */
  readonly between?: readonly Form[];
  readonly change?: (chain: readonly Uint8Array[]) => readonly Uint8Array[];
  /** The anchor is this one, with the name of the root. */
  readonly otherRoot?: Partial<Form>;
  readonly at?: number;
  /** `held`, or the rule that is broken. */
  readonly ours: string;
  /** Why this is stricter than OpenSSL; left out where both say the same. */
  readonly stricter?: string;
}

const low: Form = { ...issuerForm, subject: 'Low', key: 'low' };
const cardAsIssuer: Form = { ...cardForm, subject: 'First', key: 'low' };

const cases: readonly Case[] = [
  { title: 'good', ours: 'held' },
  {
    title: 'good, with an issuer more',
    between: [low],
    ours: 'held',
  },
  {
    title: 'good, with limits just kept',
    root: { extensions: [caOf(', pathlen:1'), rights, ski] },
    issuer: { extensions: [caOf(', pathlen:0'), rights, ski, aki] },
    ours: 'held',
  },
  { title: 'card expired', card: early, ours: 'validity' },
  { title: 'card not yet valid', card: { from: '20300101000000Z' }, ours: 'validity' },
  { title: 'issuer expired', issuer: early, ours: 'validity' },
  { title: 'issuer not yet valid', issuer: { from: '20300101000000Z' }, ours: 'validity' },
  { title: 'root expired', root: early, ours: 'validity' },
  { title: 'root not yet valid', root: { from: '20300101000000Z' }, ours: 'validity' },
  { title: 'the last second', at: Date.UTC(2040, 0, 1) - 1000, ours: 'held' },
  { title: 'after the last second', at: Date.UTC(2040, 0, 1) + 1000, ours: 'validity' },
  {
    title: 'issuer without basic constraints',
    issuer: { extensions: without(issuerForm, caOf()) },
    ours: 'basic-constraints',
  },
  {
    title: 'issuer that is no CA',
    issuer: {
      extensions: [
        'basicConstraints = critical, CA:FALSE',
        'keyUsage = critical, digitalSignature',
        ski,
        aki,
      ],
    },
    ours: 'basic-constraints',
  },
  {
    title: 'issuer without the right to sign',
    issuer: { extensions: [caOf(), 'keyUsage = critical, digitalSignature', ski, aki] },
    ours: 'key-usage',
  },
  {
    title: 'issuer with a limit and without the right',
    issuer: { extensions: [caOf(', pathlen:0'), 'keyUsage = critical, cRLSign', ski, aki] },
    ours: 'key-usage',
  },
  {
    title: 'issuer without key usage',
    issuer: { extensions: without(issuerForm, rights) },
    ours: 'key-usage',
  },
  {
    title: 'issuer whose basic constraints are not critical',
    issuer: { extensions: ['basicConstraints = CA:TRUE', rights, ski, aki] },
    ours: 'basic-constraints',
  },
  {
    title: 'issuer without extensions',
    issuer: { extensions: [] },
    card: { extensions: [someAki] },
    ours: 'version',
  },
  {
    title: 'root without basic constraints',
    root: { extensions: [rights, ski] },
    ours: 'basic-constraints',
  },
  {
    title: 'root without the right to sign',
    root: { extensions: [caOf(), 'keyUsage = critical, cRLSign', ski] },
    ours: 'key-usage',
  },
  {
    title: 'card that signed a card',
    between: [cardAsIssuer],
    ours: 'basic-constraints',
  },
  {
    title: 'limit of the root passed',
    root: { extensions: [caOf(', pathlen:0'), rights, ski] },
    ours: 'path-length',
  },
  {
    title: 'limit of the issuer passed',
    issuer: { extensions: [caOf(', pathlen:0'), rights, ski, aki] },
    between: [low],
    ours: 'path-length',
  },
  {
    title: 'unknown critical extension of the card',
    card: { extensions: [...cardForm.extensions, unknown] },
    ours: 'critical-extension',
  },
  {
    title: 'unknown critical extension of the issuer',
    issuer: { extensions: [...issuerForm.extensions, unknown] },
    ours: 'critical-extension',
  },
  {
    title: 'unknown critical extension of the root',
    root: { extensions: [...rootForm.extensions, unknown] },
    ours: 'critical-extension',
  },
  {
    title: 'altered signature of the card',
    change: ([card = new Uint8Array(), ...rest]) => [altered(card), ...rest],
    ours: 'signature',
  },
  {
    title: 'altered signature of the issuer',
    change: ([card = new Uint8Array(), issuer = new Uint8Array()]) => [card, altered(issuer)],
    ours: 'signature',
  },
  { title: 'other root of the same name', otherRoot: {}, ours: 'key-id' },
  {
    title: 'other root of the same name without key identifiers',
    otherRoot: { extensions: [caOf(), rights, noSki] },
    ours: 'signature',
  },
  {
    title: 'root of another name',
    otherRoot: { subject: 'Elsewhere', key: 'root' },
    ours: 'issuer',
  },
  {
    title: 'wrong key identifier of the card',
    card: { extensions: [`2.5.29.35 = DER:30:16:80:14:${Array(20).fill('aa').join(':')}`] },
    ours: 'key-id',
  },
  {
    title: 'wrong key identifier of the issuer',
    issuer: {
      extensions: [
        caOf(),
        rights,
        ski,
        `2.5.29.35 = DER:30:16:80:14:${Array(20).fill('aa').join(':')}`,
      ],
    },
    ours: 'key-id',
  },
  {
    title: 'critical key identifier',
    card: { extensions: [`2.5.29.14 = critical, DER:04:04:01:02:03:04`, aki] },
    ours: 'critical-extension',
  },
  {
    title: 'card without the key identifier of its issuer',
    card: { extensions: [ski, noAki] },
    ours: 'key-id',
  },
  {
    title: 'issuer without its key identifier',
    issuer: { extensions: [caOf(), rights, noSki, aki] },
    card: { extensions: [someAki] },
    ours: 'key-id',
  },
  {
    title: 'key identifier with serial number and issuer',
    card: { extensions: [ski, 'authorityKeyIdentifier = keyid, issuer:always'] },
    ours: 'held',
  },
  {
    title: 'certificates in the wrong order',
    change: ([card = new Uint8Array(), issuer = new Uint8Array()]) => [issuer, card],
    ours: 'issuer',
    stricter: 'OpenSSL looks for the issuer itself',
  },
  {
    title: 'bytes after the card',
    change: ([card = new Uint8Array(), ...rest]) => [concat(card, Uint8Array.of(0)), ...rest],
    ours: 'form',
    stricter: 'OpenSSL reads past them',
  },
  {
    title: 'bytes after the issuer',
    change: ([card = new Uint8Array(), issuer = new Uint8Array()]) => [
      card,
      concat(issuer, Uint8Array.of(0)),
    ],
    ours: 'form',
    stricter: 'OpenSSL reads past them',
  },
  { title: 'issuer left out', change: (chain) => chain.slice(0, 1), ours: 'issuer' },
  {
    title: 'issuer for a card',
    change: (chain) => chain.slice(1),
    ours: 'leaf',
    stricter: 'to OpenSSL any certificate may come first',
  },
  {
    title: 'card that is a CA',
    card: { extensions: [caOf(', pathlen:0'), rights, ski, aki] },
    ours: 'leaf',
    stricter: 'to OpenSSL any certificate may come first',
  },
  {
    title: 'card that may sign certificates',
    card: { extensions: ['keyUsage = critical, keyCertSign', ski, aki] },
    ours: 'leaf',
  },
  {
    title: 'name constraints that allow the card',
    issuer: {
      extensions: [...issuerForm.extensions, 'nameConstraints = critical, permitted;DNS:example'],
    },
    ours: 'name-constraints',
    stricter: 'no maker needs them',
  },
  {
    title: 'alternative name that is no host',
    card: { extensions: [...cardForm.extensions, 'subjectAltName = DNS:a_b'] },
    ours: 'form',
    stricter: 'OpenSSL does not look into names',
  },
  {
    title: 'critical purpose that nobody asked for',
    card: { extensions: [...cardForm.extensions, 'extendedKeyUsage = critical, clientAuth'] },
    ours: 'critical-extension',
    stricter: 'a purpose that is not asked for is not processed',
  },
];

interface Chain {
  readonly certificates: readonly Uint8Array[];
  readonly anchor: Uint8Array;
}

async function build(workshop: Workshop, chain: Case): Promise<Chain> {
  const root = await workshop.make({ ...rootForm, ...chain.root });
  const issuer = await workshop.make({ ...issuerForm, by: root.id, ...chain.issuer });
  const certificates = [issuer.der];
  let above = issuer;
  for (const form of chain.between ?? []) {
    above = await workshop.make({ ...form, by: above.id });
    certificates.unshift(above.der);
  }
  const card = await workshop.make({ ...cardForm, by: above.id, ...chain.card });
  certificates.unshift(card.der);
  const other = chain.otherRoot && { ...rootForm, key: 'other', ...chain.otherRoot };
  const anchor = other === undefined ? root : await workshop.make(other);
  return { certificates: chain.change?.(certificates) ?? certificates, anchor: anchor.der };
}

await describeWith('openssl', opensslMissing, 'parameters of RSA', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const root = certificate({
    ...{ subject: name('Root'), issuer: name('Root'), key, signer: key },
    algorithm: algorithm.rsaSha256,
    extensions: { ca: ca(), usage: certAndCrlSign, ski: subjectKeyId(key) },
  });

  test.each<[string, Uint8Array]>([
    ['NULL', algorithm.rsaSha256],
    ['absent', sequence(oid('1.2.840.113549.1.1.11'))],
  ])('may be %s here and there', async (_, chosen) => {
    const workshop = await Workshop.open('RSA');
    const card = certificate({
      ...{ subject: name('Card'), issuer: name('Root'), key: ecPair(), signer: key },
      algorithm: chosen,
      extensions: { usage: digitalSignature, aki: authorityKeyId(key) },
    });
    const anchors = [{ certificate: root, exceptions: [] }];
    try {
      for (const [bytes, holds] of [
        [card, true],
        [altered(card), false],
      ] as const) {
        const { result } = validatePath({ certificates: [bytes], anchors, profile, at });
        expect(result).toBe(holds ? 'held' : 'refuted');
        expect(await workshop.accepts([bytes], root, at)).toBe(holds);
      }
    } finally {
      await workshop.close();
    }
  });
});

await describeWith('openssl', opensslMissing, 'chains of OpenSSL', () => {
  describe.each(Object.keys(keyKinds) as KeyKind[])('%s', (kind) => {
    let workshop: Workshop;
    beforeAll(async () => {
      workshop = await Workshop.open(kind);
    });
    afterAll(() => workshop.close());

    test.each(cases.map((chain) => [chain.title, chain] as const))('%s', async (_, chain) => {
      const { certificates, anchor } = await build(workshop, chain);
      const moment = chain.at ?? at;
      const result = validatePath({
        certificates,
        anchors: [{ certificate: anchor, exceptions: [] }],
        profile,
        at: moment,
      });
      const theirs = await workshop.accepts(certificates, anchor, moment);
      expect(result.result === 'held' ? 'held' : result.fault.rule).toBe(chain.ours);
      const ours = result.result === 'held';
      expect({ ours, theirs }).toEqual({ ours, theirs: ours || chain.stricter !== undefined });
    });
  });
});
