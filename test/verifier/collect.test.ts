/** Which family a card belongs to, and what is written down of the talk with it. */
import { describe, expect, it } from 'vitest';
import { encodeCommand } from '../../src/apdu/command.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { ReaderError } from '../../src/errors/error.ts';
import { deriveChallenge } from '../../src/evidence/challenge.ts';
import type { CardFamily } from '../../src/families/family.ts';
import { families } from '../../src/families/index.ts';
import { type Card, openCard, type Redaction } from '../../src/reader/card.ts';
import { openVirtualCard, type VirtualReply } from '../../src/reader/virtual.ts';
import { createSimulatedCard, simulations } from '../../src/simulator/index.ts';
import { collectEvidence, detectFamily, type Met, meetCard } from '../../src/verifier/collect.ts';
import { quietTalk } from '../support/talk.ts';
import { session } from '../support/tap-cards.ts';
import { seededRandom } from '../support/tap-evidence.ts';

const aids = [1, 2, 3].map((number) => Uint8Array.of(0xa0, 0, 0, 0, number)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const cardManager = '00a4040000';
const select = (aid: Uint8Array) => `00a4040005${toHex(aid)}`;

/** A family that takes any card whose selected application answers its question well. */
function family(id: string, ...names: Uint8Array[]): CardFamily {
  return {
    id,
    name: id,
    aids: names,
    recognises: (response) => response.at(-2) === 0x90 && response.length > 2,
    async interview(card, { challenges, onStep }) {
      onStep('greeting');
      const data = challenges('hello', 8);
      await card.transmit(encodeCommand({ cla: 0, ins: 0xcb, p1: 0, p2: 0, data }), 'proof');
    },
    prove: () => ({ family: id, checks: [], facts: [] }),
    explain: () => '',
  };
}

/**
 * A card that holds some applications and a card manager. Where a name is absent, the application
 * selected before stays selected and answers in its place, as some cards do.
 */
function cardWith(...held: Uint8Array[]) {
  const heard: string[] = [];
  let selected: string | undefined;
  const answer = (...bytes: number[]): VirtualReply => ({
    kind: 'answer',
    bytes: Uint8Array.from(bytes),
  });
  const card = openCard(
    openVirtualCard({
      atr: Uint8Array.of(0x3b, 0),
      reset: () => undefined,
      respond(command) {
        heard.push(toHex(command));
        if (command[1] !== 0xa4) return answer(7, 0x90, 0);
        const name = toHex(command.subarray(5));
        if (command.length === 5) selected = undefined;
        else if (held.some((aid) => toHex(aid) === name)) selected = name;
        return selected === undefined ? answer(0x6a, 0x82) : answer(1, 0x90, 0);
      },
    }),
    () => 0,
  );
  return { card, heard };
}

describe('finding the family', () => {
  it('selects the card manager before each name', async () => {
    const { card, heard } = cardWith();
    const families = [family('one', aids[0], aids[1]), family('two', aids[2])];
    expect(await detectFamily(card, families)).toBeUndefined();
    expect(heard).toEqual(aids.flatMap((aid) => [cardManager, select(aid)]));
  });

  it('does not take an application selected before for the second family', async () => {
    const { card } = cardWith(aids[0]);
    const deaf = { ...family('deaf', aids[0]), recognises: () => false };
    expect(await detectFamily(card, [deaf, family('second', aids[1])])).toBeUndefined();
  });

  it('does not take it for the second name of one family either', async () => {
    const { card } = cardWith(aids[0]);
    let asked = 0;
    const choosy = family('choosy', aids[0], aids[1]);
    const found = await detectFamily(card, [
      { ...choosy, recognises: (response) => ++asked > 1 && choosy.recognises(response) },
    ]);
    expect([found, asked]).toEqual([undefined, 2]);
  });

  it.each([
    ['first', [aids[0]], 1],
    ['second', [aids[1]], 2],
    ['first', [aids[0], aids[1]], 1],
  ])('finds the %s, and asks no further', async (id, held, questions) => {
    const { card, heard } = cardWith(...held);
    const families = [family('first', aids[0]), family('second', aids[1]), family('x', aids[2])];
    expect((await detectFamily(card, families))?.family.id).toBe(id);
    expect(heard).toHaveLength(2 * questions);
  });

  it('finds a family by its second name', async () => {
    const { card } = cardWith(aids[1]);
    expect((await detectFamily(card, [family('one', aids[0], aids[1])]))?.family.id).toBe('one');
  });

  it('judges the whole answer, status included', async () => {
    const { card } = cardWith(aids[0]);
    const answers: string[] = [];
    const curious = family('curious', aids[0]);
    await detectFamily(card, [
      { ...curious, recognises: (response) => answers.push(toHex(response)) > 9 },
    ]);
    expect(answers).toEqual(['019000']);
  });

  it('records what it asks as state', async () => {
    const { card } = cardWith(aids[0]);
    await detectFamily(card, [family('one', aids[0])]);
    expect(card.recorded.map(({ disclosure }) => disclosure)).toEqual(['state', 'state']);
  });
});

describe('finding a family by its probe', () => {
  const command = Uint8Array.of(0, 0xf2, 0, 0);
  const ask = toHex(command);
  const redact: Redaction = ({ response }) => ({ command, response: response.subarray(-2) });
  const probing = (id: string, ...names: Uint8Array[]): CardFamily => ({
    ...family(id, ...names),
    recognises: (response) => toHex(response) === '079000',
    probe: { command, redact },
  });

  it('asks once, after the application was selected', async () => {
    const { card, heard } = cardWith(aids[1]);
    const found = await detectFamily(card, [probing('one', aids[0], aids[1])]);
    expect(heard).toEqual([cardManager, select(aids[0]), cardManager, select(aids[1]), ask]);
    expect(found).toMatchObject({ family: { id: 'one' }, since: 3 });
    expect(found?.probed && toHex(found.probed)).toBe('079000');
  });

  it('does not go by the answer to the selection', async () => {
    const { card } = cardWith(aids[0]);
    const choosy = { ...probing('one', aids[0]), recognises: () => false };
    expect((await detectFamily(card, [choosy, family('two', aids[0])]))?.family.id).toBe('two');
  });

  it('writes down what may be written, and as a part of the proof', async () => {
    const { card } = cardWith(aids[0]);
    await detectFamily(card, [probing('one', aids[0])]);
    const disclosures = card.recorded.map(({ disclosure }) => disclosure);
    expect(disclosures).toEqual(['state', 'proof', 'proof']);
    expect(card.recorded.map(({ response }) => toHex(response)).at(-1)).toBe('9000');
  });

  it('makes selection and probe a part of the evidence, and what came before none', async () => {
    const { card } = cardWith(aids[1]);
    const families = [family('other', aids[0]), probing('one', aids[1])];
    const detected = await detectFamily(card, families);
    const probed: string[] = [];
    const curious: CardFamily = {
      ...probing('one', aids[1]),
      interview: async (_card, talk) => {
        probed.push(toHex(talk.probed ?? new Uint8Array()));
      },
    };
    const { transcript } = await collectEvidence({
      platform: [],
      card,
      family: curious,
      detected,
      session,
      freshness: 'self',
      collectedAt: 0,
      talk: quietTalk,
    });
    expect(transcript.map((exchange) => toHex(exchange.command))).toEqual([select(aids[1]), ask]);
    expect(probed).toEqual(['079000']);
  });

  it('leaves an interview without detection to select for itself', async () => {
    const { card } = cardWith(aids[0]);
    const { transcript } = await collectEvidence({
      platform: [],
      card,
      family: probing('one', aids[0]),
      session,
      freshness: 'self',
      collectedAt: 0,
      talk: quietTalk,
    });
    expect(transcript).toHaveLength(1);
  });
});

describe('the first words with a card', () => {
  const cplc = `9f7f2a${'47'.repeat(10)}${'31'.repeat(32)}9000`;
  const blank = `9f7f2a${'47'.repeat(10)}${'00'.repeat(32)}9000`;
  const number = '4502313290' + '00';
  const questions = ['80ca9f7f00', '80ca004200', '80ca004500'];
  const hello = (exchange: { command: Uint8Array }) => toHex(exchange.command).slice(0, 4);

  /** A card with a chip that tells of itself, below one application. */
  function chipCard(aid = aids[0], manager = '9000') {
    const heard: string[] = [];
    const answers: Record<string, string> = {
      [cardManager]: manager,
      '80ca9f7f00': cplc,
      '80ca004500': number,
      [select(aid)]: '019000',
    };
    const card = openCard(
      openVirtualCard({
        atr: Uint8Array.of(0x3b, 0),
        reset: () => undefined,
        respond(command) {
          const text = toHex(command);
          heard.push(text);
          const answer = command[1] === 0xcb ? '079000' : (answers[text] ?? '6a88');
          return { kind: 'answer', bytes: fromHex(answer) };
        },
      }),
      () => 0,
    );
    return { card, heard };
  }

  async function collect(card: Card, given: Met | undefined) {
    if (given === undefined) throw new Error('no family was found');
    return collectEvidence({
      ...{ ...given, card, session, freshness: 'self', collectedAt: 0, talk: quietTalk },
    });
  }

  it('are about the chip, then about the family', async () => {
    const { card, heard } = chipCard();
    const met = await meetCard(card, [family('none', aids[1]), family('one', aids[0])]);
    expect(heard).toEqual([
      ...[cardManager, ...questions],
      ...[cardManager, select(aids[1]), cardManager, select(aids[0])],
    ]);
    expect(met).toMatchObject({ family: { id: 'one' }, detected: { family: { id: 'one' } } });
    expect(met?.platform.map(({ command }) => toHex(command))).toEqual([cardManager, ...questions]);
  });

  it('are about the chip alone where the family was named', async () => {
    const { card, heard } = chipCard();
    const met = await meetCard(card, [family('one', aids[0])], family('mine', aids[1]));
    expect(heard).toEqual([cardManager, ...questions]);
    expect(met).toMatchObject({ family: { id: 'mine' } });
    expect(met?.detected).toBeUndefined();
  });

  it('end where no family is on the card', async () => {
    const { card } = chipCard();
    expect(await meetCard(card, [family('one', aids[1])])).toBeUndefined();
  });

  it('ask a chip nothing that has no card manager', async () => {
    const { card, heard } = chipCard(aids[0], '6a82');
    const met = await meetCard(card, [family('one', aids[0])]);
    expect(heard).toEqual([
      ...[cardManager, '00a4040008a00000015100000000'],
      ...[cardManager, select(aids[0])],
    ]);
    expect(met?.platform).toHaveLength(2);
  });

  it('with a card that is removed are a failure of the link', async () => {
    const card = openCard(
      openVirtualCard({
        atr: Uint8Array.of(0x3b, 0),
        reset: () => undefined,
        respond: () => ({ kind: 'removed' }),
      }),
      () => 0,
    );
    await expect(meetCard(card, [family('one', aids[0])])).rejects.toThrow(ReaderError);
  });

  it.each([
    ['found', undefined],
    ['named', family('one', aids[0])],
  ])('stand first in the evidence, without serials, where the family was %s', async (_, named) => {
    const { card } = chipCard();
    const met = await meetCard(card, [family('x', aids[1]), family('one', aids[0])], named);
    const { transcript } = await collect(card, met);
    expect(transcript.map(hello)).toEqual(['00a4', '80ca', '80ca', '80ca', '00cb']);
    expect(transcript.slice(0, 4).map(({ response }) => toHex(response))).toEqual([
      ...['9000', blank, '6a88', '9000'],
    ]);
    expect(JSON.stringify(transcript.map(({ response }) => toHex(response)))).not.toMatch(/3131/);
  });

  it('keep the serials for a maker whose certificate covers them', async () => {
    const { card } = chipCard();
    const binding = { ...family('one', aids[0]), bindsChip: () => true };
    const { transcript } = await collect(card, await meetCard(card, [binding]));
    expect(transcript.slice(0, 4).map(({ response }) => toHex(response))).toEqual([
      ...['9000', cplc, '6a88', number],
    ]);
  });

  it('do not keep them for one that says that its does not', async () => {
    const { card } = chipCard();
    const loose = { ...family('one', aids[0]), bindsChip: () => false };
    const { transcript } = await collect(card, await meetCard(card, [loose]));
    expect(toHex(transcript[1]?.response ?? new Uint8Array())).toBe(blank);
  });

  it('stand before selection and probe', async () => {
    const { card } = chipCard();
    const probing: CardFamily = {
      ...family('one', aids[0]),
      probe: { command: fromHex('00cb0000'), redact: (exchange) => exchange },
    };
    const { transcript } = await collect(card, await meetCard(card, [probing]));
    const commands = transcript.map(({ command }) => toHex(command));
    const probe = [select(aids[0]), '00cb0000'];
    expect(commands.slice(0, -1)).toEqual([cardManager, ...questions, ...probe]);
    expect(commands.at(-1)).toMatch(/^00cb000008/);
  });
});

describe('every family', () => {
  it.each(
    Object.entries(simulations).flatMap(([id, { cases }]) => cases.map((row) => [id, row.id])),
  )('%s: the card %s is of it, or of none', async (familyId, caseId) => {
    const card = createSimulatedCard(familyId, caseId, seededRandom(caseId));
    const talk = openCard(openVirtualCard(card), () => 0);
    const met = detectFamily(talk, families);
    if (familyId === 'satochip' && caseId === 'endless') {
      await expect(met).rejects.toThrow(ReaderError);
      return;
    }
    const found = await met;
    const garbled = ['garbage', 'oversized'].includes(caseId);
    expect([familyId, ...(garbled ? [undefined] : [])]).toContain(found?.family.id);
    expect(card.forbiddenCommands).toBe(0);
  });
});

describe('the evidence of a talk', () => {
  it('holds the talk alone, and what the session and the reader are', async () => {
    const { card } = cardWith(aids[0]);
    const steps: string[] = [];
    const one = family('one', aids[0]);
    await detectFamily(card, [one]);
    const evidence = await collectEvidence({
      platform: [],
      card,
      family: one,
      session,
      freshness: 'self',
      collectedAt: Date.parse('2026-11-22T10:00:00Z'),
      talk: { ...quietTalk, onStep: (step) => steps.push(step) },
    });
    const { context, nonce } = session;
    const hello = deriveChallenge({ family: 'one', label: 'hello', context, nonce, length: 8 });
    expect(evidence).toEqual({
      kind: 'card',
      family: 'one',
      nonce,
      context,
      freshness: 'self',
      collectedAt: '2026-11-22T10:00:00.000Z',
      readerName: 'In-process reader',
      atr: Uint8Array.of(0x3b, 0),
      transcript: [
        {
          command: Uint8Array.from([0, 0xcb, 0, 0, 8, ...hello]),
          response: Uint8Array.of(7, 0x90, 0),
          micros: 0,
          disclosure: 'proof',
        },
      ],
      attachments: [],
    });
    expect(steps).toEqual(['greeting']);
  });
});
