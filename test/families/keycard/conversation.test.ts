import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { readConversation } from '../../../src/families/keycard/conversation.ts';
import { prove } from '../../../src/families/keycard/prove.ts';
import { selectCardManager } from '../../../src/families/platform.ts';
import type { RecordedExchange } from '../../../src/reader/card.ts';
import {
  askCash,
  askIdent,
  blank,
  bytes,
  cash,
  challenge,
  client,
  command,
  evidence,
  exchange,
  four,
  ident,
  identified,
  identify,
  lines,
  ok,
  open,
  opened,
  ownCertificate,
  select,
  sw,
  three,
} from './cards.ts';

const fault = (...transcript: RecordedExchange[]) => {
  try {
    readConversation(transcript);
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
  return 'read';
};

describe('a conversation', () => {
  it('with a blank card holds every answer once', () => {
    const conversation = readConversation([select(blank()), identify(), askCash(), askIdent()]);
    expect(conversation).toMatchObject({
      selected: { form: 'blank' },
      identified: { challenge, answer: { certificate: { bytes: ownCertificate } } },
      cashVersion: { major: 3, minor: 1 },
      shownCertificate: { bytes: ownCertificate },
    });
    expect(conversation.opened).toBeUndefined();
  });

  it('with a 4.0 card holds what was signed', () => {
    const { opened: found } = readConversation([select(four()), open(), askIdent()]);
    expect(found).toMatchObject({ salt: challenge, clientKey: client.point });
  });

  it('may begin with questions to the chip, and leaves private exchanges out', () => {
    const chip = exchange(selectCardManager, ok);
    const secret: RecordedExchange = {
      ...exchange(bytes(0x80, 0xfd, 0, 0), ok),
      disclosure: 'private',
    };
    expect(fault(chip, select(blank()), identify(), secret)).toBe('read');
    expect(fault(select(blank()), chip, identify())).toContain('exchange 2');
  });

  it('may end after SELECT', () => {
    for (const response of [blank(), three(), four(), sw(0x6985), sw(0x6a82)]) {
      expect(Object.keys(readConversation([select(response)]))).toEqual(['selected']);
    }
  });

  const reset = exchange(bytes(0x80, 0xfd, 0xaa, 0x55), ok);
  const old = three({ version: [3, 0] });
  it.each<[string, RecordedExchange[], string]>([
    ['nothing', [], 'the applet was not selected'],
    ['a question alone', [identify()], 'exchange 1: asked while another applet is selected'],
    ['the cash applet first', [askCash(), select(blank())], 'exchange 1: the Keycard applet is'],
    ['a second SELECT', [select(blank()), select(blank())], 'exchange 2: the same is asked twice'],
    ['a SELECT at the end', [select(three()), identify(), select(three())], 'exchange 3: the same'],
    [
      'two questions',
      [select(three()), identify(), identify()],
      'exchange 3: the same is asked twice',
    ],
    [
      'a refused question again',
      [select(three()), identify(sw(0x6985)), identify()],
      'exchange 3: the same is asked twice',
    ],
    ['cash twice', [select(blank()), askCash(), askCash()], 'exchange 3: the same'],
    ['identification twice', [select(blank()), askIdent(), askIdent()], 'exchange 3: the same'],
    [
      'IDENTIFY of the cash applet',
      [select(blank()), askCash(), identify()],
      'exchange 3: asked while another applet is selected',
    ],
    [
      'IDENTIFY after an absent applet',
      [select(blank()), askIdent(sw(0x6a82)), identify()],
      'exchange 3: asked while another applet is selected',
    ],
    [
      'IDENTIFY of a 4.0 card',
      [select(four()), identify()],
      'exchange 2: a question that does not fit',
    ],
    [
      'a channel of a 3.x card',
      [select(three()), open()],
      'exchange 2: a question that does not fit',
    ],
    [
      'a channel of a blank card',
      [select(blank()), open()],
      'exchange 2: a question that does not fit',
    ],
    [
      'IDENTIFY of an old card',
      [select(old), identify()],
      'exchange 2: a question that does not fit',
    ],
    ['a question after a refusal', [select(sw(0x6985)), identify()], 'exchange 2: a question that'],
    [
      'a channel without a certificate',
      [select(four({ certificate: undefined })), open()],
      'exchange 2: a question that does not fit',
    ],
    ['FACTORY RESET', [select(three()), reset, identify()], 'exchange 2: command'],
    [
      'another application',
      [select(blank()), exchange(command.keycard.with(9, 9), ok)],
      'exchange 2: SELECT: none of the Keycard applets',
    ],
    ['garbage', [select(blank()), exchange(bytes(1), ok)], 'exchange 2: command'],
    ['an answer cut short', [select(blank()), identify(bytes(0x90))], 'exchange 2: response'],
    ['a garbled SELECT', [select(concat(bytes(1), ok))], 'exchange 1: object 1'],
    ['a garbled cash answer', [select(blank()), askCash(cash().with(0, 0xa5))], 'exchange 2'],
    ['a garbled identification answer', [select(blank()), askIdent(ident(bytes(1)))], 'exchange 2'],
    ['an answer of another question', [select(three()), identify(opened())], 'exchange 2'],
    ['an answer to IDENTIFY for a channel', [select(four()), open(identified())], 'exchange 2'],
  ])('with %s cannot be read, and nothing is proven', (_, transcript, words) => {
    expect(fault(...transcript)).toContain(words);
    const proof = prove(evidence(transcript));
    expect(lines(proof)).toEqual(['answers live unreadable', 'chain chain missing']);
    expect(proof.key ?? proof.number ?? proof.issuers ?? proof.product).toBeUndefined();
  });
});
