/** What each card proves, check by check. */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import { keyNumber } from '../../../src/families/key-number.ts';
import { chipObjects, selectCardManager } from '../../../src/families/platform.ts';
import { chipName } from '../../../src/families/satochip/identity.ts';
import {
  encodeSatochipCommand,
  type SatochipCommand,
} from '../../../src/families/satochip/messages.ts';
import { prove } from '../../../src/families/satochip/prove.ts';
import { findingTexts } from '../../../src/report/texts-findings.ts';
import { satochipDemoCertificates } from '../../../src/simulator/satochip/certificates.ts';
import { newSatochip, newSatodime, ownedSatochip } from '../../../src/simulator/satochip/models.ts';
import { buildCertificate } from '../../../src/simulator/satochip/x509.ts';
import { hex, results, talkTo } from './cards.ts';

const held = {
  challenge: 'held',
  signature: 'held',
  certificate: 'held',
  chip: 'held',
  'public-key': 'held',
  'channel-key': 'held',
};
const none = (challenge: string) => ({ challenge, certificate: 'missing' });
const pin = '123456';

describe('the checks of', () => {
  it.each([
    ['genuine', undefined, held],
    ['set-up-satochip', pin, held],
    ['seeded-satochip', pin, held],
    ['used-seedkeeper', pin, held],
    ['claimed-satodime', undefined, held],
    ['new-satochip', undefined, none('not-yet')],
    ['new-seedkeeper', pin, none('not-yet')],
    ['open-pki', undefined, none('not-yet')],
    ['set-up-satochip', undefined, none('locked')],
    ['set-up-satochip', '654321', none('code-refused')],
    ['set-up-seedkeeper', undefined, none('locked')],
    ['last-try', pin, none('locked')],
    ['blocked-pin', pin, none('locked')],
    ['unpersonalised', undefined, none('incapable')],
    ['old-applet', pin, none('incapable')],
    ['old-applet-channel', undefined, none('incapable')],
    [
      'cloned-certificate',
      undefined,
      { ...held, signature: 'refuted', 'channel-key': 'contradicted' },
    ],
    ['replayed', undefined, { ...held, signature: 'refuted', 'channel-key': 'contradicted' }],
    ['foreign-authentikey', undefined, { ...held, 'public-key': 'contradicted' }],
    ['channel-liar', undefined, { ...held, 'channel-key': 'contradicted' }],
    ['other-chip', undefined, { ...held, chip: 'unfit' }],
    ['no-chip-data', undefined, { ...held, chip: 'missing' }],
    ['garbage', undefined, { answers: 'unreadable', certificate: 'missing' }],
    ['oversized', undefined, { answers: 'unreadable', certificate: 'missing' }],
  ])('%s with PIN %s', async (id, accessCode, expected) => {
    const { evidence } = await talkTo(id, accessCode === undefined ? {} : { accessCode });
    const proof = prove(evidence);
    expect(results(proof.checks)).toEqual(expected);
    const live = proof.checks.filter(({ role }) => role === 'live');
    expect(proof.key !== undefined).toBe(live.every(({ result }) => result === 'held'));
  });

  it('a card that refuses to sign', async () => {
    const proof = prove((await talkTo('refuses')).evidence);
    expect(proof.checks.find(({ id }) => id === 'challenge')).toMatchObject({
      result: 'missing',
      detail: 'challenge: the card refused, 6F00',
    });
  });
});

describe('why nothing is signed is said:', () => {
  const detail = async (...[what, how]: Parameters<typeof talkTo>) =>
    prove((await talkTo(what, how)).evidence).checks.find(({ role }) => role === 'live')?.detail;
  it('the last try', async () => {
    expect(await detail('last-try', { accessCode: pin })).toContain('one try is left');
  });
  it('a blocked PIN', async () => {
    expect(await detail('blocked-pin')).toContain('blocked');
  });
  it('an old version', async () => {
    expect(await detail('old-applet')).toBe(
      'version 0.10-0.4: no authenticity feature before 0.12',
    );
  });
  it('a card without a certificate', async () => {
    expect(await detail('unpersonalised')).toContain('never personalised by the maker');
  });
  it('an applet of 0.12 that does not know the question', async () => {
    const release = { ...ownedSatochip.release, hasPki: false, version: [0, 12, 0, 4] as const };
    const what = { applets: [{ ...ownedSatochip, release }] };
    const proof = prove((await talkTo(what, { accessCode: pin })).evidence);
    expect(results(proof.checks)).toMatchObject({ challenge: 'incapable', certificate: 'missing' });
  });
});

const { evidence } = await talkTo('genuine');

/** The evidence with the answer to one command replaced, or without it. */
function saying(prefix: string, response: string | undefined, base = evidence): CardEvidence {
  const transcript = base.transcript.flatMap((exchange) =>
    !toHex(exchange.command).startsWith(prefix)
      ? [exchange]
      : response === undefined
        ? []
        : [{ ...exchange, response: hex(response) }],
  );
  return { ...base, transcript };
}

describe('a refusal of a Satodime means', () => {
  it.each([
    ['9c04', 'not-yet'],
    ['9c06', 'locked'],
    ['6d00', 'incapable'],
    ['6f00', 'missing'],
  ])('%s to the certificate: %s', (sw, result) => {
    const only = saying('b09a', undefined, saying('b0930002', undefined, saying('b0930001', sw)));
    expect(results(prove(only).checks)).toMatchObject({
      challenge: result,
      certificate: 'missing',
    });
  });

  it('a channel that is refused: nothing', () => {
    const proof = prove({ ...evidence, transcript: evidence.transcript.slice(0, 6) });
    expect(results(proof.checks)).toMatchObject({ challenge: 'missing' });
    expect(proof.checks[0]?.detail).toBe('channel: not asked');
  });

  it('slots that are not told: a part is missing', () => {
    expect(results(prove(saying('b050', '6d00')).checks)).toMatchObject({
      ...held,
      slots: 'missing',
    });
  });

  it('a public key that is not told: a part is missing', () => {
    expect(results(prove(saying('b098', '6d00')).checks)).toMatchObject({
      'public-key': 'missing',
    });
  });
});

/** The evidence of a card that shows another certificate. */
function showing(der: Uint8Array): CardEvidence {
  const pieces: CardEvidence['transcript'][number][] = [];
  const make = (command: SatochipCommand, data: Uint8Array) =>
    pieces.push({
      command: encodeSatochipCommand(command),
      response: concat(data, hex('9000')),
      micros: 0,
      disclosure: 'proof',
    });
  make({ name: 'certificate-size' }, Uint8Array.of(der.length >> 8, der.length & 0xff));
  for (let offset = 0; offset < der.length; offset += 128) {
    const data = der.subarray(offset, offset + 128);
    make({ name: 'certificate-piece', offset, size: data.length }, data);
  }
  const isCertificate = ({ command }: { command: Uint8Array }) => command[1] === 0x93;
  const first = evidence.transcript.findIndex(isCertificate);
  const others = evidence.transcript.filter((exchange) => !isCertificate(exchange));
  return { ...evidence, transcript: others.toSpliced(first, 0, ...pieces) };
}

/** A certificate for the key of the card, by nobody, with this common name. */
function certificateFor(commonName: string): Uint8Array {
  return buildCertificate({
    serial: Uint8Array.of(1),
    issuer: { organization: 'nobody', commonName: 'nobody' },
    subject: { organization: 'nobody', commonName },
    validity: { from: '230515120000Z', until: '401201120000Z' },
    publicKey: prove(evidence).key?.publicKey ?? hex(''),
    authority: undefined,
    digest: 'sha256',
    sign: () => hex('3006020101020101'),
  });
}

describe('the certificate', () => {
  const name = chipName(chipObjects(evidence.transcript));

  it('names the chip in capitals, too', () => {
    for (const commonName of [name, name.toUpperCase()]) {
      expect(results(prove(showing(certificateFor(commonName))).checks)).toMatchObject(held);
    }
  });

  it.each(['', 'Satodime', name.slice(1), `${name}0`])(
    'that names something else than a chip is of no form: "%s"',
    (commonName) => {
      const proof = prove(showing(certificateFor(commonName)));
      expect(results(proof.checks)).toMatchObject({ chip: 'unreadable' });
    },
  );

  it('with a key of another kind proves nothing', () => {
    const proof = prove(showing(satochipDemoCertificates.root));
    expect(results(proof.checks)).toMatchObject({
      signature: 'missing',
      certificate: 'unreadable',
    });
    expect(proof.key).toBeUndefined();
    expect(proof.shown).toBeUndefined();
  });

  it('that is none proves nothing', () => {
    const proof = prove(showing(new Uint8Array(300)));
    expect(results(proof.checks)).toMatchObject({
      signature: 'missing',
      certificate: 'unreadable',
    });
    expect(proof.key).toBeUndefined();
    expect(proof.number).toBeUndefined();
  });

  it('of size 0 makes a signature worth nothing', () => {
    const proof = prove(showing(new Uint8Array()));
    expect(results(proof.checks)).toMatchObject({ challenge: 'incapable', certificate: 'missing' });
    expect(proof.key).toBeUndefined();
  });
});

it('a PIN that was blocked meanwhile is no refused code', async () => {
  const { evidence: own } = await talkTo('set-up-satochip', { accessCode: '9999' });
  const proof = prove(saying('b042', '9c0c', own));
  expect(proof.checks[0]).toMatchObject({ result: 'locked', detail: 'PIN: it is blocked' });
});

describe('a SeedKeeper that takes its PIN', async () => {
  const { evidence: own } = await talkTo('used-seedkeeper', { accessCode: pin });

  it('and tells not what it holds, leaves a part out from 0.2 on', () => {
    expect(results(prove(own).checks)).toEqual(held);
    const silent = saying('b0a7', '6d00', own);
    expect(results(prove(silent).checks)).toEqual({ ...held, secrets: 'missing' });
    const first = saying('b03c', '00010001 05010000 00 01 01 01 9000', silent);
    expect(results(prove(first).checks)).toEqual(held);
  });

  it('is told of by its number, and by no other key', () => {
    expect(prove(own).facts).toEqual([
      { code: 'secrets', params: { count: '2' }, authority: 'reported', weight: 'neutral' },
    ]);
  });
});

describe('the chip', () => {
  it('that tells one thing less is another one', () => {
    for (const object of ['80ca9f7f', '80ca0042', '80ca0045']) {
      const proof = prove(saying(object, '6a88'));
      expect(results(proof.checks), object).toMatchObject({ chip: 'unfit' });
    }
  });

  it('that was asked twice is not compared with either answer', () => {
    const { transcript } = evidence;
    const first = transcript.findIndex(({ command }) => command[0] === 0x80);
    const doubled = transcript.toSpliced(first, 0, ...transcript.slice(first, first + 1));
    expect(results(prove({ ...evidence, transcript: doubled }).checks)).toMatchObject({
      chip: 'unfit',
    });
  });

  it('that tells nothing leaves it open', () => {
    const silent = {
      ...evidence,
      transcript: evidence.transcript.filter(({ command }) => command[0] !== 0x80),
    };
    expect(silent.transcript[0]?.command).toEqual(selectCardManager);
    expect(results(prove(silent).checks)).toMatchObject({ chip: 'missing', signature: 'held' });
  });

  it('is named by SHA-1 over its three objects as they came', () => {
    // Made with: printf 9f7f2a...4203abcdef4501ff | xxd -r -p | sha1sum
    const chip = {
      cplc: hex(`9f7f2a${'00'.repeat(42)}`),
      issuerNumber: hex('4203abcdef'),
      cardNumber: hex('4501ff'),
    };
    expect(chipName(chip)).toBe('0785373434c5e49d96706e0804060da77290c7e5');
    expect(chipName({})).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709');
  });
});

describe('the challenge', () => {
  it('of another session is foreign', () => {
    const proof = prove({ ...evidence, nonce: new Uint8Array(32) });
    expect(results(proof.checks)).toMatchObject({ challenge: 'foreign' });
    expect(proof.key).toBeUndefined();
    expect(proof.number?.authority).toBe('reported');
  });
});

describe('what a card says and does must fit', () => {
  const contradicted = (proof: ReturnType<typeof prove>) =>
    proof.checks.filter(({ result }) => result === 'contradicted').map(({ detail }) => detail);

  it('attests, and says that it is not set up', async () => {
    const { evidence: own } = await talkTo('set-up-satochip', { accessCode: pin });
    const proof = prove(saying('b03c', '000c0006 00000000 00 00 00 01 9000', own));
    expect(contradicted(proof)).toEqual(['certificate: given, though the status says not set up']);
  });

  it('attests without its PIN', async () => {
    const { evidence: own } = await talkTo('set-up-satochip', { accessCode: pin });
    expect(contradicted(prove(saying('b042', undefined, own)))).toEqual([
      'certificate: given without a PIN',
    ]);
  });

  it('attests, and says that it is too old to', async () => {
    const { evidence: own } = await talkTo('set-up-satochip', { accessCode: pin });
    const proof = prove(saying('b03c', '000b0001 05010101 00 00 01 01 9000', own));
    expect(contradicted(proof)).toEqual(['certificate: given by too old a version']);
  });

  it('holds a seed, and says that it is not set up', async () => {
    const { evidence: own } = await talkTo('new-satochip');
    const proof = prove(saying('b03c', '000c0006 00000000 00 01 00 01 9000', own));
    expect(contradicted(proof)).toEqual(['status: seeded, and not set up']);
    expect(proof.usage?.value).toBe('seeded');
  });

  it('opens a channel with a key that it does not hold', () => {
    const answer = evidence.transcript.find(({ command }) => command[1] === 0x81)?.response;
    const other = Buffer.from(answer ?? [])
      .toString('hex')
      .replace(/^0020../, '002000');
    expect(contradicted(prove(saying('b081', other)))).toContain(
      'channel: not signed by the key that it shows',
    );
  });
});

describe('a proof', () => {
  it('names card, product, firmware and chip', () => {
    const proof = prove(evidence);
    const key = proof.key?.publicKey ?? hex('');
    expect(proof.number).toEqual({
      value: keyNumber(key),
      authority: 'live',
    });
    expect(proof.number?.value).toMatch(/^([0-9A-F]{4}-){4}[0-9A-F]{4}$/);
    expect(proof.product).toEqual({ value: 'satodime', authority: 'reported' });
    expect(proof.firmware).toEqual({ value: '0.1-0.2', authority: 'reported' });
    expect(proof.platform).toEqual({ value: '4790d321470000000000', authority: 'reported' });
    expect(proof.shown?.certificates.length).toBe(1);
    expect(proof.shown?.profile.leaf.keys).toEqual(['secp256k1']);
    expect(proof.shownKey).toEqual(key);
    expect(proof.key?.perCard).toBe(true);
  });

  it('of a new SeedKeeper tells the key that it goes by, and proves none', async () => {
    const first = prove((await talkTo('new-seedkeeper')).evidence);
    expect(first.key).toBeUndefined();
    expect(first.number).toBeUndefined();
    const [told] = first.facts;
    expect(told).toMatchObject({ code: 'authentikey', authority: 'reported' });
    expect(told?.params['key']).toBe(keyNumber(first.shownKey ?? hex('')));
    for (const { code } of first.facts) expect(findingTexts[code]).toBeDefined();
    // The same card once more, with other random numbers: the same key.
    const again = await talkTo({
      applets: [{ ...newSatodime, isPkiOpen: true }],
      certificate: 'none',
    });
    expect(prove(again.evidence).facts.map(({ code }) => code)).toEqual(['authentikey']);
  });

  it('of a new Satochip names none of the keys that may be its own', async () => {
    const proof = prove((await talkTo({ applets: [newSatochip] })).evidence);
    expect(proof.shownKey).toBeUndefined();
    expect(proof.facts).toEqual([]);
  });
});
