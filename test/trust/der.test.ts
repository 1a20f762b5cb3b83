import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equal, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { EvidenceError } from '../../src/errors/error.ts';
import {
  childrenOf,
  contextTag,
  type Element,
  Fields,
  MalformedError,
  parseDer,
  readBitBytes,
  readBoolean,
  readInteger,
  readNamedBits,
  readOctets,
  readOid,
  readPositive,
  readSmallInteger,
  readTime,
  Tag,
  unwrap,
} from '../../src/trust/der.ts';
import {
  asn1Null,
  bits,
  boolean,
  explicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  time,
  tlv,
  utf8String,
} from './der-encode.ts';

const limits = { field: 'thing', maxBytes: 4096 };
const parse = (hexOrBytes: string | Uint8Array) =>
  parseDer(typeof hexOrBytes === 'string' ? fromHex(hexOrBytes) : hexOrBytes, limits);

/** Every value, as the encoder writes it. */
const value: fc.Arbitrary<Uint8Array> = fc.letrec<{ node: Uint8Array }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(
      fc.boolean().map(boolean),
      fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map(integer),
      fc.integer({ min: -300, max: 300 }).map(integer),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => octets(bytes)),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => bits(bytes)),
      fc.string({ maxLength: 20 }).map(utf8String),
      fc.constant(asn1Null),
      fc
        .tuple(
          fc.constantFrom(0, 1, 2),
          fc.integer({ min: 0, max: 39 }),
          fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { maxLength: 5 }),
        )
        .map(([first, second, rest]) => oid([first, second, ...rest].join('.'))),
      fc
        .date({ min: new Date('1950-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
        .map((date) => time(`${date.toISOString().slice(0, 19)}Z`)),
    ),
    fc.array(tie('node'), { maxLength: 4 }).map((parts) => sequence(...parts)),
    fc.array(tie('node'), { maxLength: 4 }).map((parts) => set(...parts)),
    fc
      .tuple(fc.integer({ min: 0, max: 30 }), tie('node'))
      .map(([number, part]) => explicit(number, part)),
  ),
})).node;

/** Written again from what was read: values where the type is known, bytes where it is not. */
function encode(element: Element): Uint8Array {
  const { tag, content } = element;
  if (tag & 0x20) {
    return tlv(tag, ...childrenOf(element, tag, 'thing').map(encode));
  }
  switch (tag) {
    case Tag.boolean:
      return boolean(readBoolean(element, 'thing'));
    case Tag.integer:
      return integer(BigInt.asIntN(content.length * 8, BigInt(`0x${toHex(content)}`)));
    case Tag.oid:
      return oid(readOid(element, 'thing'));
    case Tag.null:
      return asn1Null;
    case Tag.bitString: {
      const unused = content[0] ?? 0;
      const bytes = content.slice(1);
      const last = bytes.length - 1;
      if (last === -1) return bits(bytes, unused);
      return bits(bytes.with(last, ((bytes[last] ?? 0) >> unused) << unused), unused);
    }
    case Tag.utcTime:
    case Tag.generalizedTime:
      return tlv(
        tag,
        utf8(
          Buffer.from(content)
            .toString('latin1')
            .replace(/[^0-9Z]/g, ''),
        ),
      );
  }
  return tlv(tag, content);
}

/** Bytes close to DER: a value, a byte of it changed, taken out or put in. */
const nearly: fc.Arbitrary<Uint8Array> = fc
  .tuple(value, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(2))))
  .map(([bytes, changes]) =>
    changes.slice(0, 3).reduce((now, [place, byte, kind]) => {
      const at = now.length === 0 ? 0 : place % now.length;
      const added = kind === 0 ? [] : [byte];
      return Uint8Array.from([
        ...now.slice(0, at),
        ...added,
        ...now.slice(at + (kind === 2 ? 0 : 1)),
      ]);
    }, bytes),
  );

const unused = [0, 1, 2, 3, 4, 5, 6, 7];

describe('any bytes', () => {
  it('that the encoder wrote are read', () => {
    fc.assert(
      fc.property(value, (bytes) => {
        expect(equal(parseDer(bytes, { ...limits, maxBytes: 1e6 }).whole, bytes)).toBe(true);
      }),
    );
  });

  it.each([
    ['random', 0, fc.uint8Array({ maxLength: 64 })],
    ['nearly right', 100, nearly],
  ])('that are read have one encoding: %s', (_, least, arbitrary) => {
    let read = 0;
    fc.assert(
      fc.property(arbitrary, (bytes) => {
        let element: Element;
        try {
          element = parseDer(bytes, { ...limits, maxBytes: 1e6 });
        } catch (error) {
          expect(error).toBeInstanceOf(EvidenceError);
          return;
        }
        read += 1;
        expect(toHex(encode(element))).toBe(toHex(bytes));
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThanOrEqual(least);
  });

  it('are refused when anything follows or the end is missing', () => {
    fc.assert(
      fc.property(value, fc.uint8Array({ minLength: 1, maxLength: 4 }), (bytes, more) => {
        const roomy = { ...limits, maxBytes: 1e6 };
        expect(() => parseDer(concat(bytes, more), roomy)).toThrow(MalformedError);
        expect(() => parseDer(bytes.subarray(0, -1), roomy)).toThrow(MalformedError);
      }),
    );
  });
});

describe('limits', () => {
  it('hold for the size', () => {
    const bytes = octets(new Uint8Array(100));
    expect(parseDer(bytes, { field: 'thing', maxBytes: 102 }).content.length).toBe(100);
    expect(() => parseDer(bytes, { field: 'thing', maxBytes: 101 })).toThrow(
      'thing: 102 bytes, expected at most 101',
    );
  });

  it('hold for the depth', () => {
    const nested = (depth: number): Uint8Array =>
      depth === 0 ? new Uint8Array() : sequence(nested(depth - 1));
    expect(parse(nested(16)).tag).toBe(Tag.sequence);
    expect(() => parse(nested(17))).toThrow('more than 16 levels');
    expect(() => parseDer(nested(5000), { field: 'thing', maxBytes: 1e6 })).toThrow('16 levels');
  });

  it('hold for the count of elements', () => {
    const many = (count: number) => sequence(...Array<Uint8Array>(count).fill(asn1Null));
    expect(childrenOf(parse(many(1023)), Tag.sequence, 'thing')).toHaveLength(1023);
    expect(() => parse(many(1024))).toThrow('more than 1024 elements');
    const three = { ...limits, maxElements: 3 };
    expect(parseDer(many(2), three).tag).toBe(Tag.sequence);
    expect(() => parseDer(many(3), three)).toThrow('more than 3 elements');
  });
});

describe('refused', () => {
  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['an indefinite length', '30800000'],
    ['a long length below 128', '04810161'],
    ['a length with a zero before it', `0482 00ff ${'61'.repeat(255)}`],
    ['a length of five bytes', '04850000000001'],
    ['a length cut short', '0482ff'],
    ['the reserved length ff', '04ff'],
    ['a length beyond the end', '040261'],
    ['a length of 4 GiB', '0484ffffffff'],
    ['a child beyond its parent', '3003040561'],
    ['a tag of two bytes', '1f2000'],
    ['end of contents', '0000'],
    ['a primitive SEQUENCE', '1000'],
    ['a primitive SET', '1100'],
    ['a constructed OCTET STRING', '2403040161'],
    ['a constructed INTEGER', '220302010 1'],
    ['BOOLEAN 01', '010101'],
    ['BOOLEAN fe', '0101fe'],
    ['an empty BOOLEAN', '0100'],
    ['a BOOLEAN of two bytes', '0102ffff'],
    ['an empty INTEGER', '0200'],
    ['INTEGER 00 01', '02020001'],
    ['INTEGER ff 80', '0202ff80'],
    ['a NULL with content', '050100'],
    ['an empty BIT STRING', '0300'],
    ['8 unused bits', '03020800'],
    ['an unused bit that is set', '03020101'],
    ['unused bits of no byte', '030101'],
    ['an empty OID', '0600'],
    ['an OID with a needless 80', '06032a8001'],
    ['an OID cut short', '06022a86'],
    ['an OID beyond all numbers', `060b2a${'ff'.repeat(9)}7f`],
    ['UTCTime without seconds', '170b323430313031303030305a'],
    ['UTCTime of another zone', '1711323430313031303030303030 2b30303030'],
    ['a month 13', '170d3234313330313030303030305a'],
    ['31 June', '170d3234303633313030303030305a'],
    ['24 o’clock', '170d3234303630313234303030305a'],
    ['a second 60', '170d3234303630313132303036305a'],
    ['GeneralizedTime with a fraction', '1811323035303031303130303030 30302e355a'],
  ])('%s', (_, hex) => {
    expect(() => parse(hex.replaceAll(' ', ''))).toThrow(MalformedError);
  });

  it('wherever it stands', () => {
    for (const bad of ['02020001', '0101fe', '03020101']) {
      expect(() => parse(sequence(explicit(3, set(fromHex(bad)))))).toThrow(MalformedError);
    }
  });
});

describe('readers', () => {
  it('of INTEGER', () => {
    expect(readInteger(parse('0203010001'), 'n')).toEqual(fromHex('010001'));
    expect(readSmallInteger(parse('02020080'), 'n', 128)).toBe(128);
    expect(() => readSmallInteger(parse('02020080'), 'n', 127)).toThrow(
      'n: 0080, expected 0 to 127',
    );
    expect(() => readSmallInteger(parse('0201ff'), 'n', 300)).toThrow('n: ff');
    expect(() => readSmallInteger(parse(integer(2n ** 60n)), 'n', 2 ** 47 - 1)).toThrow('n: ');
    expect(readPositive(parse('02020080'), 'n', 2)).toEqual(fromHex('80'));
    expect(() => readPositive(parse('02020080'), 'n', 1)).toThrow('n: 2 bytes, expected at most 1');
    for (const hex of ['020100', '0201ff', '02028000']) {
      expect(() => readPositive(parse(hex), 'n', 4)).toThrow('a number above zero');
    }
  });

  it('of BOOLEAN and OCTET STRING', () => {
    expect([readBoolean(parse('0101ff'), 'b'), readBoolean(parse('010100'), 'b')]).toEqual([
      true,
      false,
    ]);
    expect(readOctets(parse('04020102'), 'o')).toEqual(fromHex('0102'));
  });

  it('of BIT STRING', () => {
    expect(readBitBytes(parse('03020080'), 'b')).toEqual(fromHex('80'));
    expect(() => readBitBytes(parse('03020780'), 'b')).toThrow('b: 7 unused bits');
    expect(readNamedBits(parse('03020106'), 'b')).toEqual([5, 6]);
    expect(readNamedBits(parse('0303070080'), 'b')).toEqual([8]);
    expect(readNamedBits(parse('030100'), 'b')).toEqual([]);
    for (const hex of ['03020006', '03020080', '0303070000', '03020000']) {
      expect(() => readNamedBits(parse(hex), 'b')).toThrow('zero bits at its end');
    }
    expect(
      unused.map((count) => readNamedBits(parse(bits(Uint8Array.of(1 << count), count)), 'b')),
    ).toEqual(unused.map((count) => [7 - count]));
  });

  it.each([
    '0.0',
    '0.39',
    '1.0',
    '1.39',
    '2.0',
    '2.40',
    '2.999.3',
    '1.2.840.113549.1.1.11',
    '2.5.29.15',
  ])('of OID %s', (text) => {
    expect(readOid(parse(oid(text)), 'o')).toBe(text);
  });

  it.each([
    ['1950-01-01T00:00:00Z', Tag.utcTime],
    ['1999-12-31T23:59:59Z', Tag.utcTime],
    ['2024-02-29T12:30:01Z', Tag.utcTime],
    ['2049-12-31T23:59:59Z', Tag.utcTime],
    ['2050-01-01T00:00:00Z', Tag.generalizedTime],
    ['9999-12-31T23:59:59Z', Tag.generalizedTime],
  ])('of time %s', (iso, tag) => {
    const element = parse(time(iso));
    expect(element.tag).toBe(tag);
    expect(readTime(element, 't')).toBe(Date.parse(iso));
  });

  it('of time refuse GeneralizedTime before 2050', () => {
    const element = parse(tlv(Tag.generalizedTime, utf8('20491231235959Z')));
    expect(() => readTime(element, 't')).toThrow('t: a GeneralizedTime before 2050');
  });

  it('refuse other types', () => {
    const other = parse(asn1Null);
    for (const read of [readInteger, readBoolean, readBitBytes, readNamedBits, readOid, readTime]) {
      expect(() => read(other, 'x')).toThrow(/x: tag 05, expected tag /);
    }
    expect(() => readOctets(other, 'x')).toThrow('x: tag 05, expected tag 04');
    expect(() => childrenOf(other, Tag.sequence, 'x')).toThrow('x: tag 05, expected tag 30');
  });
});

describe('fields', () => {
  const fields = () => new Fields(parse(sequence(integer(1), boolean(true))), 'list');

  it('are taken in order, and no one is left', () => {
    const list = fields();
    expect(list.takeIf(Tag.boolean)).toBeUndefined();
    expect(list.takeIf(Tag.boolean, Tag.integer)?.tag).toBe(Tag.integer);
    expect(() => list.end()).toThrow('list: a further element, tag 01');
    expect(list.take(Tag.boolean, 'b').content).toEqual(fromHex('ff'));
    list.end();
    expect(list.anyIf()).toBeUndefined();
    expect(list.takeIf(Tag.null)).toBeUndefined();
    expect(() => list.any('c')).toThrow('c: nothing, expected a value');
  });

  it('must have their tag', () => {
    expect(() => fields().take(Tag.oid, 'a')).toThrow('a: tag 02, expected tag 06');
  });

  it('in an explicit tag stand alone', () => {
    expect(contextTag(3, 'constructed')).toBe(0xa3);
    expect(contextTag(3, 'primitive')).toBe(0x83);
    expect(unwrap(parse(explicit(3, asn1Null)), 'x').tag).toBe(Tag.null);
    expect(() => unwrap(parse(explicit(3)), 'x')).toThrow('x: no element, expected one');
    expect(() => unwrap(parse(explicit(3, asn1Null, asn1Null)), 'x')).toThrow(
      'x: several elements',
    );
  });
});
