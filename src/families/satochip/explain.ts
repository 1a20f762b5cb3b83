/** One exchange in plain words, for people who read an evidence file. */
import { parseResponse, Sw } from '../../apdu/response.ts';
import { toHex } from '../../bytes/hex.ts';
import type { Exchanged } from '../../reader/card.ts';
import { inWords } from '../check.ts';
import { explainPlatform } from '../platform.ts';
import { displayNames } from './constants.ts';
import { parseHandshake } from './handshake.ts';
import {
  describeSw,
  parseCertificateSize,
  parseChallengeAnswer,
  parseLabelLength,
  parsePiece,
  parsePoint,
  parseSatochipCommand,
  parseSecrets,
  parseSlots,
  type RecordedCommand,
} from './messages.ts';
import { formatVersion, parseStatus } from './status.ts';

export function explain(exchange: Exchanged): string {
  return inWords(() => {
    const platform = explainPlatform(exchange);
    if (platform !== undefined) return platform;
    const command = parseSatochipCommand(exchange.command);
    if (command.name === 'status') return statusSentence(exchange.response);
    const { data, sw } = parseResponse(exchange.response);
    const asked = question(command);
    if (sw !== Sw.ok) return `${asked}; the card refused: ${describeSw(sw)}.`;
    return `${asked}; ${answer(command, data)}.`;
  });
}

function statusSentence(response: Uint8Array): string {
  const { version, setUp, seeded, tries } = parseStatus(response);
  if (version === undefined) return 'We asked for its status; it says only that it is not set up.';
  const state = setUp ? `set up, ${seeded ? 'seeded' : 'not seeded'}` : 'not set up';
  const left = setUp && tries > 0 ? `, tries left of its PIN: ${tries}` : '';
  return `We asked for its status; it says: version ${formatVersion(version)}, ${state}${left}. Nothing of this is signed.`;
}

type Asked = Exclude<RecordedCommand, { readonly name: 'status' }>;

function question(command: Asked): string {
  switch (command.name) {
    case 'manager':
      return 'We asked for the card manager';
    case 'select':
      return `We asked for the application of a ${displayNames[command.product]}`;
    case 'channel':
      return 'We sent a key of ours to open an encrypted channel';
    case 'pin':
      return 'We sent the PIN that we were given, which is not recorded';
    case 'certificate-size':
      return "We asked how long the maker's certificate is";
    case 'certificate-piece':
      return `We asked for ${command.size} bytes of the certificate from byte ${command.offset} on`;
    case 'public-key':
      return 'We asked for its public key';
    case 'challenge':
      return `We asked it to sign the challenge ${toHex(command.challenge)}`;
    case 'slots':
      return 'We asked for the state of its slots';
    case 'label':
      return 'We asked whether an owner gave it a label';
    case 'secrets':
      return 'We asked how much it holds and how much it has logged';
  }
}

function answer(command: Asked, data: Uint8Array): string {
  switch (command.name) {
    case 'manager':
    case 'select':
      return 'it is there';
    case 'channel': {
      const { cardX } = parseHandshake(data);
      const named = cardX === undefined ? '' : ', and named the key that made the second one';
      return `it sent one of its own and two signatures, over nothing of ours${named}`;
    }
    case 'pin':
      return 'the card took it';
    case 'certificate-size': {
      const size = parseCertificateSize(data);
      return size === 0 ? 'it holds none' : `${size} bytes`;
    }
    case 'certificate-piece':
      return `it gave ${parsePiece(data, command.size).length}`;
    case 'public-key':
      return `it gave ${toHex(parsePoint(data))}`;
    case 'challenge': {
      const { cardChallenge } = parseChallengeAnswer(data);
      return `it added ${toHex(cardChallenge)} of its own and gave a signature, said to cover both`;
    }
    case 'slots':
      return `it says: ${parseSlots(data).join(', ')}. Nothing of this is signed`;
    case 'label':
      return parseLabelLength(data) === 0 ? 'it has none' : 'it has one, which is not recorded';
    case 'secrets': {
      const { count, logged } = parseSecrets(data);
      return `it says: ${count} secrets, ${logged} log entries. Nothing of this is signed`;
    }
  }
}
