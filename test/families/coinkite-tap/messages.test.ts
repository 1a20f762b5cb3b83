import { decode, encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { encodeCommand } from '../../../src/apdu/command.ts';
import { concat, utf8 } from '../../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import {
  encodeSelect,
  encodeTapCommand,
  Fields,
  isRefusal,
  parseTapCommand,
  parseTapResponse,
  printable,
} from '../../../src/families/coinkite-tap/messages.ts';
import { ok } from '../../support/tap-cards.ts';

const aid = fromHex('f0436f696e6b697465434152447631');
const fieldsOf = (values: object) => new Fields(new Map(Object.entries(values)));
const under = (data: Uint8Array, sw: string) => concat(data, fromHex(sw));

/** A map {"x": bytes} whose encoding has exactly this length. */
function mapOfLength(length: number): Uint8Array {
  const data = encode({ x: new Uint8Array(length - 6) });
  expect(data.length).toBe(length);
  return data;
}

/** The answer's fields; fails for a refusal. */
function answered(bytes: Uint8Array): Fields {
  const answer = parseTapResponse(bytes);
  if (isRefusal(answer)) throw new Error(`refused: ${answer.text}`);
  return answer;
}

describe('a command', () => {
  it('SELECT is the one of this application', () => {
    expect(toHex(encodeSelect())).toBe(`00a404000f${toHex(aid)}`);
    expect(parseTapCommand(encodeSelect())).toEqual({ name: 'select' });
  });

  it('carries its map and no Le', () => {
    const bytes = encodeTapCommand({ cmd: 'dump', slot: 3 });
    expect(toHex(bytes.subarray(0, 5))).toBe(`00cb0000${(bytes.length - 5).toString(16)}`);
    expect(decode(bytes.subarray(5))).toEqual({ cmd: 'dump', slot: 3 });
    const parsed = parseTapCommand(bytes);
    expect(parsed.name === 'tap' && parsed.fields.integer('slot', 9)).toBe(3);
  });

  const status = encode({ cmd: 'status' });
  it.each([
    ['another class', { cla: 0x80, ins: 0xcb, p1: 0, p2: 0, data: status }],
    ['another instruction', { cla: 0, ins: 0xca, p1: 0, p2: 0, data: status }],
    ['P1 of 1', { cla: 0, ins: 0xcb, p1: 1, p2: 0, data: status }],
    ['P2 of 1', { cla: 0, ins: 0xcb, p1: 0, p2: 1, data: status }],
    ['SELECT of another class', { cla: 0x80, ins: 0xa4, p1: 4, p2: 0, data: aid }],
    ['SELECT by another way', { cla: 0, ins: 0xa4, p1: 0, p2: 0, data: aid }],
    ['SELECT of the next occurrence', { cla: 0, ins: 0xa4, p1: 4, p2: 2, data: aid }],
    ['SELECT of a shorter name', { cla: 0, ins: 0xa4, p1: 4, p2: 0, data: aid.subarray(0, 14) }],
    ['SELECT of another name', { cla: 0, ins: 0xa4, p1: 4, p2: 0, data: aid.toReversed() }],
    ['SELECT without a name', { cla: 0, ins: 0xa4, p1: 4, p2: 0 }],
    ['GET DATA of the application name', { cla: 0, ins: 0xa5, p1: 4, p2: 0, data: aid }],
  ])('with %s is none of this protocol', (_, command) => {
    expect(() => parseTapCommand(encodeCommand(command))).toThrow(
      'command: neither SELECT of this application nor one of its commands',
    );
  });

  it('without a map is unreadable', () => {
    const bare = encodeCommand({ cla: 0, ins: 0xcb, p1: 0, p2: 0 });
    expect(() => parseTapCommand(bare)).toThrow('answer: not one CBOR value');
  });
});

describe('an answer', () => {
  it('is the map under status 9000', () => {
    expect(answered(ok({ a: 1 })).integer('a', 1)).toBe(1);
  });

  it.each([
    ['6D00', '6d00', 'status 6D00'],
    ['6A82', '6a82', 'status 6A82'],
    ['9001', '9001', 'status 9001'],
  ])('of status %s alone is a refusal', (_, sw, text) => {
    expect(parseTapResponse(fromHex(sw))).toEqual({ code: 0, text });
  });

  it.each(['9000', '6f00'])('with an error map under %s is a refusal', (sw) => {
    const data = encode({ error: 'bad\u001b[2J   cvc', code: 401 });
    expect(parseTapResponse(under(data, sw))).toEqual({ code: 401, text: '"bad?[2J cvc"' });
  });

  it.each([
    ['an ordinary map under 6F00', under(encode({ a: 1 }), '6f00'), 'an answer under status 6F00'],
    ['an error without a code', ok({ error: 'x' }), 'field "code": nothing'],
    ['an error with code 1000', ok({ error: 'x', code: 1000 }), 'field "code": something else'],
    ['an error that is no text', ok({ error: 1, code: 1 }), 'field "error": something else'],
    ['an error text of 201', ok({ error: 'x'.repeat(201), code: 1 }), 'field "error"'],
    ['9000 alone', fromHex('9000'), 'answer: not one CBOR value'],
    ['a trailing byte', under(concat(encode({ a: 1 }), Uint8Array.of(0)), '9000'), 'not one CBOR'],
    ['two maps', under(concat(encode({ a: 1 }), encode({ a: 1 })), '9000'), 'not one CBOR'],
    ['a map cut short', under(encode({ a: 1 }).subarray(0, -1), '9000'), 'not one CBOR'],
    ['a key twice', under(fromHex('a2616101616102'), '9000'), 'not one CBOR'],
    ['a list', under(encode([1]), '9000'), 'answer: not a CBOR map'],
    ['a text', under(encode('a'), '9000'), 'answer: not a CBOR map'],
    ['null', under(encode(null), '9000'), 'answer: not a CBOR map'],
    ['bytes', under(encode(Uint8Array.of(1)), '9000'), 'answer: not a CBOR map'],
    ['no status word', Uint8Array.of(0x90), 'response: 1 bytes'],
  ])('is unreadable: %s', (_, bytes, message) => {
    expect(() => parseTapResponse(bytes)).toThrow(EvidenceError);
    expect(() => parseTapResponse(bytes)).toThrow(message);
  });

  it('with an error of null is no refusal', () => {
    expect(answered(ok({ error: null, a: 1 })).integer('a', 1)).toBe(1);
  });

  it('may hold a refusal with code 999 and a text of 200', () => {
    const answer = parseTapResponse(ok({ error: 'x'.repeat(200), code: 999 }));
    expect(answer).toEqual({ code: 999, text: `"${'x'.repeat(40)}..."` });
  });

  it('may have 1024 bytes and no more', () => {
    expect(answered(under(mapOfLength(1024), '9000')).has('x')).toBe(true);
    expect(() => parseTapResponse(under(mapOfLength(1025), '9000'))).toThrow(
      'answer: 1025 bytes, at most 1024 expected',
    );
  });

  it('may hold keys that nobody knows and numbers longer than needed', () => {
    const longNumbers = fromHex('a361611805616219000561631b0000000000000005');
    const fields = answered(under(longNumbers, '9000'));
    expect(['a', 'b', 'c'].map((name) => fields.integer(name, 5))).toEqual([5, 5, 5]);
  });

  it('may hold a length longer than needed', () => {
    const longBytes = fromHex('a16161590002abcd');
    expect(answered(under(longBytes, '9000')).bytes('a', 2)).toEqual(fromHex('abcd'));
  });
});

describe('a field', () => {
  const fields = fieldsOf({
    none: null,
    five: Uint8Array.of(1, 2, 3, 4, 5),
    text: 'word',
    zero: 0,
    seven: 7,
    yes: true,
    no: false,
    list: [1, 2],
    half: 0.5,
    minus: -1,
    big: 2n ** 60n,
    one: '1',
  });

  it.each([
    ['bytes', () => fields.bytes('five'), Uint8Array.of(1, 2, 3, 4, 5)],
    ['bytes of a length', () => fields.bytes('five', 5), Uint8Array.of(1, 2, 3, 4, 5)],
    ['no bytes', () => fields.optionalBytes('missing', 5), undefined],
    ['null for bytes', () => fields.optionalBytes('none', 5), undefined],
    ['text of the greatest length', () => fields.text('text', 4), 'word'],
    ['no text', () => fields.optionalText('missing', 4), undefined],
    ['text that may be left out', () => fields.optionalText('text', 4), 'word'],
    ['the least number', () => fields.integer('zero', 7), 0],
    ['the greatest number', () => fields.integer('seven', 7), 7],
    ['no number', () => fields.optionalInteger('none', 7), undefined],
    ['a number that may be left out', () => fields.optionalInteger('seven', 7), 7],
    ['true', () => fields.flag('yes'), true],
    ['false', () => fields.flag('no'), false],
    ['null for a flag', () => fields.flag('none'), false],
    ['no flag', () => fields.flag('missing'), false],
    ['a list of the greatest length', () => fields.list('list', 2), [1, 2]],
  ])('is read: %s', (_, read, expected) => {
    expect(read()).toEqual(expected);
  });

  it.each([
    ['text for bytes', () => fields.bytes('text'), '"text": something else, bytes expected'],
    ['no bytes', () => fields.bytes('missing'), '"missing": nothing, bytes expected'],
    ['null for bytes', () => fields.bytes('none'), '"none": nothing, bytes expected'],
    ['a byte too many', () => fields.bytes('five', 4), '"five": something else, 4 bytes expected'],
    ['a byte too few', () => fields.optionalBytes('five', 6), '6 bytes expected'],
    ['no bytes where none may be', () => fieldsOf({ x: new Uint8Array() }).bytes('x', 1), '1 byte'],
    ['a text too long', () => fields.text('text', 3), '"text": something else, text expected'],
    ['a number for a text', () => fields.optionalText('seven', 9), 'text expected'],
    ['no text', () => fields.text('missing', 9), '"missing": nothing'],
    ['a number too great', () => fields.integer('seven', 6), 'a whole number up to 6 expected'],
    ['a number below zero', () => fields.integer('minus', 7), 'a whole number up to 7'],
    ['half a number', () => fields.integer('half', 7), 'a whole number'],
    ['a number beyond all', () => fields.integer('big', 7), 'a whole number'],
    ['a digit', () => fields.optionalInteger('one', 7), 'a whole number'],
    ['no number', () => fields.integer('missing', 7), '"missing": nothing'],
    ['1 for a flag', () => fieldsOf({ x: 1 }).flag('x'), '"x": something else, true or false'],
    ['0 for a flag', () => fields.flag('zero'), 'true or false expected'],
    ['text for a flag', () => fields.flag('text'), 'true or false expected'],
    ['a list too long', () => fields.list('list', 1), 'a list of at most 1 expected'],
    ['text for a list', () => fields.list('text', 9), 'a list of at most 9'],
    ['no list', () => fields.list('missing', 9), '"missing": nothing'],
  ])('is refused: %s', (_, read, message) => {
    expect(read).toThrow(EvidenceError);
    expect(read).toThrow(message);
  });

  it('of null or undefined is not there', () => {
    expect(fieldsOf({ x: null, y: undefined, z: 0 })).toSatisfy(
      (it: Fields) => !it.has('x') && !it.has('y') && !it.has('w') && it.has('z'),
    );
  });

  it('is looked for by name alone, not among what every object has', () => {
    expect(fields.has('constructor')).toBe(false);
  });
});

describe('text from a card', () => {
  it.each([
    ['is kept', 'bad CVC: 4 ~', 'bad CVC: 4 ~'],
    ['loses control characters', 'a\u0000b\u001b[31mc\u007fd\te\n', 'a?b?[31mc?d?e?'],
    ['loses what is not ASCII', 'é\u202e\u00a0x', '???x'],
    ['loses runs of spaces', 'a  b    c ', 'a b c '],
    ['of 40 is whole', 'x'.repeat(40), 'x'.repeat(40)],
    ['of 41 is cut', 'x'.repeat(41), `${'x'.repeat(40)}...`],
    ['is cut from what was cleaned', `\u001b${'x'.repeat(60)}`, `?${'x'.repeat(39)}...`],
    ['is cut after the runs of spaces', `${' '.repeat(60)}x`, ' x'],
  ])('%s', (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('is cut where the caller says', () => {
    expect(printable('abcdef', 3)).toBe('abc...');
    expect(printable('abc', 3)).toBe('abc');
  });

  it('is the text of the protocol in UTF-8', () => {
    expect(answered(ok({ a: 'ü' })).text('a', 1)).toBe('ü');
    expect(utf8('ü').length).toBe(2);
  });
});
