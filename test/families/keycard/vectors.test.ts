/**
 * The published vector, the recordings of the applet in a simulator, and the synthetic exchanges, judged
 * as the README beside them says they must be.
 */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { keycardFamily } from '../../../src/families/keycard/index.ts';
import { prove } from '../../../src/families/keycard/prove.ts';
import { parseCash, parseIdent, parseSelected } from '../../../src/families/keycard/select.ts';
import { recoverSecp256k1, verifySecp256k1Digest } from '../../../src/trust/signature.ts';
import {
  blank,
  command,
  detailsOf,
  evidence,
  exchange,
  hash,
  isGenuineUnder,
  lines,
  load,
  ok,
  type Recording,
  recordings,
  select,
  steps,
} from './cards.ts';

interface Published {
  readonly challenge: string;
  readonly responseData: string;
  readonly identPublicKey: string;
  readonly certificate: string;
  readonly recoveredCaPublicKey: string;
  readonly signatureHasHighS: boolean;
}

const productionCa = '029ab99ee1e7a71bdf45b3f9c58c99866ff1294d2c1e304e228a86e10c3343501c';

describe('the published IDENTIFY answer', () => {
  const published = load<Published>('identify-go');
  const challenge = fromHex(published.challenge);
  const response = concat(fromHex(published.responseData), ok);
  const asked = (answer: Uint8Array, sent = challenge) =>
    evidence([select(blank()), exchange(command.identify(sent), answer)], { identify: challenge });

  it('holds, with its high S, and leads to the CA of that test', () => {
    expect(published.signatureHasHighS).toBe(true);
    const proof = prove(asked(response));
    expect(lines(proof)).toEqual([
      'challenge live held',
      'signature live held',
      'chain chain held',
    ]);
    expect(toHex(proof.key?.publicKey ?? new Uint8Array())).toBe(published.identPublicKey);
    expect(proof.issuers?.map(toHex)).toEqual([published.recoveredCaPublicKey]);
    expect(published.recoveredCaPublicKey).not.toBe(productionCa);
  });

  it('fails with any bit of its signature altered', () => {
    const altered = response.slice();
    const last = altered.length - 3;
    altered[last] = (altered[last] ?? 0) ^ 1;
    expect(lines(prove(asked(altered)))).toContain('signature live refuted');
  });

  it('is foreign to another challenge', () => {
    const other = hash(challenge);
    const foreign = evidence([select(blank()), exchange(command.identify(other), response)], {
      identify: challenge,
    });
    expect(lines(prove(foreign))).toContain('challenge live foreign');
    expect(prove(foreign).key).toBeUndefined();
  });

  it('is over the challenge itself, not over its hash', () => {
    const key = fromHex(published.identPublicKey);
    const signature = fromHex(
      '364c5ca937b7ca42861978f086d206cc569ef0bb2ea4c7de08929c2fcca7434d' +
        'c87699ce4f977e6a7a4800343db9b6842b91ca873e56dfe3327d19a2d01af14e',
    );
    expect(verifySecp256k1Digest(key, challenge, signature)).toBe(true);
    expect(verifySecp256k1Digest(key, hash(challenge), signature)).toBe(false);
  });

  it('gives a meaningless issuer where all 98 bytes are hashed', () => {
    const whole = fromHex(published.certificate);
    const recovery = whole.at(-1) ?? 9;
    const wrong = recoverSecp256k1(hash(whole), whole.subarray(33, -1), recovery);
    expect(wrong && toHex(wrong)).not.toBe(published.recoveredCaPublicKey);
  });
});

type State = readonly [name: string, labels: readonly string[], usage: string];

const threeStates: readonly State[] = [
  [
    'not initialised',
    [
      'SELECT keycard (not initialised)',
      'IDENTIFY (not initialised)',
      'SELECT cash',
      'SELECT ident',
    ],
    'new',
  ],
  [
    'initialised',
    ['SELECT keycard (initialised, no key)', 'IDENTIFY (initialised, not paired)', 'SELECT ident'],
    'initialised',
  ],
  [
    'reset',
    ['SELECT keycard (after reset)', 'IDENTIFY (after reset)', 'SELECT cash', 'SELECT ident'],
    'new',
  ],
  [
    'initialised again, asked with class 00',
    ['SELECT keycard (initialised again)', 'CLA 00 IDENTIFY', 'SELECT ident'],
    'initialised',
  ],
];

const fourStates: readonly State[] = [
  [
    'not initialised',
    ['SELECT keycard (not initialised)', 'OPEN SECURE CHANNEL (not initialised)', 'SELECT ident'],
    'new',
  ],
  [
    'initialised',
    ['SELECT keycard (initialised)', 'OPEN SECURE CHANNEL (initialised)', 'SELECT ident'],
    'initialised',
  ],
  [
    'reset',
    ['SELECT keycard (after reset)', 'OPEN SECURE CHANNEL (not initialised)', 'SELECT ident'],
    'new',
  ],
];

describe.each(recordings)('%s in the simulator', (name) => {
  const recording = load<Recording>(name);
  const isFour = name.startsWith('applet-4');
  const version = isFour ? '4.0' : name === 'applet-3.2' ? '3.2' : '3.1';
  const challenges = (labels: readonly string[]) => {
    const question = steps(recording, labels)[1]?.command ?? new Uint8Array();
    return {
      identify: fromHex(recording.challenge),
      ...(isFour && { channel: question.subarray(5, 37) }),
    };
  };
  const judged = (labels: readonly string[]) =>
    prove(evidence(steps(recording, labels), challenges(labels)));

  it.each([...(isFour ? fourStates : threeStates)])('%s: holds', (_, labels, usage) => {
    const proof = judged(labels);
    expect(lines(proof)).toEqual([
      'challenge live held',
      'signature live held',
      'chain chain held',
      'identification side held',
      'behaviour side held',
    ]);
    expect(isGenuineUnder(proof, recording.testCaPublicKey)).toBe(true);
    expect(isGenuineUnder(proof, productionCa)).toBe(false);
    expect(toHex(proof.key?.publicKey ?? new Uint8Array())).toBe(recording.identPublicKey);
    expect(proof.firmware).toEqual({ value: version, authority: 'reported' });
    expect(proof.usage?.value).toBe(usage);
  });

  it.each([...(isFour ? fourStates : threeStates)])('%s: fails when altered', (_, labels) => {
    const transcript = steps(recording, labels);
    const answered = transcript[1];
    if (answered === undefined) throw new Error('no question');
    const response = answered.response.slice();
    const last = response.length - 3;
    response[last] = (response[last] ?? 0) ^ 0x01;
    const altered = transcript.with(1, { ...answered, response });
    expect(lines(prove(evidence(altered, challenges(labels))))).toContain('signature live refuted');
    const foreign = { identify: hash(ok), channel: hash(ok) };
    expect(lines(prove(evidence(transcript, foreign)))).toContain('challenge live foreign');
  });

  it('without a certificate can prove nothing', () => {
    const asked = isFour ? [] : ['IDENTIFY (no certificate)'];
    const blankLabel = 'SELECT keycard (blank, no certificate)';
    const proof = judged([blankLabel, ...asked, 'SELECT ident (no certificate)']);
    expect(lines(proof)).toEqual(['challenge live incapable', 'chain chain missing']);
    expect(detailsOf(proof)[0]).toContain('no certificate was loaded');
  });

  it('is recognised in every state that it answers in', () => {
    const selects = recording.steps.filter(({ label }) => label.startsWith('SELECT keycard'));
    expect(selects.length).toBeGreaterThanOrEqual(4);
    for (const { responseApdu } of selects) {
      expect(keycardFamily.recognises(fromHex(responseApdu))).toBe(true);
    }
    const others = recording.steps.filter(({ label }) => /^SELECT (?:ident|cash)/.test(label));
    for (const { responseApdu } of others) {
      expect(keycardFamily.recognises(fromHex(responseApdu))).toBe(false);
    }
  });

  const states = isFour ? fourStates : threeStates;
  const [start = '', question = ''] = states[0]?.[1] ?? [];
  it.each(
    recording.steps
      .filter(({ label }) => !/^(?:SELECT|IDENTIFY|CLA 00|OPEN)/.test(label))
      .map(({ label }) => label),
  )('%s is no question of a check', (label) => {
    expect(lines(judged([start, question, label]))).toContain('answers live unreadable');
  });

  it('an IDENTIFY elsewhere is not taken', () => {
    const labels = isFour
      ? [start, 'IDENTIFY (removed)']
      : [start, 'SELECT cash', 'IDENTIFY on cash applet'];
    expect(lines(judged(labels))).toContain('answers live unreadable');
  });

  if (isFour) return;
  it('a challenge of another length is not answered', () => {
    expect(lines(judged([start, 'IDENTIFY 31-byte challenge']))).toContain(
      'challenge live missing',
    );
  });
});

interface Synthetic {
  readonly testCaPublicKey: string;
  readonly certificate: string;
  readonly challenge: string;
  readonly exchanges: readonly {
    readonly id: string;
    readonly commandApdu: string;
    readonly responseApdu: string;
    readonly expect: {
      readonly genuineUnderTestCa?: boolean;
      readonly initialised?: boolean;
      readonly version?: string;
      readonly freeSlots?: number;
      readonly hasKey?: boolean;
      readonly pinTries?: number;
      readonly recoveredCa?: string;
      readonly transcriptHash?: string;
    };
  }[];
}

describe('the synthetic exchanges', () => {
  const { exchanges, testCaPublicKey, ...rest } = load<Synthetic>('synthetic');
  const find = (id: string) => {
    const found = exchanges.find((entry) => entry.id === id);
    if (found === undefined) throw new Error(`no exchange ${id}`);
    return exchange(fromHex(found.commandApdu), fromHex(found.responseApdu));
  };
  const salt = find('open-secure-channel-v2').command.subarray(5, 37);
  const challenges = { identify: fromHex(rest.challenge), channel: salt };
  const named = (prefix: string) => exchanges.filter(({ id }) => id.startsWith(prefix));

  it.each([...named('select-3'), ...named('select-4')])('$id says what it must', (entry) => {
    const selected = parseSelected(fromHex(entry.responseApdu));
    const { initialised, version, freeSlots, hasKey, pinTries } = entry.expect;
    const said = {
      initialised: selected.form === 'three' || (selected.form === 'four' && selected.initialised),
      ...('version' in selected && {
        version: `${selected.version.major}.${selected.version.minor}`,
        hasKey: selected.hasKey,
      }),
      ...('freeSlots' in selected && { freeSlots: selected.freeSlots }),
      ...(selected.form === 'four' && pinTries !== undefined && { pinTries: selected.pinTries }),
    };
    const wanted = { initialised, version, freeSlots, hasKey, pinTries };
    expect(said).toEqual(
      Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
    );
    expect(keycardFamily.recognises(fromHex(entry.responseApdu))).toBe(true);
  });

  it.each(named('identify-3x'))('$id: genuine or not', (entry) => {
    const start = find('select-3.1.0-no-key');
    const proof = prove(evidence([start, find(entry.id)], challenges));
    expect(isGenuineUnder(proof, testCaPublicKey)).toBe(entry.expect.genuineUnderTestCa);
    if (entry.expect.recoveredCa !== undefined) {
      expect(proof.issuers?.map(toHex)).toEqual([entry.expect.recoveredCa]);
    }
  });

  it('each that fails, fails for its own reason', () => {
    const linesOf = (id: string, start = 'select-3.1.0-no-key') =>
      lines(prove(evidence([find(start), find(id)], challenges)));
    expect(linesOf('identify-3x-wrong-key')).toContain('signature live refuted');
    expect(linesOf('identify-3x-no-cert')).toContain('challenge live incapable');
    expect(linesOf('identify-short-challenge')).toContain('challenge live missing');
    expect(linesOf('identify-old-applet')).toContain('challenge live missing');
    expect(linesOf('identify-old-applet')).toContain('behaviour side contradicted');
    expect(linesOf('identify-old-applet', 'select-3x-uninitialised')).toEqual([
      'challenge live incapable',
      'chain chain missing',
    ]);
    // The altered signature of the CA is no key's at all; others would lead to another key.
    const bad = linesOf('identify-3x-bad-cert');
    expect(bad).toContain('signature live held');
    expect(bad).toContain('chain chain refuted');
  });

  it.each(named('select-4'))(
    "$id: a channel opened after it holds, a clone's does not",
    ({ id }) => {
      const held = prove(evidence([find(id), find('open-secure-channel-v2')], challenges));
      expect(isGenuineUnder(held, testCaPublicKey)).toBe(true);
      const clone = prove(evidence([find(id), find('open-secure-channel-v2-clone')], challenges));
      expect(lines(clone)).toContain('signature live refuted');
    },
  );

  it('the channel signs what the vector says', () => {
    const { command: sent, response } = find('open-secure-channel-v2');
    const label = Uint8Array.from(Buffer.from('sc_v2_ccm'));
    const digest = hash(label, sent.subarray(5), response.subarray(0, 65));
    const wanted = named('open-secure-channel-v2')[0]?.expect.transcriptHash;
    expect(toHex(digest)).toBe(wanted);
  });

  it('the other applets say what they must', () => {
    expect(parseCash(find('select-cash').response)).toEqual({ major: 3, minor: 1 });
    const shown = parseIdent(find('select-ident-applet').response);
    expect(toHex(shown?.bytes ?? new Uint8Array())).toBe(rest.certificate);
  });

  it('GET STATUS is never asked', () => {
    const status = find('secured-get-status-v2');
    const proof = prove(evidence([find('select-4.0-key-ber'), status], challenges));
    expect(lines(proof)).toContain('answers live unreadable');
  });
});
