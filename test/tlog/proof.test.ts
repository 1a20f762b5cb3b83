import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/bytes/base64.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { LogError } from '../../src/errors/error.ts';
import { encodeCheckpoint } from '../../src/tlog/checkpoint.ts';
import { encodeKey } from '../../src/tlog/key.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { encodeNote, parseNote } from '../../src/tlog/note.ts';
import { type Policy, parsePolicy } from '../../src/tlog/policy.ts';
import { encodeProof, parseProof, type TlogProof, verifyProof } from '../../src/tlog/proof.ts';
import { createSigner } from '../../src/tlog/signer.ts';
import { changedCharacters, log7, reshaped, vectorText } from './given.ts';

const malformed = (run: () => unknown) => {
  expect(run).toThrow(LogError);
  expect(run).toThrow(expect.objectContaining({ code: 'LOG_MALFORMED' }));
};

const at = log7.time + 60n;
const policy = parsePolicy(`log ${log7.vkey}\nwitness w1 ${log7.wvkey}\nquorum w1\n`);
const entry = utf8(vectorText('worked-example-log7/proof.leaf'));
const proof = parseProof(log7.proof);
const why = (altered: TlogProof, own = entry, under: Policy = policy, now = at) => {
  const result = verifyProof({ proof: altered, entry: own, policy: under, at: now });
  return result.kind === 'refused' ? result.why : result.kind;
};
/** What becomes of a file. */
const outcome = (text: string) => {
  try {
    return why(parseProof(text));
  } catch (error) {
    if (error instanceof LogError && error.code === 'LOG_MALFORMED') return error.code;
    throw error;
  }
};

const [header = '', index = '', first = '', ...others] = log7.proof.split('\n');
const hashLines = [first, ...others.slice(0, 2)];
const written = (lines: readonly string[], checkpoint = log7.checkpoint) =>
  `${lines.join('\n')}\n\n${checkpoint}`;

describe('a proof', () => {
  it('is read and written back: the worked example', () => {
    expect(proof.index).toBe(4n);
    expect(proof.hashes).toHaveLength(3);
    expect(proof.checkpoint).toBe(log7.checkpoint);
    expect(proof).not.toHaveProperty('extra');
    expect(encodeProof(proof)).toBe(log7.proof);
    expect(written([header, index, ...hashLines])).toBe(log7.proof);
  });

  it('is verified', () => {
    expect(entry).toEqual(utf8('entry 4\n'));
    expect(verifyProof({ proof, entry, policy, at })).toMatchObject({
      kind: 'verified',
      index: 4n,
      checkpoint: { origin: log7.origin, size: 7n },
      cosignatures: [{ name: 'w1', time: log7.time }],
      witnessed: true,
    });
  });

  it('is refused with any one character changed', () => {
    for (const { name, text } of changedCharacters(log7.proof)) {
      expect(`${name}: ${outcome(text)}`).not.toContain('verified');
    }
  });

  it('is refused in any other shape', () => {
    for (const { name, text } of reshaped(log7.proof)) {
      expect(`${name}: ${outcome(text)}`).not.toContain('verified');
    }
  });

  it('may have extra data, which changes nothing', () => {
    const extra = utf8('anything');
    const text = written([header, `extra ${encodeBase64(extra)}`, index, ...hashLines]);
    expect(parseProof(text)).toEqual({ ...proof, extra });
    expect(encodeProof({ ...proof, extra })).toBe(text);
    expect(outcome(text)).toBe('verified');
  });

  it('has no hashes in a tree of one entry', () => {
    const signer = createSigner('log', sha256(utf8('one')));
    const text = encodeCheckpoint({ origin: 'log', size: 1n, root: leafHash(entry) });
    const checkpoint = encodeNote({ text, signatures: [signer.sign(text)] });
    const own = parsePolicy(`log ${encodeKey(signer.key)}\nquorum none\n`);
    const single = parseProof(written([header, 'index 0'], checkpoint));
    expect(single.hashes).toEqual([]);
    expect(why(single, entry, own)).toBe('verified');
    expect(why(single, utf8('entry 5\n'), own)).toBe('not-included');
    expect(why({ ...single, index: 1n }, entry, own)).toBe('not-included');
    expect(why({ ...single, hashes: proof.hashes }, entry, own)).toBe('not-included');
  });

  it('has at most 63 hashes, and 65,535 bytes of extra', () => {
    const hashes = (count: number) => Array.from({ length: count }, () => first);
    expect(parseProof(written([header, index, ...hashes(63)])).hashes).toHaveLength(63);
    malformed(() => parseProof(written([header, index, ...hashes(64)])));
    malformed(() => parseProof(written([header, index, ...hashes(10_000)])));
    const extra = (count: number) => `extra ${encodeBase64(new Uint8Array(count))}`;
    const most = written([header, extra(65_535), index, ...hashes(63)]);
    expect(parseProof(most).extra).toHaveLength(65_535);
    malformed(() => parseProof(written([header, extra(65_536), index])));
  });

  it('has an index up to 2^63-1', () => {
    expect(parseProof(written([header, 'index 9223372036854775807'])).index).toBe(2n ** 63n - 1n);
    expect(parseProof(written([header, 'index 0'])).index).toBe(0n);
  });

  it.each([
    ['nothing', ''],
    ['a note', log7.checkpoint],
    ['another header', log7.proof.replace('@v1', '@v2')],
    ['a header with a space behind', log7.proof.replace('@v1', '@v1 ')],
    ['an older form without a header', written([index, ...hashLines])],
    ['an empty line after the header', written([header, '', index, ...hashLines])],
    ['no index', written([header, ...hashLines])],
    ['no index after extra data', written([header, 'extra AAAA', ...hashLines])],
    ['two indexes', written([header, index, index, ...hashLines])],
    ['extra data after the index', written([header, index, 'extra AAAA', ...hashLines])],
    ['extra data twice', written([header, 'extra AAAA', 'extra AAAA', index, ...hashLines])],
    ['empty extra data', written([header, 'extra ', index, ...hashLines])],
    ['extra data without a space', written([header, 'extra', index, ...hashLines])],
    ['extra data with unused bits', written([header, 'extra AB==', index, ...hashLines])],
    ['an index without a number', written([header, 'index ', ...hashLines])],
    ['an index with a leading zero', written([header, 'index 04', ...hashLines])],
    ['an index with a sign', written([header, 'index +4', ...hashLines])],
    ['an index below zero', written([header, 'index -4', ...hashLines])],
    ['an index with two spaces', written([header, 'index  4', ...hashLines])],
    ['an index in hex', written([header, 'index 0x4', ...hashLines])],
    ['an index of 2^63', written([header, 'index 9223372036854775808', ...hashLines])],
    ['a hash of 31 bytes', written([header, index, encodeBase64(new Uint8Array(31))])],
    ['a hash of 33 bytes', written([header, index, encodeBase64(new Uint8Array(33))])],
    ['a hash without padding', written([header, index, first.replace('=', '')])],
    ['a hash with unused bits', written([header, index, first.replace('A=', 'B=')])],
    ['a hash with a space', written([header, index, `${first} `])],
    ['no empty line', log7.proof.replace('\n\n', '\n')],
    ['two empty lines', log7.proof.replace('\n\n', '\n\n\n')],
    ['no checkpoint', written([header, index, ...hashLines], '')],
    ['a checkpoint without signatures', written([header, index], parseNote(log7.checkpoint).text)],
    ['a note that is no checkpoint', written([header, index], 'text\n\n— a AAAAAQk=\n')],
    ['something behind', `${log7.proof}x`],
    ['an empty line behind', `${log7.proof}\n`],
    ['a lone surrogate', log7.proof.replace('index', '\ud800ndex')],
    ['CRLF', log7.proof.replaceAll('\n', '\r\n')],
    ['very much', written([header, `extra ${'A'.repeat(1_200_000)}`, index])],
  ])('is not %s', (_, text) => {
    malformed(() => parseProof(text));
  });

  it('has the unused bits that a row above sets', () => {
    expect(first).toMatch(/A=$/);
  });

  const altered = (bytes: Uint8Array | undefined) => {
    const copy = (bytes ?? new Uint8Array()).slice();
    copy[0] = (copy[0] ?? 0) ^ 1;
    return copy;
  };
  it.each<[string, TlogProof, string]>([
    ['another index', { ...proof, index: 5n }, 'not-included'],
    ['an index beyond the tree', { ...proof, index: 7n }, 'not-included'],
    ['an index below zero', { ...proof, index: -1n }, 'not-included'],
    [
      'a hash altered',
      { ...proof, hashes: [altered(proof.hashes[0]), ...proof.hashes.slice(1)] },
      'not-included',
    ],
    ['a hash less', { ...proof, hashes: proof.hashes.slice(1) }, 'not-included'],
    [
      'a hash more',
      { ...proof, hashes: [...proof.hashes, ...proof.hashes.slice(0, 1)] },
      'not-included',
    ],
    ['hashes in another order', { ...proof, hashes: [...proof.hashes].reverse() }, 'not-included'],
    ['no hashes', { ...proof, hashes: [] }, 'not-included'],
    [
      'the checkpoint of size 3',
      { ...proof, checkpoint: vectorText('worked-example-log7/checkpoint.3') },
      'not-included',
    ],
    [
      'the checkpoint of size 4',
      { ...proof, checkpoint: vectorText('worked-example-log7/checkpoint.4') },
      'not-included',
    ],
    ['a checkpoint that is none', { ...proof, checkpoint: 'text\n' }, 'malformed'],
    [
      'a checkpoint without its cosignature',
      { ...proof, checkpoint: log7.checkpoint.split('\n').slice(0, -2).join('\n').concat('\n') },
      'quorum-missing',
    ],
    [
      'an altered checkpoint',
      { ...proof, checkpoint: log7.checkpoint.replace('\n7\n', '\n6\n') },
      'wrong-signature',
    ],
  ])('does not hold with %s', (_, other, expected) => {
    expect(why(other)).toBe(expected);
  });

  it.each(['', 'entry 4', 'entry 5\n', 'Entry 4\n', 'entry 4\n\n'])(
    'does not hold for the entry %j',
    (own) => {
      expect(why(proof, utf8(own))).toBe('not-included');
    },
  );

  it('does not hold under another policy, or before its time', () => {
    expect(why(proof, entry, parsePolicy('quorum none\n'))).toBe('unknown-log');
    expect(why(proof, entry, policy, log7.time - 301n)).toBe('future-cosignature');
  });
});

describe('writing a proof', () => {
  it.each<[string, TlogProof]>([
    ['an index below zero', { ...proof, index: -1n }],
    ['an index of 2^63', { ...proof, index: 2n ** 63n }],
    ['a hash of 31 bytes', { ...proof, hashes: [new Uint8Array(31)] }],
    ['64 hashes', { ...proof, hashes: Array.from({ length: 64 }, () => new Uint8Array(32)) }],
    ['empty extra data', { ...proof, extra: new Uint8Array() }],
    ['too much extra data', { ...proof, extra: new Uint8Array(65_536) }],
    ['a checkpoint that is none', { ...proof, checkpoint: 'text\n' }],
    ['a checkpoint with something behind', { ...proof, checkpoint: `${log7.checkpoint}\n` }],
  ])('refuses %s', (_, other) => {
    malformed(() => encodeProof(other));
  });

  it('and reading it gives the same', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const proofs = fc.record({
      index: fc.bigInt(0n, 2n ** 63n - 1n),
      hashes: fc.array(hash, { maxLength: 63 }),
      checkpoint: fc.constantFrom(log7.checkpoint, vectorText('worked-example-log7/checkpoint.3')),
    });
    const extra = fc.option(fc.uint8Array({ minLength: 1, maxLength: 100 }), { nil: undefined });
    fc.assert(
      fc.property(proofs, extra, (own, more) => {
        const whole: TlogProof = more === undefined ? own : { ...own, extra: more };
        expect(parseProof(encodeProof(whole))).toEqual(whole);
      }),
    );
  });
});
