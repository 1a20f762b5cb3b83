/**
 * The channel that current applets demand for everything but their status.
 *
 *   S     x-coordinate of the shared point of both ephemeral keys, 32 bytes
 *   kenc  first 16 bytes of HMAC-SHA1(S, "sc_key")        kmac  HMAC-SHA1(S, "sc_mac"), 20 bytes
 *
 *   command  B0 82 00 00 Lc  IV(16) length(2) body length(2)=0014 HMAC-SHA1(kmac, IV length body)
 *   answer   IV(16) length(2) body                    body: AES-128-CBC, PKCS #7 padding, under kenc
 *
 * Our IV is 12 random bytes and a counter of 4 that is odd and rises: 1, 3, 5. A status word without
 * data comes bare, and is passed on as it is.
 *
 * Answers carry no MAC, and the card's end is whoever sent a key: a shell between the card and us can
 * hold a channel to each side, and change or make up every answer. So nothing is believed because it
 * came through here; the channel is there because cards demand it, and it hides a PIN from those who
 * only listen. Sources: ProcessSecureChannel in the three applets; pysatochip SecureChannel.py (6f3aa4e).
 */
import { createCipheriv, createDecipheriv, createECDH, createHmac } from 'node:crypto';
import { encodeCommand } from '../../apdu/command.ts';
import { parseResponse, Sw } from '../../apdu/response.ts';
import { concat, utf8 } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { Card, SecureChannel } from '../../reader/card.ts';
import { Ins, satochip } from './constants.ts';
import { ephemeralKey, parseHandshake } from './handshake.ts';
import { encodeSatochipCommand } from './messages.ts';

const ivLength = 16;
const randomLength = 12;
const blockLength = 16;

/** No answer of these applets is longer than a short one can be. */
const maxBodyLength = 256;

export interface ChannelKeys {
  /** 16 bytes. */
  readonly encryption: Uint8Array;
  /** 20 bytes. */
  readonly mac: Uint8Array;
}

/**
 * Opens a channel. What is said for that stays in the transcript.
 *
 * @returns undefined when the card refuses
 * @throws EvidenceError when its answer is none, or not signed by the key that it shows
 */
export async function openChannel(
  card: Card,
  random: (length: number) => Uint8Array,
): Promise<Card | undefined> {
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(random(32));
  const point = new Uint8Array(ecdh.getPublicKey());
  const answer = await card.transmit(encodeSatochipCommand({ name: 'channel', point }), 'proof');
  const { data, sw } = parseResponse(answer);
  if (sw !== Sw.ok) return undefined;
  const theirs = ephemeralKey(parseHandshake(data));
  if (theirs === undefined) throw new EvidenceError('channel: not signed by the key it shows');
  const shared = new Uint8Array(ecdh.computeSecret(theirs));
  return card.through(secureChannel(deriveKeys(shared), random));
}

/** @param shared 32 bytes */
export function deriveKeys(shared: Uint8Array): ChannelKeys {
  return {
    encryption: hmacSha1(shared, utf8('sc_key')).subarray(0, 16),
    mac: hmacSha1(shared, utf8('sc_mac')),
  };
}

export function secureChannel(
  keys: ChannelKeys,
  random: (length: number) => Uint8Array,
): SecureChannel {
  let counter = 1;
  return {
    wrap(command) {
      const iv = concat(random(randomLength), uint32(counter));
      counter += 2;
      const cipher = createCipheriv('aes-128-cbc', keys.encryption, iv);
      const body = concat(cipher.update(command), cipher.final());
      const covered = concat(iv, uint16(body.length), body);
      const mac = hmacSha1(keys.mac, covered);
      return encodeCommand({
        cla: satochip.cla,
        ins: Ins.wrapped,
        p1: 0,
        p2: 0,
        data: concat(covered, uint16(mac.length), mac),
      });
    },
    unwrap(response) {
      const { data, sw } = parseResponse(response);
      if (data.length === 0) return response;
      if (sw !== Sw.ok) throw new EvidenceError('encrypted answer: under a status that has none');
      return concat(open(keys.encryption, data), response.subarray(-2));
    },
  };
}

function open(key: Uint8Array, data: Uint8Array): Uint8Array {
  const iv = data.subarray(0, ivLength);
  const body = data.subarray(ivLength + 2);
  const length = ((data[ivLength] ?? 0) << 8) | (data[ivLength + 1] ?? 0);
  const isWhole = body.length > 0 && body.length % blockLength === 0;
  if (!isWhole || body.length !== length || length > maxBodyLength) {
    throw new EvidenceError(`encrypted answer: ${data.length} bytes are none`);
  }
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, iv);
    return concat(decipher.update(body), decipher.final());
  } catch (cause) {
    throw new EvidenceError('encrypted answer: it was not made with this key', { cause });
  }
}

function hmacSha1(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha1', key).update(message).digest());
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}
