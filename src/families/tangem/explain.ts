/** One exchange in plain words, for people who read an evidence file. */
import { parseResponse } from '../../apdu/response.ts';
import { toHex } from '../../bytes/hex.ts';
import type { Exchanged } from '../../reader/card.ts';
import { inWords } from '../check.ts';
import { parseCardData } from './card-data.ts';
import { ReadMode, Tag } from './constants.ts';
import {
  explainSw,
  isOk,
  parseTangemCommand,
  parseTangemResponse,
  type RecordedCommand,
} from './messages.ts';
import { printedId } from './prove.ts';
import type { Tlv } from './tlv.ts';
import { parseWalletPage } from './wallets.ts';

export function explain(exchange: Exchanged): string {
  return inWords(() => {
    const command = parseTangemCommand(exchange.command);
    if (command.name === 'authorize') return "We showed the card that we know its owner's code.";
    if (command.name === 'other') {
      return 'A command that Touchstone never sends; it judges nothing by it.';
    }
    const asked = askedFor(command);
    if (command.name === 'select') return `${asked} ${selected(exchange.response)}`;
    const answer = parseTangemResponse(exchange.response);
    switch (answer.kind) {
      case 'pause':
        return `${asked} The card asked for a pause.`;
      case 'refusal':
        return `${asked} The card refused: ${explainSw(answer.sw)}.`;
      case 'fields':
        return `${asked} ${answered(command, answer.fields)}`;
    }
  });
}

function selected(response: Uint8Array): string {
  const { sw } = parseResponse(response);
  return isOk(sw) ? 'It answered.' : `The card refused: ${explainSw(sw)}.`;
}

function askedFor(command: Exclude<RecordedCommand, { name: 'other' | 'authorize' }>): string {
  switch (command.name) {
    case 'select':
      return 'We opened the card application.';
    case 'read':
      return listsWallets(command.fields)
        ? 'We asked for the list of its wallets.'
        : 'We asked what it says about itself.';
    case 'attest': {
      const challenge = toHex(command.fields.bytes(Tag.challenge));
      const more = command.fields.has(Tag.interactionMode) ? ' and to list its linked cards' : '';
      return `The card was asked to sign the challenge ${challenge}${more}.`;
    }
  }
}

function answered(
  command: Extract<RecordedCommand, { name: 'read' | 'attest' }>,
  answer: Tlv,
): string {
  switch (command.name) {
    case 'read':
      return listsWallets(command.fields) ? walletsSentence(answer) : cardSentence(answer);
    case 'attest': {
      const linked = answer.all(Tag.linkedCardPublicKey).length;
      const more = linked > 0 ? `, over ${linked} linked cards too` : '';
      return `It gave a signature, said to be by its card key${more}.`;
    }
  }
}

function cardSentence(answer: Tlv): string {
  const { cardId, firmware, batch, cardIdSignature } = parseCardData(answer);
  const parts = [
    `number ${printedId(cardId)}`,
    ...(firmware.text === '' ? [] : [`firmware ${firmware.text}`]),
    ...(batch === undefined ? [] : [`batch ${batch}`]),
  ];
  const signed = cardIdSignature === undefined ? '' : ', but for the number';
  return `It says: ${parts.join(', ')}. Nothing of this is signed${signed}.`;
}

function walletsSentence(answer: Tlv): string {
  const { slots } = parseWalletPage(answer);
  const used = slots.filter((slot) => slot.kind !== 'empty').length;
  return `It listed ${slots.length} slots, ${used} of them not empty. Their keys are not kept here.`;
}

function listsWallets(command: Tlv): boolean {
  return command.integer(Tag.interactionMode) === ReadMode.walletsList;
}
