import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/bytes/base64.ts';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { LogError } from '../../src/errors/error.ts';
import {
  appendSignatures,
  encodeNote,
  encodeSignatures,
  maxNoteBytes,
  parseNote,
  parseSignatures,
} from '../../src/tlog/note.ts';
import { log7, mlDsa, notes, vectorText } from './given.ts';

const sig = (id = 1) => encodeBase64(Uint8Array.of(0, 0, 0, id, 9));
const line = (name = 'a', id = 1) => `— ${name} ${sig(id)}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, id) => line('a', id)).join('');

const malformed = (run: () => unknown) => {
  expect(run).toThrow(LogError);
  expect(run).toThrow(expect.objectContaining({ code: 'LOG_MALFORMED' }));
};

describe('a signed note', () => {
  it.each(notes)('is read and written back: $name', ({ note, expect_signatures }) => {
    const parsed = parseNote(note);
    expect(parsed.signatures).toHaveLength(expect_signatures);
    expect(encodeNote(parsed)).toBe(note);
    expect(parseNote(utf8(note))).toEqual(parsed);
  });

  it('is read in its parts', () => {
    expect(parseNote(`text\n\n${line('example.com/a', 7)}`)).toEqual({
      text: 'text\n',
      signatures: [{ name: 'example.com/a', keyId: 7, payload: Uint8Array.of(9) }],
    });
  });

  it('reads key IDs without a sign', () => {
    const note = `text\n\n— a ${encodeBase64(Uint8Array.of(0xff, 0xff, 0xff, 0xfe, 1))}\n`;
    expect(parseNote(note).signatures[0]?.keyId).toBe(0xfffffffe);
    expect(encodeNote(parseNote(note))).toBe(note);
  });

  it('parts text and signatures at the last empty line', () => {
    const text = `one\n\n\n${line('b')}\ntwo\n`;
    const parsed = parseNote(`${text}\n${line('c')}`);
    expect(parsed.text).toBe(text);
    expect(parsed.signatures.map(({ name }) => name)).toEqual(['c']);
  });

  it('may begin with an empty line', () => {
    expect(parseNote(`\n\n${line()}`).text).toBe('\n');
  });

  it('keeps a byte order mark as a part of the text', () => {
    const marked = concat(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(`text\n\n${line()}`));
    expect(parseNote(marked).text).toBe('\ufefftext\n');
  });

  it('has up to 100 signatures, unknown ones included', () => {
    expect(parseNote(`text\n\n${lines(100)}`).signatures).toHaveLength(100);
    malformed(() => parseNote(`text\n\n${lines(101)}`));
  });

  it('has room for 100 signatures of ML-DSA-44', () => {
    const note = `text\n\n${`${mlDsa.signature_line.trimEnd()}\n`.repeat(100)}`;
    expect(parseNote(note).signatures).toHaveLength(100);
  });

  it('has at most a million bytes', () => {
    const behind = `\n\n${line()}`;
    const most = maxNoteBytes - utf8(behind).length;
    expect(parseNote('x'.repeat(most) + behind).text).toHaveLength(most + 1);
    malformed(() => parseNote(`x${'x'.repeat(most)}${behind}`));
    malformed(() => parseNote(utf8(`x${'x'.repeat(most)}${behind}`)));
    // Fewer than a million characters, more than a million bytes.
    malformed(() => parseNote('ö'.repeat(most / 2 + 1) + behind));
  });

  const name255 = 'n'.repeat(255);
  it('has names of at most 255 bytes', () => {
    expect(parseNote(`text\n\n${line(name255)}`).signatures[0]?.name).toBe(name255);
    malformed(() => parseNote(`text\n\n${line(`${name255}n`)}`));
    malformed(() => parseNote(`text\n\n${line('ö'.repeat(128))}`));
  });

  it.each([
    ['nothing', ''],
    ['a text alone', 'text\n'],
    ['a text and an empty line', 'text\n\n'],
    ['no empty line', `text\n${line()}`],
    ['no text', line()],
    ['an empty line alone before the signatures', `\n${line()}`],
    ['an empty line behind', `text\n\n${line()}\n`],
    ['an empty line between signatures', `text\n\n${line()}\nx\n`],
    ['a last line without end', `text\n\n${line().slice(0, -1)}`],
    ['CRLF', `text\r\n\r\n${line()}`],
    ['CR before the last LF', `text\n\n${line().slice(0, -1)}\r\n`],
    ['a tab in the text', `te\txt\n\n${line()}`],
    ['NUL in the text', `te\0xt\n\n${line()}`],
    ['a lone surrogate', `te\ud800xt\n\n${line()}`],
    ['a line that is no signature', `text\n\nx\n${line()}`],
    ['a hyphen for the dash', `text\n\n- a ${sig()}\n`],
    ['no space after the dash', `text\n\n—a ${sig()}\n`],
    ['no name', `text\n\n— ${sig()}\n`],
    ['an empty name', `text\n\n—  ${sig()}\n`],
    ['a name with a plus', `text\n\n— a+b ${sig()}\n`],
    ['a name with a no-break space', `text\n\n— a\u00a0b ${sig()}\n`],
    ['a name with an ideographic space', `text\n\n— a\u3000b ${sig()}\n`],
    ['a name with a next-line character', `text\n\n— a\u0085b ${sig()}\n`],
    ['two spaces before the signature', `text\n\n— a  ${sig()}\n`],
    ['a space behind the signature', `text\n\n— a ${sig()} \n`],
    ['no signature', 'text\n\n— a \n'],
    ['a key ID alone', `text\n\n— a ${encodeBase64(new Uint8Array(4))}\n`],
    ['base64 without padding', 'text\n\n— a AAAAAQk\n'],
    ['base64 with unused bits', 'text\n\n— a AAAAAQl=\n'],
    ['base64 of URLs', 'text\n\n— a AAAA_-k=\n'],
  ])('is not %s', (_, note) => {
    malformed(() => parseNote(note));
  });

  it('is UTF-8', () => {
    const bytes = utf8(`text\n\n${line()}`);
    bytes[1] = 0xff;
    malformed(() => parseNote(bytes));
    // "/" in two bytes instead of one.
    malformed(() => parseNote(concat(Uint8Array.of(0xc0, 0xaf), utf8(`\n\n${line()}`))));
  });

  it('is refused for unused bits, as one public test signature has them', () => {
    const { steps } = JSON.parse(vectorText('witness-sequence.json')) as {
      steps: { body: string }[];
    };
    const note = (step: number) => (steps[step]?.body ?? '').split('\n\n').slice(1).join('\n\n');
    expect(parseNote(note(0)).signatures).toHaveLength(1);
    malformed(() => parseNote(note(1)));
  });
});

describe('writing a note', () => {
  const good = { name: 'a', keyId: 1, payload: Uint8Array.of(9) };

  it.each([
    ['a text without end', { text: 'text', signatures: [good] }],
    // Read back, the end of this text would be a signature.
    [
      'a text that ends like a signature',
      { text: `text\n\n${line('b').trim()}`, signatures: [good] },
    ],
    ['no signature', { text: 'text\n', signatures: [] }],
    ['101 signatures', { text: 'text\n', signatures: Array.from({ length: 101 }, () => good) }],
    ['a control character', { text: 'te\rxt\n', signatures: [good] }],
    ['a name of two lines', { text: 'text\n', signatures: [{ ...good, name: `b ${sig()}\n— c` }] }],
    ['a name with a space', { text: 'text\n', signatures: [{ ...good, name: 'a b' }] }],
    ['an empty payload', { text: 'text\n', signatures: [{ ...good, payload: new Uint8Array() }] }],
    ['a key ID above 32 bits', { text: 'text\n', signatures: [{ ...good, keyId: 2 ** 32 }] }],
    ['a key ID below zero', { text: 'text\n', signatures: [{ ...good, keyId: -1 }] }],
    ['half a key ID', { text: 'text\n', signatures: [{ ...good, keyId: 0.5 }] }],
  ])('refuses %s', (_, note) => {
    malformed(() => encodeNote(note));
  });

  it('and reading it gives the same', () => {
    const texts = fc
      .array(fc.string({ unit: 'grapheme', maxLength: 20 }), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.map((part) => `${part}\n`).join(''));
    const signature = fc.record({
      name: fc.stringMatching(/^[a-z./]{1,20}$/),
      keyId: fc.nat(0xffffffff),
      payload: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    });
    const signatures = fc.array(signature, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.record({ text: texts, signatures }), (note) => {
        expect(parseNote(encodeNote(note))).toEqual(note);
      }),
    );
  });
});

describe('appending signatures', () => {
  const note = log7.checkpoint;

  it('leaves the note as it is', () => {
    const appended = appendSignatures(note, line('b') + line('c'));
    expect(appended).toBe(note + line('b') + line('c'));
    expect(parseNote(appended).signatures).toHaveLength(4);
  });

  it('does not repeat a line', () => {
    const own = encodeSignatures(parseNote(note).signatures);
    expect(appendSignatures(note, own)).toBe(note);
    expect(appendSignatures(note, own + line('b'))).toBe(note + line('b'));
  });

  it.each([
    ['no line', ''],
    ['an empty line', '\n'],
    ['an empty line before', `\n${line()}`],
    ['a line without end', line().trim()],
    ['a line that is no signature', 'text\n'],
    ['CRLF', line().replace('\n', '\r\n')],
  ])('refuses %s', (_, more) => {
    malformed(() => appendSignatures(note, more));
    malformed(() => parseSignatures(more));
  });

  it('refuses to go above 100, and a note that is none', () => {
    expect(parseNote(appendSignatures(note, lines(98))).signatures).toHaveLength(100);
    malformed(() => appendSignatures(note, lines(99)));
    malformed(() => appendSignatures('text\n', line()));
    malformed(() => appendSignatures(note.slice(0, -1), line()));
  });
});
