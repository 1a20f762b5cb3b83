/** The formulas of these tests against recorded answers, then simulated cards beside recorded ones. */
import { describe, expect, it } from 'vitest';
import { KeycardCard } from '../../src/simulator/keycard/card.ts';
import {
  applet32,
  applet40,
  applet310,
  applet312,
  type KeycardProfile,
} from '../../src/simulator/keycard/profile.ts';
import {
  fieldsOf,
  type GoVector,
  parseIdentity,
  type Recording,
  type Response,
  readVector,
  type Synthetic,
  sendHex,
  shapeOf,
  toResponse,
} from './keycard-client.ts';
import {
  caOf,
  handshakeDigest,
  hasHighS,
  hash,
  isSignedBy,
  parseSignature,
  parseTlv,
} from './keycard-formulas.ts';
import { seeded } from './tap-client.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const recordings = ['applet-3.1.0', 'applet-3.2', 'applet-4.0-a61616a'] as const;
const synthetic = readVector<Synthetic>('synthetic');

/** Salt and client key of a recorded handshake, and both halves of its answer. */
function handshakeOf(step: { commandApdu: string; responseApdu: string }) {
  const { data } = toResponse(bytes(step.responseApdu));
  const cardKey = data.subarray(0, 65);
  const digest = handshakeDigest(bytes(step.commandApdu).subarray(5), cardKey);
  return { digest, signature: data.subarray(65) };
}

describe('the formulas of these tests', () => {
  it('bear out the one published answer to IDENTIFY', () => {
    const vector = readVector<GoVector>('identify-go');
    const { certificate, key, signature } = parseIdentity(bytes(vector.responseData));
    const asked = bytes(vector.challenge);
    expect(certificate.toString('hex')).toBe(vector.certificate);
    expect(caOf(certificate)).toBe(vector.recoveredCaPublicKey);
    expect(isSignedBy(signature, asked, key)).toBe(true);
    expect(hasHighS(signature)).toBe(true);
    expect(isSignedBy(signature, hash(asked), key)).toBe(false);
    expect(isSignedBy(signature, hash(key), key)).toBe(false);
  });

  it.each(recordings)('bear out the proofs of %s', (name) => {
    const { steps, certificate, identPublicKey, testCaPublicKey } = readVector<Recording>(name);
    expect(caOf(bytes(certificate))).toBe(testCaPublicKey);
    const key = bytes(identPublicKey);
    let proofs = 0;
    for (const step of steps) {
      const command = bytes(step.commandApdu);
      const { sw, data } = toResponse(bytes(step.responseApdu));
      if (sw !== '9000' || data.length === 0) continue;
      if (command[1] === 0x14) {
        const identity = parseIdentity(data);
        expect(identity.certificate.toString('hex')).toBe(certificate);
        expect(isSignedBy(identity.signature, command.subarray(5), key), step.label).toBe(true);
        expect(isSignedBy(identity.signature, hash(command.subarray(5)), key)).toBe(false);
        proofs += 1;
      }
      if (command[1] === 0x10) {
        const { digest, signature } = handshakeOf(step);
        expect(isSignedBy(signature, digest, key), step.label).toBe(true);
        expect(isSignedBy(signature, hash(digest), key)).toBe(false);
        proofs += 1;
      }
    }
    expect(proofs).toBe(name === 'applet-4.0-a61616a' ? 2 : 5);
  });

  const judged = synthetic.exchanges.filter(
    ({ id, expect: { genuineUnderTestCa } }) =>
      genuineUnderTestCa !== undefined && id !== 'identify-3x-no-cert',
  );

  it.each(judged)(
    'judge $id as its author says',
    ({ id, expect: { genuineUnderTestCa }, ...step }) => {
      const { data } = toResponse(bytes(step.responseApdu));
      if (id.startsWith('open-')) {
        const select = synthetic.exchanges.find(({ id }) => id === 'select-4.0-key-as-coded');
        const certificate = bytes(select?.responseApdu ?? '').subarray(-100, -2);
        expect(caOf(certificate)).toBe(synthetic.testCaPublicKey);
        const { digest, signature } = handshakeOf(step);
        expect(isSignedBy(signature, digest, certificate.subarray(0, 33))).toBe(genuineUnderTestCa);
        return;
      }
      const { certificate, key, signature } = parseIdentity(data);
      const holds =
        isSignedBy(signature, bytes(step.commandApdu).subarray(5), key) &&
        caOf(certificate) === synthetic.testCaPublicKey;
      expect(holds).toBe(genuineUnderTestCa);
    },
  );

  it('judge seven synthetic proofs', () => {
    expect(judged.map(({ expect: { genuineUnderTestCa } }) => genuineUnderTestCa)).toEqual([
      ...[true, true, false, false, false],
      ...[true, false],
    ]);
  });

  it.each(['3006020100020101ff', '30060201800201', '3007020200010201ff', '310602010102010100'])(
    'take %s for no signature',
    (hex) => {
      expect(() => parseSignature(bytes(hex))).toThrow();
    },
  );

  it.each(['02', '0205ff', '02810100', '0282000100', '0283000001ff'])(
    'take %s for no TLV',
    (hex) => {
      expect(() => parseTlv(bytes(hex))).toThrow();
    },
  );
});

/**
 * Tags, lengths and order of an answer, with the numbers that are no keys. Of a DER signature only
 * that it is one: its length depends on chance.
 */
function formOf(command: Buffer, { sw, data }: Response): string {
  if (sw !== '9000' || data.length === 0) return sw;
  if (command[1] === 0x14) {
    const { certificate, signature } = parseIdentity(data);
    parseSignature(signature);
    return `a0 8a:${certificate.length} 30`;
  }
  if (command[1] === 0x10) {
    parseSignature(data.subarray(65));
    return `${data[0]} 65 30`;
  }
  if (data[0] === 0x80) return `80 ${shapeOf(parseTlv(data))} ${data[2]}`;
  if (data[0] !== 0xa4) return `raw ${data.length}`;
  const numbers = fieldsOf({ sw, data }).filter(([, { length }]) => length < 16);
  const head = data.subarray(0, data[1] === 0x81 ? 3 : 2).toString('hex');
  const fields = numbers.map(([tag, value]) => `${tag.toString(16)}=${value.toString('hex')}`);
  return `${head} ${shapeOf(fieldsOf({ sw, data }))} ${fields.join(' ')}`;
}

/** Commands that change a card. They are not obeyed; a card in the next state takes over. */
const ownersCommands = [0xfe, 0xfd, 0x18];

const uncertified = { issuer: 'none', state: 'blank' } as const;
const blank = { issuer: 'test-suite', state: 'blank' } as const;
const setUp = { issuer: 'test-suite', state: 'set-up' } as const;

/** The states of a recorded card: the factory's loading of the certificate stands in none of them. */
function statesOf(applet: KeycardProfile['applet']): KeycardProfile[] {
  return [uncertified, blank, setUp, blank, setUp].map((state) => ({ ...state, applet }));
}

describe.each([
  ['applet-3.1.0', applet310],
  ['applet-3.2', applet32],
  ['applet-4.0-a61616a', applet40],
] as const)('a simulated card beside %s', (name, applet) => {
  const { steps } = readVector<Recording>(name);

  it('gives answers of the recorded form', () => {
    const states = statesOf(applet);
    let card = nextCard();
    let compared = 0;
    for (const [i, step] of steps.entries()) {
      const command = bytes(step.commandApdu);
      const recorded = toResponse(bytes(step.responseApdu));
      // The certificate came, or INIT was repeated, between this step and the one before.
      if (/^SELECT ident$|initialised again/.test(step.label)) card = nextCard(steps[i - 1]);
      if (ownersCommands.includes(command[1] ?? 0)) {
        const before = card.forbiddenCommands;
        expect(sendHex(card, step.commandApdu).sw).toMatch(/^6(?:985|982|d00)$/);
        expect(card.forbiddenCommands, step.label).toBe(before + 1);
        if (recorded.sw === '9000' && step.label !== 'GET STATUS (secured)') card = nextCard(step);
        continue;
      }
      const expected = formOf(command, recorded);
      // Bit 20 in the status byte of 4.0 is the recording simulator's.
      const own = formOf(command, sendHex(card, step.commandApdu));
      expect(own, step.label).toBe(expected.replace('8c=33', '8c=13'));
      compared += 1;
    }
    expect(compared).toBeGreaterThanOrEqual(11);

    function nextCard(after?: { commandApdu: string }): KeycardCard {
      const profile = states.shift();
      if (profile === undefined) throw new Error('the recording changes its card too often');
      const card = new KeycardCard(profile, seeded(name), 'recorded');
      card.reset();
      if (after !== undefined) sendHex(card, '00a4040009a00000080400010101');
      return card;
    }
  });
});

describe('a simulated card beside a synthetic one', () => {
  it.each([
    ['select-3x-uninitialised', { applet: applet312, state: 'blank' }],
    ['select-3.1.0-no-key', { applet: applet310, state: 'set-up' }],
    ['select-3.1.2-key', { applet: applet312, state: 'loaded' }],
    ['select-3.2-key-2-pairings', { applet: applet32, state: 'loaded', pairings: 2 }],
    ['select-ident-applet', { applet: applet32, state: 'blank' }],
    ['select-4.0-uninitialised-as-coded', { applet: applet40, state: 'blank' }],
    ['select-4.0-key-as-coded', { applet: applet40, state: 'loaded' }],
  ] satisfies [string, KeycardProfile][])('gives the form of %s', (name, profile) => {
    const found = synthetic.exchanges.find(({ id }) => id === name);
    const command = bytes(found?.commandApdu ?? '');
    const card = new KeycardCard(profile, seeded(name));
    const recorded = toResponse(bytes(found?.responseApdu ?? ''));
    expect(formOf(command, sendHex(card, command.toString('hex')))).toBe(formOf(command, recorded));
    const other = { ...profile, applet: { ...profile.applet, version: 0x0505, slots: 50 } };
    const changed = sendHex(new KeycardCard(other, seeded(name)), command.toString('hex'));
    const showsVersion = formOf(command, recorded).startsWith('a4');
    expect(formOf(command, changed) !== formOf(command, recorded)).toBe(showsVersion);
  });
});
