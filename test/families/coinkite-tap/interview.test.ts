import { describe, expect, it } from 'vitest';
import { deriveChallenge } from '../../../src/evidence/challenge.ts';
import { interview } from '../../../src/families/coinkite-tap/interview.ts';
import { prove } from '../../../src/families/coinkite-tap/prove.ts';
import { openCard, type RecordedExchange } from '../../../src/reader/card.ts';
import { openVirtualCard } from '../../../src/reader/virtual.ts';
import { tapCases } from '../../../src/simulator/coinkite-tap/cases.ts';
import type { TapFault, TapProfile } from '../../../src/simulator/coinkite-tap/profile.ts';
import { createSimulatedCard } from '../../../src/simulator/index.ts';
import type { SimulatedCard } from '../../../src/simulator/simulation.ts';
import { quietTalk } from '../../support/talk.ts';
import {
  type Alter,
  commandsOf,
  evidenceOf,
  linesOf,
  refusal,
  requestOf,
  satscard,
  satschip,
  session,
  tapCard,
  tapsigner,
} from '../../support/tap-cards.ts';
import { seededRandom } from '../../support/tap-evidence.ts';

const challenges = (label: string, length: number) =>
  deriveChallenge({ family: 'coinkite-tap', label, length, ...session });

/** Holds the interview; gives what was exchanged and said, and the error that ended it. */
async function talk(simulated: SimulatedCard) {
  const card = openCard(openVirtualCard(simulated), () => 0);
  const steps: string[] = [];
  const error = await interview(card, {
    ...quietTalk,
    challenges,
    onStep: (step) => steps.push(step),
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { steps, error, recorded: card.recorded, commands: commandsOf(card.recorded) };
}

const withFault = (fault: TapFault): TapProfile => ({ ...tapsigner, fault });
const refuses = (code: number, times: number) =>
  withFault({ kind: 'refuses', code, text: 'no', times });
const refuse =
  (name: string, code: number): Alter =>
  (cmd) =>
    cmd === name ? refusal(code) : undefined;
const askedUnder = (recorded: readonly RecordedExchange[]) =>
  recorded
    .map(({ command }) => requestOf(command))
    .filter(({ cmd }) => cmd === 'check' || cmd === 'read')
    .map(({ nonce }) => nonce);

describe('the interview of', () => {
  const dumps = (count: number) => Array<string>(count).fill('dump');
  it.each<[string, TapProfile, string[], string[]]>([
    ['a TAPSIGNER', tapsigner, ['certs', 'check', 'nfc'], ['certificates', 'challenge', 'link']],
    ['a SATSCHIP', satschip, ['certs', 'check', 'nfc'], ['certificates', 'challenge', 'link']],
    [
      'a new SATSCARD',
      satscard,
      ['certs', 'read', 'check', 'nfc'],
      ['certificates', 'slot', 'challenge', 'link'],
    ],
    [
      'a blank SATSCARD',
      { ...satscard, sealed: false },
      ['certs', 'check', 'nfc'],
      ['certificates', 'challenge', 'link'],
    ],
    [
      'a SATSCARD on its third slot',
      { ...satscard, activeSlot: 2 },
      ['certs', 'read', 'check', 'nfc', ...dumps(2)],
      ['certificates', 'slot', 'challenge', 'link', 'opened-slots'],
    ],
    [
      'a used-up SATSCARD',
      { ...satscard, activeSlot: 10, sealed: false },
      ['certs', 'check', 'nfc', ...dumps(10)],
      ['certificates', 'challenge', 'link', 'opened-slots'],
    ],
  ])('%s asks in the order of the protocol', async (_, profile, commands, steps) => {
    const heard = await talk(tapCard(profile));
    expect(heard.error).toBeUndefined();
    expect(heard.commands).toEqual(['select', ...commands]);
    expect(heard.steps).toEqual(['status', ...steps]);
  });

  it('a used-up SATSCARD asks for each slot once', async () => {
    const { recorded } = await talk(tapCard({ ...satscard, activeSlot: 10, sealed: false }));
    const slots = recorded.map(({ command }) => requestOf(command)['slot']);
    expect(slots.filter((slot) => slot !== undefined)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('any card marks what says how it was used, and nothing else, as state', async () => {
    const { recorded } = await talk(tapCard({ ...satscard, activeSlot: 1 }));
    expect(recorded.map(({ disclosure }) => disclosure)).toEqual([
      ...Array<string>(4).fill('proof'),
      ...['state', 'state'],
    ]);
  });

  it('a card that refuses SELECT ends there', async () => {
    const { commands, error, steps } = await talk(tapCard(tapsigner, refuse('select', 404)));
    expect([commands, steps, error]).toEqual([['select'], ['status'], undefined]);
  });
});

describe('a refusal', () => {
  it.each([
    [404, 1],
    [206, 1],
    [417, 3],
    [205, 6],
  ])('with %d for ever: check is asked %d times', async (code, times) => {
    const { commands, error } = await talk(tapCard(refuses(code, Number.POSITIVE_INFINITY)));
    const asked = Array.from({ length: times }, () => ['check', 'status']).flat();
    expect(error).toBeUndefined();
    expect(commands).toEqual(['select', 'certs', ...asked, 'nfc']);
  });

  it('with 205 to everything is asked a counted number of times', async () => {
    const profile = { ...satscard, activeSlot: 10, sealed: false };
    const unlucky: Alter = (cmd) => (cmd === 'select' ? undefined : refusal(205));
    const { commands } = await talk(tapCard(profile, unlucky));
    expect(commands.length).toBe(1 + 13 * 12);
  });

  it('with 205 is asked again with the same challenge', async () => {
    const evidence = await evidenceOf(refuses(205, 5));
    const challenge = challenges('check', 16);
    expect(askedUnder(evidence.transcript)).toEqual(Array(6).fill(challenge));
    expect(prove(evidence).key).toBeDefined();
  });

  it.each([
    [1, ['check', 'check-2']],
    [2, ['check', 'check-2', 'check-3']],
  ])('with 417 %d times is asked under another label, and proven', async (times, labels) => {
    const evidence = await evidenceOf(refuses(417, times));
    expect(askedUnder(evidence.transcript)).toEqual(labels.map((label) => challenges(label, 16)));
    const proof = prove(evidence);
    expect(proof.key).toBeDefined();
    expect(linesOf(proof)).toContain('challenge live held');
  });

  it('with 417 three times is not proven', async () => {
    expect(linesOf(prove(await evidenceOf(refuses(417, 3))))).toContain('challenge live missing');
  });

  it('with 417 of the slot is asked under the labels of the slot', async () => {
    let times = 0;
    const weak: Alter = (cmd) => {
      if (cmd !== 'read' || times === 2) return undefined;
      times += 1;
      return refusal(417);
    };
    // The card under the altered answer has renewed its nonce, and `status` tells.
    const evidence = await evidenceOf(satscard, weak);
    expect(askedUnder(evidence.transcript)).toEqual(
      ['read', 'read-2', 'read-3', 'check'].map((label) => challenges(label, 16)),
    );
    expect(linesOf(prove(evidence))).toContain('slot-signature side held');
  });

  it('of the link or the certificates leaves the rest as it is', async () => {
    const noLink = await talk(tapCard(tapsigner, refuse('nfc', 404)));
    expect(noLink.commands).toEqual(['select', 'certs', 'check', 'nfc', 'status']);
    const noChain = await talk(tapCard(tapsigner, refuse('certs', 404)));
    expect(noChain.commands).toEqual(['select', 'certs', 'status', 'check', 'nfc']);
  });
});

describe('firmware 0.9.0', () => {
  it('that changes its nonce in silence at a refusal still ends proven', async () => {
    let refused = false;
    const silent: Alter = (cmd) => {
      if (cmd !== 'check' || refused) return undefined;
      refused = true;
      return refusal(205, 'unlucky number');
    };
    const evidence = await evidenceOf({ ...satscard, ver: '0.9.0' }, silent);
    const asked = ['select', 'certs', 'read', 'check', 'status', 'check', 'nfc'];
    expect(commandsOf(evidence.transcript)).toEqual(asked);
    expect(linesOf(prove(evidence))).toContain('signature live held');
  });
});

describe('a card that answers badly', () => {
  it.each<[string, TapProfile, Alter | undefined, string[]]>([
    ['with garbage', withFault({ kind: 'garbage' }), undefined, ['select', 'certs']],
    ['with far too much', withFault({ kind: 'oversized' }), undefined, ['select', 'certs']],
    ['with no status', tapsigner, (cmd) => (cmd === 'select' ? {} : undefined), ['select']],
    [
      'with garbage for a refusal that is looked into',
      refuses(404, 1),
      (cmd) => (cmd === 'status' ? Uint8Array.of(0xff, 0x90, 0) : undefined),
      ['select', 'certs', 'check', 'status'],
    ],
  ])('%s ends the talk without an error', async (_, profile, alter, commands) => {
    const heard = await talk(tapCard(profile, alter));
    expect(heard.error).toBeUndefined();
    expect(heard.commands).toEqual(commands);
  });

  it.each<[TapFault['kind'], string]>([
    ['removed', 'READER_CARD_REMOVED'],
    ['mute', 'READER_CARD_MUTE'],
    ['endless', 'READER_TRANSPORT'],
  ])('%s: the error of the reader passes through', async (kind, code) => {
    const profile = tapCases.find(({ profile: { fault } }) => fault?.kind === kind)?.profile;
    const { error } = await talk(tapCard(profile ?? tapsigner));
    expect(error).toMatchObject({ name: 'ReaderError', code });
  });

  it('a fault of ours passes through', async () => {
    const card = openCard(openVirtualCard(tapCard(tapsigner)), () => 0);
    const failing = () => {
      throw new TypeError('ours');
    };
    await expect(interview(card, { ...quietTalk, challenges: failing })).rejects.toThrow(TypeError);
  });
});

describe('every simulated card', () => {
  const forms: Readonly<Record<string, readonly string[]>> = {
    select: [],
    status: [],
    certs: [],
    check: ['nonce'],
    read: ['nonce'],
    nfc: [],
    dump: ['slot'],
  };

  it.each(tapCases.map(({ id }) => id))('%s hears only what changes nothing', async (id) => {
    const simulated = createSimulatedCard('coinkite-tap', id, seededRandom(id));
    const { recorded, commands } = await talk(simulated);
    expect(simulated.forbiddenCommands).toBe(0);
    expect(commands.length).toBeLessThan(40);
    for (const { command } of recorded) {
      const { cmd, ...fields } = requestOf(command);
      expect(Object.keys(fields)).toEqual(forms[String(cmd)]);
    }
  });
});
