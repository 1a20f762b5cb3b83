/** Interviews with simulated Tangem cards that remember what they heard. */
import { createHash } from 'node:crypto';
import { toHex } from '../../src/bytes/hex.ts';
import { tangemFamily } from '../../src/families/tangem/index.ts';
import { interview } from '../../src/families/tangem/interview.ts';
import { openCard } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { makeKeys } from '../../src/simulator/tangem/keys.ts';
import type { TangemProfile } from '../../src/simulator/tangem/profile.ts';
import { detectFamily } from '../../src/verifier/collect.ts';
import { quietTalk } from './talk.ts';
import { type Alter, challenge, nameOf, tangemCard } from './tangem-cards.ts';
import { seededRandom } from './tap-evidence.ts';

export const hashHex = (code: string) => createHash('sha256').update(code).digest('hex');

export interface Talked {
  readonly alter?: Alter | undefined;
  readonly accessCode?: string | undefined;
  readonly probed?: Uint8Array | undefined;
  /** The family is found out from the card first, as where nobody names it. */
  readonly detect?: boolean | undefined;
}

/** Holds the interview; gives what the card heard, what was said, and the error that ended it. */
export async function talk(
  profile: TangemProfile,
  { alter, accessCode, probed, detect }: Talked = {},
) {
  const simulated = tangemCard(profile, alter);
  const card = openCard(openVirtualCard(simulated), () => 0);
  const steps: string[] = [];
  const detected = detect ? await detectFamily(card, [tangemFamily]) : undefined;
  const error = await interview(card, {
    ...quietTalk,
    challenges: () => challenge,
    onStep: (step, params) => steps.push(params ? `${step} ${Object.values(params)}` : step),
    accessCode,
    probed: detected?.probed ?? probed,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const names = simulated.heard.map(nameOf);
  return {
    simulated,
    steps,
    error,
    names,
    heard: simulated.heard,
    recorded: card.recorded.slice(detected?.since ?? 0),
  };
}

/** The commands byte by byte, written without the encoders under test. */
export function script(profile: TangemProfile) {
  const { cardId } = makeKeys(profile, seededRandom('unused'), 'a card for tests');
  const id = `0108${toHex(cardId)}`;
  const asked = `1610${toHex(challenge)}`;
  const command = (ins: string, body: string) =>
    `00${ins}000000${(body.length / 2).toString(16).padStart(4, '0')}${body}`;
  const code = (text: string) => `1020${hashHex(text)}`;
  return {
    select: '00a4040008a000000812010208',
    read: (text = '000000') => command('f2', `${code(text)}230101`),
    wallets: (from: number, text = '000000', named = true) => {
      const index = from === 0 ? '' : `6501${from.toString(16).padStart(2, '0')}`;
      return command('f2', `${code(text)}${named ? id : ''}230103${index}`);
    },
    attest: (text?: string, full = false) =>
      command('f3', `${text ? code(text) : ''}${id}${asked}${full ? '230101' : ''}`),
  };
}
