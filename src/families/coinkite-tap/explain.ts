/** One exchange in plain words, for people who read an evidence file. */
import { toHex } from '../../bytes/hex.ts';
import type { Exchanged } from '../../reader/card.ts';
import { inWords } from '../check.ts';
import { cardNumber } from './identity.ts';
import {
  type Fields,
  isRefusal,
  parseTapCommand,
  parseTapResponse,
  printable,
} from './messages.ts';
import { parseStatus } from './status.ts';

export function explain(exchange: Exchanged): string {
  return inWords(() => {
    const command = parseTapCommand(exchange.command);
    const answer = parseTapResponse(exchange.response);
    const name = command.name === 'select' ? 'SELECT' : command.fields.text('cmd', 20);
    if (isRefusal(answer)) {
      return `We asked "${printable(name)}"; the card refused: ${answer.text}.`;
    }
    return command.name === 'select'
      ? statusSentence('We opened the card application', answer)
      : sentence(name, command.fields, answer);
  });
}

function statusSentence(asked: string, answer: Fields): string {
  const { product, version, publicKey, cardNonce } = parseStatus(answer);
  return `${asked}; it says: ${product.toUpperCase()}, firmware ${version}, number ${cardNumber(publicKey)}, its nonce ${toHex(cardNonce)}. Nothing of this is signed.`;
}

function sentence(name: string, command: Fields, answer: Fields): string {
  switch (name) {
    case 'status':
      return statusSentence('We asked for its status', answer);
    case 'certs':
      return `We asked for the maker's certificates; it gave ${answer.list('cert_chain', 8).length}.`;
    case 'check':
      return `The card was asked to sign the challenge ${nonce(command)}; it gave a signature, said to be by its card key.`;
    case 'read':
      return `We asked for the active slot with challenge ${nonce(command)}; it gave a key and a signature, said to be the slot's.`;
    case 'nfc':
      return `We asked for the link that it shows to phones: ${printable(answer.text('url', 400), 400)}`;
    case 'dump':
      return `We asked for the public state of slot ${answer.integer('slot', 10) + 1}; the slot ${answer.has('sealed') && !answer.flag('sealed') ? 'was opened' : 'was not opened'}.`;
    default:
      return `Command "${printable(name)}": Touchstone never sends it and judges nothing by it.`;
  }
}

function nonce(command: Fields): string {
  return toHex(command.bytes('nonce'));
}
