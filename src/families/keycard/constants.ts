/**
 * Numbers of the Keycard applets.
 * Source: keycard-tech/status-keycard at tags 3.1.0 to 3.2 and a61616a (the applet calls itself 4.0
 * there), KeycardApplet.java, IdentApplet.java, CashApplet.java, SecureChannelV2.java.
 */
import { utf8 } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';

export const keycard = {
  familyId: 'keycard',
  /** First instances of the applets; further ones count up the last byte. */
  aids: {
    keycard: fromHex('a00000080400010101'),
    cash: fromHex('a00000080400010301'),
    ident: fromHex('a00000080400010401'),
  },
  challengeLength: 32,
  /** Compressed identity key, r, s, recovery id. */
  certificateLength: 98,
  compressedLength: 33,
  pointLength: 65,
  keyUidLength: 32,
  instanceUidLength: 16,
  /** Answers fit a short APDU. */
  maxAnswerBytes: 256,
  /** Begins what an applet of 4.0 signs when its channel is opened. */
  channelLabel: utf8('sc_v2_ccm'),
  /** PIN tries of a card whose owner did not choose another number of 2 to 10. */
  usualPinTries: 3,
} as const;

/** Which challenge of the session goes into which question. */
export const challengeLabels = { identify: 'identify', channel: 'channel' } as const;

export const Tag = {
  template: 0xa4,
  identity: 0xa0,
  instanceUid: 0x8f,
  /** Key of the secure channel; in the cash applet the key of a wallet. */
  publicKey: 0x80,
  /** Written for every number: the version (2 bytes), and the free pairing slots (1 byte). */
  number: 0x02,
  cashData: 0x82,
  keyUid: 0x8e,
  capabilities: 0x8d,
  status: 0x8c,
  certificate: 0x8a,
} as const;

export const Status = {
  /** No certificate was loaded; a 4.0 applet answers nothing else then. */
  conditions: 0x6985,
  unknownInstruction: 0x6d00,
} as const;

/** Bits of the status byte; 0x20 (LEE mode) says nothing of use. The low nibble: PIN tries left. */
export const StatusBit = { initialised: 0x10, tries: 0x0f } as const;
