/**
 * The secure channel of COS 8. READ stays outside of it, ATTEST CARD KEY goes through it.
 *
 *   AUTHORIZE     D3  23=10 01=card ID     answer 1A = the card's ephemeral key, 04 = its signature
 *   OPEN SESSION  FF  P2 10  1B = our ephemeral key, 01      answer 4A = access level
 *   session key = SHA-256(x of the shared point)
 *   body        = AES-256-CCM, tag of 8 bytes appended, P1 = 10
 *     nonce = 7E (command) or CA (answer) || card ID(8) || counter(3)      counter: 1, 2, ...
 *     AAD   = CLA INS P1 P2, or SW1 SW2
 *   code proof    D3  23=21 answers 16 = c;  D3  23=22 10=HMAC-SHA256(c, "PIN" || c xor SHA-256(code))
 *
 * The card's signature in AUTHORIZE covers "SESSION.CARD" and its ephemeral key, nothing of ours, so it
 * proves nothing of now; but whoever replays it lacks that key, so behind the channel is who holds the
 * card key. 9789 and 6982 come in the clear.
 *
 * Read in the maker's SDK and never met on a card. Sources: tangem-sdk-ios at 54812ee3
 * Operations/Authorize*, Operations/OpenSessionCommand.swift, Crypto/CryptoSwiftUtils.swift.
 */
import { createCipheriv, createDecipheriv, createECDH, createHmac } from 'node:crypto';
import { encodeCommand, parseCommand } from '../../apdu/command.ts';
import { parseResponse } from '../../apdu/response.ts';
import { concat, utf8 } from '../../bytes/bytes.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { SecureChannel } from '../../reader/card.ts';
import { verifySecp256k1 } from '../../trust/signature.ts';
import { Ins, Status, Tag, tangem } from './constants.ts';
import type { Handshake } from './handshake.ts';
import { encodeTangemCommand } from './messages.ts';

/** Tag 23 of AUTHORIZE. */
const Authorize = { publicChannel: 0x10, codeChallenge: 0x21, codeProof: 0x22 } as const;

/** P2 of OPEN SESSION, and P1 of everything inside the channel. */
const ccm = 0x10;

const tagLength = 8;

/**
 * Opens the channel.
 *
 * @param cardId 8 bytes, as READ gave it
 * @param cardKey compressed, as READ gave it
 * @throws EvidenceError when the card does not do its part
 */
export async function openCcmChannel(
  line: Handshake,
  cardId: Uint8Array,
  cardKey: Uint8Array,
  random: (length: number) => Uint8Array,
): Promise<SecureChannel> {
  const authorize = encodeTangemCommand(Ins.authorize, [
    [Tag.cardId, cardId],
    [Tag.interactionMode, Uint8Array.of(Authorize.publicChannel)],
  ]);
  const fields = await line.ask(authorize);
  const theirs = fields.bytes(Tag.sessionKeyA, 33, 65);
  const signature = fields.bytes(Tag.cardSignature, tangem.signatureLength);
  if (!verifySecp256k1(cardKey, concat(utf8('SESSION.CARD'), theirs), signature)) {
    throw new EvidenceError('AUTHORIZE: not signed by the card key it shows');
  }
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(random(32));
  const open = encodeTangemCommand(
    Ins.openSession,
    [
      [Tag.cardId, cardId],
      [Tag.sessionKeyB, new Uint8Array(ecdh.getPublicKey())],
    ],
    ccm,
  );
  await line.ask(open);
  return ccmChannel(cardId, sha256(sharedPoint(ecdh, theirs)));
}

/**
 * Shows the card inside its channel that its owner's code is known. One try.
 *
 * @throws EvidenceError when the card refuses
 */
export async function proveCode(line: Handshake, codeHash: Uint8Array): Promise<void> {
  const ask = encodeTangemCommand(Ins.authorize, [
    [Tag.interactionMode, Uint8Array.of(Authorize.codeChallenge)],
  ]);
  const asked = await line.ask(ask);
  const challenge = asked.bytes(Tag.challenge, codeHash.length);
  const mixed = challenge.map((byte, index) => byte ^ (codeHash[index] ?? 0));
  const proof = createHmac('sha256', challenge).update(utf8('PIN')).update(mixed).digest();
  const prove = encodeTangemCommand(Ins.authorize, [
    [Tag.interactionMode, Uint8Array.of(Authorize.codeProof)],
    [Tag.pin, new Uint8Array(proof)],
  ]);
  await line.askWithCode(prove);
}

/**
 * @param cardId 8 bytes
 * @param key 32 bytes
 */
export function ccmChannel(cardId: Uint8Array, key: Uint8Array): SecureChannel {
  let counter = 1;
  const nonce = (direction: number) =>
    concat(
      Uint8Array.of(direction),
      cardId,
      Uint8Array.of(counter >> 16, (counter >> 8) & 0xff, counter & 0xff),
    );
  return {
    wrap(command) {
      const { data = new Uint8Array(), ...header } = parseCommand(command);
      const aad = Uint8Array.of(header.cla, header.ins, ccm, header.p2);
      const cipher = createCipheriv('aes-256-ccm', key, nonce(0x7e), { authTagLength: tagLength });
      cipher.setAAD(aad, { plaintextLength: data.length });
      const body = concat(cipher.update(data), cipher.final(), cipher.getAuthTag());
      return encodeCommand({ ...header, p1: ccm, data: body, extended: true });
    },
    unwrap(response) {
      const { data, sw } = parseResponse(response);
      const answered = nonce(0xca);
      // A pause counts too: the command that comes again is encrypted anew.
      counter += 1;
      if (sw === Status.pause || sw === Status.encryptionNeeded) return response;
      return data.length === 0
        ? response
        : concat(open(key, answered, response), response.subarray(-2));
    },
  };
}

function open(key: Uint8Array, nonce: Uint8Array, response: Uint8Array): Uint8Array {
  const body = response.subarray(0, -2 - tagLength);
  try {
    const decipher = createDecipheriv('aes-256-ccm', key, nonce, { authTagLength: tagLength });
    decipher.setAuthTag(response.subarray(body.length, -2));
    decipher.setAAD(response.subarray(-2), { plaintextLength: body.length });
    return concat(decipher.update(body), decipher.final());
  } catch (cause) {
    throw new EvidenceError('encrypted answer: it was not made with this key', { cause });
  }
}

function sharedPoint(ecdh: ReturnType<typeof createECDH>, theirs: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(ecdh.computeSecret(theirs));
  } catch (cause) {
    throw new EvidenceError('tag 1A: not a point on secp256k1', { cause });
  }
}
