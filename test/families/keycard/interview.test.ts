import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { interview } from '../../../src/families/keycard/interview.ts';
import { prove } from '../../../src/families/keycard/prove.ts';
import { openCard } from '../../../src/reader/card.ts';
import { openVirtualCard, type VirtualReply } from '../../../src/reader/virtual.ts';
import { stepTexts } from '../../../src/report/texts-steps.ts';
import { compressSecp256k1 } from '../../../src/trust/signature.ts';
import {
  blank,
  bytes,
  cash,
  challenge,
  command,
  evidence,
  four,
  hash,
  ident,
  identified,
  lines,
  ok,
  opened,
  sw,
  three,
} from './cards.ts';

const uid = new Uint8Array(32).fill(0x5a);

interface Answers {
  readonly keycard: Uint8Array;
  readonly identify?: Uint8Array;
  readonly cash?: Uint8Array;
  readonly ident?: Uint8Array;
  /** What a channel is answered with; left out: as a genuine card does. */
  readonly channel?: Uint8Array;
}

/** Holds the talk with a card of these answers. */
async function talk(
  answers: Answers,
  random = (length: number) => hash(bytes(1)).slice(0, length),
) {
  const named: Readonly<Record<string, Uint8Array | undefined>> = {
    [toHex(command.keycard)]: answers.keycard,
    [toHex(command.cash)]: answers.cash ?? sw(0x6a82),
    [toHex(command.ident)]: answers.ident ?? sw(0x6a82),
    [toHex(command.identify())]: answers.identify ?? identified(),
  };
  const answer = (sent: Uint8Array): Uint8Array => {
    const known = named[toHex(sent)];
    if (known !== undefined) return known;
    const isOpen = sent[1] === 0x10 && toHex(sent.subarray(5, 37)) === toHex(challenge);
    if (!isOpen) throw new Error(`not asked of any card: ${toHex(sent)}`);
    return answers.channel ?? opened(challenge, undefined, sent.slice(37));
  };
  const card = openCard(
    openVirtualCard({
      atr: bytes(0x3b),
      reset: () => undefined,
      respond: (sent): VirtualReply => ({ kind: 'answer', bytes: answer(sent) }),
    }),
    () => 0,
  );
  const said: string[] = [];
  await interview(card, {
    challenges: (label, length) => {
      expect([label, length]).toEqual([answers.keycard[1] === 0x41 ? 'identify' : label, 32]);
      return challenge;
    },
    random,
    onStep: (step) => said.push(step),
  });
  return { recorded: card.recorded, said };
}

const names: Readonly<Record<string, string>> = {
  [toHex(command.keycard)]: 'keycard',
  [toHex(command.cash)]: 'cash',
  [toHex(command.ident)]: 'ident',
  [toHex(command.identify())]: 'identify',
};
const asked = (recorded: readonly { readonly command: Uint8Array }[]) =>
  recorded.map(({ command: sent }) => names[toHex(sent)] ?? 'open');

describe('the interview', () => {
  it.each<[string, Answers, string[]]>([
    ['blank', { keycard: blank(), cash: cash() }, ['keycard', 'identify', 'cash', 'ident']],
    [
      'blank, refusing',
      { keycard: blank(), identify: sw(0x6d00) },
      ['keycard', 'identify', 'cash', 'ident'],
    ],
    ['3.1', { keycard: three(), ident: ident() }, ['keycard', 'identify', 'ident']],
    ['3.2', { keycard: three({ version: [3, 2] }), ident: ok }, ['keycard', 'identify', 'ident']],
    ['4.0', { keycard: four() }, ['keycard', 'open', 'ident']],
    ['4.0, refusing', { keycard: four(), channel: sw(0x6982) }, ['keycard', 'open', 'ident']],
    ['3.0', { keycard: three({ version: [3, 0] }) }, ['keycard']],
    ['2.2', { keycard: three({ version: [2, 2], capabilities: undefined }) }, ['keycard']],
    ['4.0 uncertified', { keycard: sw(0x6985) }, ['keycard']],
    ['4.0 without a certificate', { keycard: four({ certificate: undefined }) }, ['keycard']],
    ['no application', { keycard: sw(0x6a82) }, ['keycard']],
    ['garbage', { keycard: bytes(1, 2, 3, 0x90, 0) }, ['keycard']],
    [
      'garbled IDENTIFY',
      { keycard: three(), identify: bytes(1, 0x90, 0) },
      ['keycard', 'identify', 'ident'],
    ],
  ])('with %s', async (_, answers, questions) => {
    const { recorded, said } = await talk(answers);
    expect(asked(recorded)).toEqual(questions);
    for (const step of said) expect(stepTexts[step]).toBeDefined();
    // What was heard can be read back, and proves no less after what was left out.
    const result = lines(prove(evidence(recorded)));
    const isGarbled = answers.keycard[0] === 1 || answers.identify?.[0] === 1;
    expect(result.includes('answers live unreadable')).toBe(isGarbled);
    const isProven = questions.length > 1 && !answers.identify && !answers.channel;
    expect(result.includes('signature live held')).toBe(isProven);
  });

  it('writes down no key UID, no instance UID and no key of the cash applet', async () => {
    const instance = new Uint8Array(16).fill(0x6b);
    const { recorded } = await talk({ keycard: three({ keyUid: uid, instance }) });
    const all = recorded.map(({ response }) => toHex(response)).join(' ');
    expect(all).not.toContain('5a5a5a5a');
    expect(all).not.toContain('6b6b6b6b');
    const first = await talk({ keycard: blank(), cash: cash([3, 1], uid) });
    const told = toHex(first.recorded[2]?.response ?? bytes());
    expect(told).toContain('02020301');
    expect(told).not.toContain('5a5a5a5a');
    expect(told).toContain('ff'.repeat(65));
  });

  it.each([
    ['zeros', new Uint8Array(32)],
    ['ones', new Uint8Array(32).fill(0xff)],
    [
      'the order of the curve',
      Uint8Array.from(
        Buffer.from('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 'hex'),
      ),
    ],
  ])('makes a key for a channel of %s, too', async (_, drawn) => {
    const { recorded } = await talk({ keycard: four() }, () => drawn);
    const clientKey = recorded[1]?.command.subarray(37) ?? bytes();
    expect(compressSecp256k1(clientKey)).toBeDefined();
    expect(clientKey.length).toBe(65);
  });

  it('takes a new key for every channel', async () => {
    const key = async (seed: number) => {
      const { recorded } = await talk({ keycard: four() }, () => hash(bytes(seed)));
      return toHex(recorded[1]?.command.subarray(37) ?? bytes());
    };
    expect(await key(1)).not.toBe(await key(2));
  });

  it('does not hide a fault of ours', async () => {
    await expect(talk({ keycard: four() }, () => bytes(1))).rejects.toThrow(RangeError);
  });
});
