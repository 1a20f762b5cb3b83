/**
 * Answers to SELECT (keycard-tech/status-keycard, KeycardApplet.java, CashApplet.java,
 * IdentApplet.java; tags 3.1.0 to 3.2 and @a61616a).
 *
 *   Keycard before 4.0, blank        80 channel key (65)
 *   Keycard before 4.0, initialised  A4 { 8F instance UID (16), 80 channel key (65), 02 version (2),
 *                                         02 free slots (1), 8E key UID (0 or 32), 8D capabilities }
 *   Keycard 4.0                      A4 { 02 version (2), 8C status (1), 8E key UID (0 or 32),
 *                                         8D capabilities (1), 8A certificate (98) }
 *   cash                             A4 { 80 key (65), 02 version (2), 82 public data }
 *   identification                   the certificate (98) without a tag; nothing without one
 *
 * The source of 4.0 writes the length of its A4 one too low, and so do these cards: 6F for 112
 * bytes, 81 8F for 144.
 */
import { concat } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import {
  type Answer,
  bare,
  freeSlotsTag,
  lengthField,
  object,
  Status,
  success,
  Tag,
} from './apdu.ts';
import type { KeycardKeys } from './keys.ts';
import type { KeycardProfile } from './profile.ts';

/** Status byte of 4.0. The low nibble counts the tries that the PIN has left. */
const initialisedBit = 0x10;
const pinTries = 3;

/** Given to the cash applet when it is installed; these bytes as the applet's own tests do. */
const cashData = fromHex('c900');

/** The answer of the Keycard applet; 6985 from a 4.0 card without a certificate. */
export function answerKeycard(profile: KeycardProfile, keys: KeycardKeys): Answer {
  if (profile.applet.proof === 'handshake') return answerV4(profile, keys);
  const channelKey = object(Tag.publicKey, keys.channelKey);
  if (profile.state === 'blank') return success(channelKey);
  const { version, slots, capabilities } = profile.applet;
  return success(
    object(
      Tag.application,
      object(Tag.instanceUid, keys.instanceUid),
      channelKey,
      object(Tag.version, twoBytes(version)),
      object(freeSlotsTag, Uint8Array.of(slots - (profile.pairings ?? 0))),
      object(Tag.keyUid, keys.keyUid),
      object(Tag.capabilities, Uint8Array.of(capabilities)),
    ),
  );
}

function answerV4({ applet, state }: KeycardProfile, keys: KeycardKeys): Answer {
  if (keys.certificate === undefined) return bare(Status.conditionsNotMet);
  const status = state === 'blank' ? 0 : initialisedBit | pinTries;
  const content = concat(
    object(Tag.version, twoBytes(applet.version)),
    object(Tag.status, Uint8Array.of(status)),
    object(Tag.keyUid, keys.keyUid),
    object(Tag.capabilities, Uint8Array.of(applet.capabilities)),
    object(Tag.certificate, keys.certificate),
  );
  return success(concat(Uint8Array.of(Tag.application), lengthField(content.length - 1), content));
}

/** The answer of the cash applet, the same in every state. */
export function answerCash({ applet }: KeycardProfile, keys: KeycardKeys): Answer {
  return success(
    object(
      Tag.application,
      object(Tag.publicKey, keys.cashKey),
      object(Tag.version, twoBytes(applet.version)),
      object(Tag.publicData, cashData),
    ),
  );
}

/** The answer of the identification applet. */
export function answerIdent({ identCertificate }: KeycardKeys): Answer {
  return success(identCertificate ?? new Uint8Array());
}

function twoBytes(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
