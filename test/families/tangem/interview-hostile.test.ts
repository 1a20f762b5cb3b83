/** Cards that put off, go on for ever, or answer what cannot be read: every talk comes to an end. */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { encodeEvidence, parseEvidence } from '../../../src/evidence/file.ts';
import { Status, Tag } from '../../../src/families/tangem/constants.ts';
import { interview } from '../../../src/families/tangem/interview.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { openCard } from '../../../src/reader/card.ts';
import { openVirtualCard } from '../../../src/reader/virtual.ts';
import { cos8, wallet2 } from '../../../src/simulator/tangem/models.ts';
import type { TangemProfile } from '../../../src/simulator/tangem/profile.ts';
import { quietTalk } from '../../support/talk.ts';
import {
  type Alter,
  bytes,
  cardFields,
  filled,
  linesOf,
  slot,
  sw,
  tangemCard,
  tlv,
  withFields,
} from '../../support/tangem-cards.ts';
import { collectTangem, importRead } from '../../support/tangem-evidence.ts';
import { talk } from '../../support/tangem-talk.ts';

describe('pauses', () => {
  it('are waited out with the same command, and told', async () => {
    const profile = { model: wallet2, fault: { kind: 'pause', times: 6 } } as const;
    const { heard, names, steps } = await talk(profile);
    const asked = heard.filter((_, index) => names[index] === 'attest').map(toHex);
    expect(asked.length).toBe(7);
    expect(new Set(asked).size).toBe(1);
    expect(steps.slice(3)).toEqual([
      ...['pause 15', 'pause 13', 'pause 10', 'pause 8', 'pause 5', 'pause 3'],
    ]);
    expect(linesOf(prove(await collectTangem(tangemCard(profile))))).toContain(
      'signature live held',
    );
  });

  it.each(['read', 'wallets', 'attest'])('without end at %s come to an end', async (name) => {
    const alter: Alter = (asked) => (asked === name ? sw(Status.pause) : undefined);
    const { names, error, steps } = await talk({ model: wallet2 }, { alter });
    expect(error).toBeUndefined();
    expect(names.filter((asked) => asked === name).length).toBe(301);
    expect(steps.filter((step) => step === 'pause-untold').length).toBe(300);
    expect(names.length).toBeLessThan(310);
  });

  it('are counted over the whole conversation', async () => {
    let pauses = 0;
    const alter: Alter = (name) => {
      if (name === 'select') return undefined;
      pauses += 1;
      return pauses % 2 === 1 ? sw(Status.pause) : undefined;
    };
    const { names } = await talk({ model: { ...wallet2, pageSize: 1, slots: 255 } }, { alter });
    expect(pauses).toBeLessThan(600);
    expect(names.at(-1)).toBe('attest');
  });

  it('in a channel are answered with the command encrypted anew', async () => {
    const profile = { model: cos8, fault: { kind: 'pause', times: 3 } } as const;
    const { heard, names } = await talk(profile);
    const asked = heard.filter((_, index) => names[index] === 'attest').map(toHex);
    expect(asked.length).toBe(4);
    expect(new Set(asked).size).toBe(4);
  });
});

describe('the wallet list', () => {
  const hostile =
    (count: Uint8Array, page: Uint8Array): Alter =>
    (name, response) => {
      if (name === 'wallets') return concat(page, sw(0x9000));
      if (name !== 'read') return undefined;
      const { [Tag.walletsCount]: _, ...rest } = cardFields;
      expect(response.length).toBeGreaterThan(2);
      return concat(tlv({ ...rest, [Tag.walletsCount]: count }), sw(0x9000));
    };
  const one = tlv({ [Tag.wallet]: slot(1) });
  const ask = async (count: Uint8Array, page: Uint8Array) => {
    const { names, error } = await talk({ model: wallet2 }, { alter: hostile(count, page) });
    expect(error).toBeUndefined();
    return names.filter((name) => name === 'wallets').length;
  };

  it('of 255 pages is asked for to its end', async () => {
    expect(await ask(bytes(255), one)).toBe(255);
  });

  it('of as many as fit in a number is asked for 255 times', async () => {
    expect(await ask(filled(4, 0xff), one)).toBe(255);
  });

  it('that goes on with nothing is not asked for again', async () => {
    expect(await ask(bytes(255), bytes())).toBe(1);
  });

  it('of more than was said is not asked for again', async () => {
    expect(await ask(bytes(2), concat(one, one, one))).toBe(1);
  });

  it('of no slots is not asked for', async () => {
    expect(await ask(bytes(0), one)).toBe(0);
  });

  it('refused leaves the attestation', async () => {
    const alter: Alter = (name) => (name === 'wallets' ? sw(0x6985) : undefined);
    const { names } = await talk({ model: wallet2 }, { alter });
    expect(names).toEqual(['select', 'read', 'wallets', 'attest']);
  });

  it('at its longest, with every pause there may be, still fits a file', async () => {
    let pauses = 0;
    const pausing = hostile(bytes(255), one);
    const alter: Alter = (name, response, command) => {
      if (name !== 'select' && pauses < 299) {
        pauses += 1;
        return sw(Status.pause);
      }
      return pausing(name, response, command);
    };
    const { recorded } = await talk({ model: wallet2 }, { alter });
    expect(recorded.length).toBeGreaterThan(500);
    const text = encodeEvidence({ ...importRead(bytes()), transcript: recorded });
    expect(parseEvidence(text).kind).toBe('card');
  });
});

describe('a card that answers SELECT in its own way', () => {
  it.each([
    ['9001', '9001'],
    ['9007', '9007'],
    ['an FCI', '6f0a8408a0000008120102089000'],
    ['no TLV', '6fff9000'],
  ])('with %s is asked on', async (_, hex) => {
    const alter: Alter = (name) => (name === 'select' ? Buffer.from(hex, 'hex') : undefined);
    const { names, error } = await talk({ model: { ...wallet2, slots: 2 } }, { alter });
    expect(error).toBeUndefined();
    expect(names).toEqual(['select', 'read', 'wallets', 'attest']);
  });

  it.each(['9008', '6283', '6a82'])('with %s is not', async (hex) => {
    const alter: Alter = (name) => (name === 'select' ? Buffer.from(hex, 'hex') : undefined);
    expect((await talk({ model: wallet2 }, { alter })).names).toEqual(['select']);
  });
});

describe('a card that answers badly', () => {
  it('with a pause of far too many bytes is left', async () => {
    const pause = concat(tlv({ 193: filled(63, 1) }), sw(Status.pause));
    const alter: Alter = (name) => (name === 'read' ? pause : undefined);
    const { names, error } = await talk({ model: wallet2 }, { alter });
    expect([names, error]).toEqual([['select', 'read'], undefined]);
  });

  it('of COS 8 without a key gets no channel', async () => {
    const alter = withFields((all) => all.filter(([tag]) => tag !== Tag.cardPublicKey));
    const { names, error } = await talk({ model: { ...cos8, slots: 2 } }, { alter });
    expect([names, error]).toEqual([['select', 'read', 'wallets'], undefined]);
  });

  it.each<[string, TangemProfile, Alter | undefined, string[]]>([
    [
      'to SELECT with a refusal',
      { model: wallet2 },
      (n) => (n === 'select' ? sw(0x6a82) : undefined),
      ['select'],
    ],
    [
      'to SELECT with a pause',
      { model: wallet2 },
      (n) => (n === 'select' ? sw(0x9789) : undefined),
      ['select'],
    ],
    ['with garbage', { model: wallet2, fault: { kind: 'garbage' } }, undefined, ['select', 'read']],
    [
      'with far too much',
      { model: wallet2, fault: { kind: 'oversized' } },
      undefined,
      ['select', 'read'],
    ],
    [
      'with nothing',
      { model: wallet2 },
      (n) => (n === 'read' ? sw(0x9000) : undefined),
      ['select', 'read'],
    ],
    [
      'with records inside records',
      { model: wallet2 },
      (name) => {
        if (name !== 'read') return undefined;
        let nested: Uint8Array = bytes();
        while (nested.length < 16_300) nested = tlv({ [Tag.wallet]: nested });
        return concat(nested, sw(0x9000));
      },
      ['select', 'read'],
    ],
    [
      'with a broken page',
      { model: wallet2 },
      (name) => (name === 'wallets' ? concat(bytes(0x68, 9), sw(0x9000)) : undefined),
      ['select', 'read', 'wallets'],
    ],
  ])('%s ends the talk without an error', async (_, profile, alter, names) => {
    const heard = await talk(profile, alter ? { alter } : {});
    expect(heard.error).toBeUndefined();
    expect(heard.names).toEqual(names);
  });

  it.each(['removed', 'mute'] as const)(
    '%s: the error of the reader passes through',
    async (kind) => {
      const { error } = await talk({ model: wallet2, fault: { kind } });
      expect(error).toMatchObject({ name: 'ReaderError' });
    },
  );

  it('a fault of ours passes through', async () => {
    const card = openCard(openVirtualCard(tangemCard({ model: wallet2 })), () => 0);
    const challenges = () => {
      throw new TypeError('ours');
    };
    await expect(interview(card, { ...quietTalk, challenges })).rejects.toThrow(TypeError);
  });
});
