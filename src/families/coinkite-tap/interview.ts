/**
 * The talk with the card. Only questions: nothing here changes a card or needs its code, and the
 * type of a command (messages.ts) has no room for anything else.
 *
 * Order: status, certificates, slot (SATSCARD), challenge, tap link, opened slots. A refusal is no
 * error here; it stays in the transcript for `prove` to judge.
 */
import type { Card } from '../../reader/card.ts';
import { untilUnreadable } from '../check.ts';
import type { Challenges, Interview } from '../family.ts';
import { challengeLabels, tap } from './constants.ts';
import {
  encodeSelect,
  encodeTapCommand,
  type Fields,
  isRefusal,
  parseTapResponse,
  type TapCommand,
  type TapRefusal,
} from './messages.ts';
import { parseStatus } from './status.ts';

export function interview(card: Card, talk: Interview): Promise<void> {
  return untilUnreadable(() => ask(card, talk));
}

async function ask(card: Card, { challenges, onStep }: Interview): Promise<void> {
  onStep('status');
  const selected = parseTapResponse(await card.transmit(encodeSelect(), 'proof'));
  if (isRefusal(selected)) return;
  const status = parseStatus(selected);

  onStep('certificates');
  await send(card, { cmd: 'certs' });
  if (status.product === 'satscard' && status.address !== undefined) {
    onStep('slot');
    await challenge(card, 'read', challenges);
  }
  onStep('challenge');
  await challenge(card, 'check', challenges);
  onStep('link');
  await send(card, { cmd: 'nfc' });
  if (status.product === 'satscard') await askOpenedSlots(card, status.activeSlot ?? 0, onStep);
}

/** Asks for a signature; with another challenge of this session where the card calls one weak. */
async function challenge(
  card: Card,
  cmd: keyof typeof challengeLabels,
  challenges: Challenges,
): Promise<void> {
  for (const label of challengeLabels[cmd]) {
    const answer = await send(card, { cmd, nonce: challenges(label, tap.nonceLength) });
    if (!isRefusal(answer) || answer.code !== tap.errorWeakNonce) return;
  }
}

async function askOpenedSlots(
  card: Card,
  activeSlot: number,
  onStep: Interview['onStep'],
): Promise<void> {
  if (activeSlot > 0) onStep('opened-slots');
  for (let slot = 0; slot < Math.min(activeSlot, tap.maxSlots); slot += 1) {
    await send(card, { cmd: 'dump', slot });
  }
}

/**
 * Sends a command, again when the card calls a number unlucky (error 205). After a refusal the
 * status is read anew: version 0.9.0 may have changed its nonce silently (docs/change-log.md).
 */
async function send(card: Card, command: TapCommand): Promise<Fields | TapRefusal> {
  for (let attempt = 0; ; attempt += 1) {
    const disclosure = command.cmd === 'dump' || command.cmd === 'nfc' ? 'state' : 'proof';
    const answer = parseTapResponse(await card.transmit(encodeTapCommand(command), disclosure));
    if (!isRefusal(answer)) return answer;
    parseTapResponse(await card.transmit(encodeTapCommand({ cmd: 'status' }), 'proof'));
    if (answer.code !== tap.errorRetry || attempt >= tap.maxRetries) return answer;
  }
}
