import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/families/satochip/explain.ts';
import { hex, talkTo } from './cards.ts';

describe('an exchange in plain words', () => {
  it.each([
    ['00a40400085361746f44696d65', '9000', 'a Satodime; it is there'],
    ['00a4040000', '9000', 'card manager'],
    ['b03c0000', '000c0006 05010101 00 01 01 01 9000', 'version 0.12-0.6, set up, seeded'],
    ['b03c0000', '000c0006 05010101 00 01 01 01 9000', 'seeded, tries left of its PIN: 5. Nothing'],
    ['b03c0000', '000c0006 05010101 00 00 00 01 9000', 'version 0.12-0.6, not set up. Nothing'],
    ['b03c0000', '000c0006 00010101 00 00 01 01 9000', 'set up, not seeded. Nothing'],
    ['b03c0000', '9c04', 'only that it is not set up'],
    [
      'b0420000',
      '63c4',
      'PIN that we were given, which is not recorded; the card refused: 63C4, wrong PIN, tries left: 4.',
    ],
    ['b0420000', '9000', 'the card took it'],
    ['b0930001', '00009000', 'it holds none'],
    ['b0930001', '02009000', '512 bytes'],
    ['b09300020400000001', 'ab9000', '1 bytes of the certificate from byte 0 on; it gave 1'],
    ['b0980000', '9c06', 'the card refused: 9C06, a PIN is needed'],
    ['b0500000', '00000000 02 00 01 9000', 'empty, sealed. Nothing of this is signed'],
    ['b03d0001', '009000', 'it has none'],
    ['b03d0001', '059000', 'it has one, which is not recorded'],
    ['b0a70000', '0002 0fff 0f35 0007 0064 ffffffffff9000 9000', '2 secrets, 7 log entries'],
    ['80ca9f7f00', '6a88', 'who made it and when'],
    ['b0ad0000', '9000', 'This cannot be read'],
    ['b0980000', '029000', 'This cannot be read'],
  ])('%s %s', (command, response, words) => {
    expect(explain({ command: hex(command), response: hex(response) })).toContain(words);
  });

  it.each(['genuine', 'set-up-seedkeeper', 'used-satodime'])(
    'of %s is never unreadable',
    async (id) => {
      const { evidence } = await talkTo(id, { accessCode: '123456' });
      const sentences = evidence.transcript.map(explain);
      expect(sentences.filter((sentence) => sentence.includes('cannot be read'))).toEqual([]);
      expect(sentences.every((sentence) => sentence.endsWith('.'))).toBe(true);
    },
  );

  it('of any bytes is a sentence', async () => {
    const { evidence } = await talkTo('genuine');
    const commands = evidence.transcript.map(({ command }) => command);
    const bytes = fc.uint8Array({ maxLength: 90 });
    fc.assert(
      fc.property(fc.oneof(bytes, fc.constantFrom(...commands)), bytes, (command, response) => {
        expect(explain({ command, response }).length).toBeGreaterThan(10);
      }),
      { numRuns: 2000 },
    );
  });
});
