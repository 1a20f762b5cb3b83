/**
 * The talk with the card. Only questions: nothing here changes a card or needs its PIN, and the type
 * of a command (messages.ts) has no room for anything else. GET STATUS is not asked: up to 3.2 it
 * needs a pairing, which takes a slot on the card.
 *
 *   up to 3.2, blank      SELECT, IDENTIFY, SELECT cash (which tells the version), SELECT identification
 *   3.1 to 3.2            SELECT, IDENTIFY, SELECT identification
 *   4.0                   SELECT, OPEN SECURE CHANNEL, SELECT identification
 *   up to 3.0             SELECT: such an applet can prove nothing
 *
 * A refusal is no error here; it stays in the transcript for `prove` to judge.
 */
import { createECDH } from 'node:crypto';
import type { Card } from '../../reader/card.ts';
import { untilUnreadable } from '../check.ts';
import type { Interview } from '../family.ts';
import { challengeLabels, keycard } from './constants.ts';
import { questionFor } from './conversation.ts';
import { encodeKeycardCommand } from './messages.ts';
import { redactCash, redactSelected } from './redaction.ts';
import { parseSelected } from './select.ts';

export function interview(card: Card, talk: Interview): Promise<void> {
  return untilUnreadable(() => ask(card, talk));
}

async function ask(card: Card, { challenges, random, onStep }: Interview): Promise<void> {
  onStep('status');
  const select = encodeKeycardCommand({ name: 'select', applet: 'keycard' });
  const selected = parseSelected(await card.transmit(select, 'proof', redactSelected));
  const question = questionFor(selected);
  switch (question) {
    case 'none':
      return;
    case 'identify': {
      onStep('challenge');
      const challenge = challenges(challengeLabels.identify, keycard.challengeLength);
      await card.transmit(encodeKeycardCommand({ name: question, challenge }), 'proof');
      break;
    }
    case 'open-channel': {
      onStep('challenge');
      const salt = challenges(challengeLabels.channel, keycard.challengeLength);
      const clientKey = ephemeralKey(random);
      await card.transmit(encodeKeycardCommand({ name: question, salt, clientKey }), 'proof');
      break;
    }
  }
  onStep('applets');
  if (selected.form === 'blank') {
    const cash = encodeKeycardCommand({ name: 'select', applet: 'cash' });
    await card.transmit(cash, 'state', redactCash);
  }
  await card.transmit(encodeKeycardCommand({ name: 'select', applet: 'ident' }), 'state');
}

/**
 * A key for one channel, uncompressed. The channel is opened for the card's signature alone and
 * nothing is ever sent through it, so the secret half is forgotten here.
 */
function ephemeralKey(random: Interview['random']): Uint8Array {
  const scalar = random(32).slice();
  if (scalar.length !== 32) throw new RangeError(`random: ${scalar.length} bytes, 32 expected`);
  // Odd and below 2^255, so neither zero nor beyond the order of the curve.
  scalar[0] = (scalar[0] ?? 0) & 0x7f;
  scalar[31] = (scalar[31] ?? 0) | 0x01;
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(scalar);
  return new Uint8Array(ecdh.getPublicKey());
}
