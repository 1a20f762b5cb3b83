/** One exchange in plain words, for people who read an evidence file. */
import { formatSw, parseResponse, Sw } from '../../apdu/response.ts';
import { toHex } from '../../bytes/hex.ts';
import type { Exchanged } from '../../reader/card.ts';
import { inWords } from '../check.ts';
import { keyNumber } from '../key-number.ts';
import { issuerOf } from './certificate.ts';
import { Status } from './constants.ts';
import {
  isRefusal,
  type KeycardCommand,
  parseChannel,
  parseIdentify,
  parseKeycardCommand,
} from './messages.ts';
import { parseCash, parseIdent, parseSelected, type Selected } from './select.ts';
import { formatVersion } from './version.ts';

export function explain({ command, response }: Exchanged): string {
  return inWords(() => sentence(parseKeycardCommand(command), response));
}

function sentence(command: KeycardCommand, response: Uint8Array): string {
  switch (command.name) {
    case 'select':
      return selectSentence(command.applet, response);
    case 'identify': {
      const asked = `The card was asked to sign the challenge ${toHex(command.challenge)}`;
      const answer = parseIdentify(response);
      if (isRefusal(answer)) return `${asked}; it refused: ${explainSw(answer.sw)}.`;
      const { certificate } = answer;
      const issuer = issuerOf(certificate);
      const signer = issuer === undefined ? 'nobody' : toHex(issuer);
      return `${asked}; it gave a signature and the certificate of the key ${keyNumber(certificate.key)}, which ${signer} signed.`;
    }
    case 'open-channel': {
      const asked = `The card was asked to open a channel, with the challenge ${toHex(command.salt)} as its salt`;
      const answer = parseChannel(response);
      if (isRefusal(answer)) return `${asked}; it refused: ${explainSw(answer.sw)}.`;
      return `${asked}; it gave a key for the channel and a signature, said to be by its identity key.`;
    }
  }
}

function selectSentence(applet: 'keycard' | 'cash' | 'ident', response: Uint8Array): string {
  switch (applet) {
    case 'keycard':
      return `We opened the card application; ${told(parseSelected(response))}`;
    case 'cash': {
      const version = parseCash(response);
      return version === undefined
        ? `We asked for the cash applet, which tells the version; ${absent(response)}`
        : `We asked for the cash applet, which tells the version; it says ${formatVersion(version)}.`;
    }
    case 'ident': {
      const certificate = parseIdent(response);
      return certificate === undefined
        ? `We asked for the identification applet; ${absent(response)}`
        : `We asked for the identification applet; it showed the certificate of the key ${keyNumber(certificate.key)}.`;
    }
  }
}

function told(selected: Selected): string {
  const unsigned = 'Nothing of this is signed.';
  switch (selected.form) {
    case 'blank':
      return `it is not set up, and told no more. ${unsigned}`;
    case 'three': {
      const { version, freeSlots, hasKey } = selected;
      return `it says: version ${formatVersion(version)}, set up, ${freeSlots} pairing slots free, ${keyWords(hasKey)}. ${unsigned}`;
    }
    case 'four': {
      const { version, initialised, pinTries, hasKey, certificate } = selected;
      const state = initialised ? `set up, ${pinTries} PIN tries left` : 'not set up';
      const shown =
        certificate === undefined
          ? 'no certificate'
          : `the certificate of the key ${keyNumber(certificate.key)}`;
      return `it says: version ${formatVersion(version)}, ${state}, ${keyWords(hasKey)}, ${shown}. Only a certificate is signed.`;
    }
    case 'uncertified':
      return `it refused: ${explainSw(Status.conditions)}.`;
    case 'refused':
      return `it refused: ${explainSw(selected.sw)}.`;
  }
}

function keyWords(hasKey: boolean): string {
  return hasKey ? 'a wallet key loaded' : 'no wallet key';
}

function absent(response: Uint8Array): string {
  const { sw } = parseResponse(response);
  return sw === Sw.ok ? 'it showed nothing.' : `it is not there (${formatSw(sw)}).`;
}

function explainSw(sw: number): string {
  const known: Readonly<Record<number, string>> = {
    [Status.conditions]: 'no certificate was loaded',
    [Status.unknownInstruction]: 'it does not know this question',
    [0x6a80]: 'it did not accept the data',
    [0x6a82]: 'there is no such application',
  };
  const words = known[sw];
  return words === undefined ? formatSw(sw) : `${words} (${formatSw(sw)})`;
}
