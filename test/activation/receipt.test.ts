import { describe, expect, it, test } from 'vitest';
import {
  encodeReceipt,
  maxReceiptBytes,
  parseReceipt,
  receiptSteps,
  verifyReceipt,
} from '../../src/activation/receipt.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { LogError } from '../../src/errors/error.ts';
import { type Policy, parsePolicy } from '../../src/tlog/policy.ts';
import { encodeProof } from '../../src/tlog/proof.ts';
import {
  alice,
  at,
  byNobody,
  entryBy,
  foreignPolicyText,
  hex,
  noticeEntry,
  registryEntry,
  shop,
  smallLog,
  strictPolicyText,
  unwitnessedPolicy,
  witnessedPolicy,
} from '../support/receipts.ts';

const entry = entryBy('activated', alice, shop);
const log = smallLog([registryEntry, noticeEntry, entry, entryBy('observed'), noticeEntry]);
const text = log.receipt(2, entry);

const verifyText = (receipt: string, policy: Policy = witnessedPolicy, now = at) =>
  verifyReceipt({ receipt: parseReceipt(receipt), policy, at: now });

const stepsOf = (receipt: string, policy?: Policy, now?: bigint) => {
  const result = verifyText(receipt, policy, now);
  return [
    result.kind === 'refused' ? result.why : result.kind,
    ...receiptSteps.map((step) => result.steps[step]),
  ];
};

describe('a receipt', () => {
  it('holds, and says what of', () => {
    const result = verifyText(text);
    expect(result).toMatchObject({
      kind: 'verified',
      index: 2n,
      entry,
      witnessed: true,
      checkpoint: { size: 5n, origin: 'log.example.org/activations' },
      cosignatures: [{ name: 'one', time: at - 60n }],
    });
    expect(stepsOf(text)).toEqual(['verified', 'held', 'held', 'held', 'held']);
  });

  it('holds in a log of one entry', () => {
    const lone = smallLog([entry]);
    expect(verifyText(lone.receipt(0, entry)).kind).toBe('verified');
    expect(lone.proof(0).hashes).toEqual([]);
  });

  it('of an unwitnessed log is called so', () => {
    const bare = smallLog([entry], byNobody);
    expect(verifyText(bare.receipt(0, entry), unwitnessedPolicy)).toMatchObject({
      kind: 'verified',
      witnessed: false,
      cosignatures: [],
    });
    expect(stepsOf(bare.receipt(0, entry), unwitnessedPolicy)).toEqual([
      'verified',
      'held',
      'held',
      'not-checked',
      'held',
    ]);
    expect(stepsOf(bare.receipt(1, entry), unwitnessedPolicy)).toEqual([
      'not-included',
      'held',
      'held',
      'not-checked',
      'failed',
    ]);
    // Witnesses that the policy does not ask for make no witnessed log.
    expect(verifyText(text, unwitnessedPolicy)).toMatchObject({ witnessed: false });
  });

  test.each([registryEntry, noticeEntry])('of a $kind', (other) => {
    const small = smallLog([other]);
    expect(verifyText(small.receipt(0, other)).kind).toBe('verified');
  });

  it('takes none with extra data, which nobody signed', () => {
    const { proof } = parseReceipt(text);
    const extra = encodeReceipt({ entry, proof: { ...proof, extra: Uint8Array.of(1, 2) } });
    expect(() => parseReceipt(extra)).toThrow(/extra data/);
  });

  it('has this form', () => {
    expect(
      text.startsWith('{\n  "schema": "touchstone.receipt/1",\n  "entry": {\n    "card": {'),
    ).toBe(true);
    const json = JSON.parse(text);
    expect(Object.keys(json)).toEqual(['schema', 'entry', 'proof']);
    expect(json.proof).toBe(encodeProof(log.proof(2)));
    expect(json.proof.endsWith(log.checkpoint)).toBe(true);
    expect(encodeReceipt(parseReceipt(text))).toBe(text);
  });
});

describe('a receipt that does not hold', () => {
  const { proof } = parseReceipt(text);
  const [first, ...others] = proof.hashes;
  const wrong = fromHex(hex('wrong'));
  const with_ = (changes: object) => encodeReceipt({ entry, proof: { ...proof, ...changes } });
  const checkpointOf = (other: typeof log) => with_({ checkpoint: other.checkpoint });
  const notIncluded = ['not-included', 'held', 'held', 'held', 'failed'];

  test.each<readonly [string, string, readonly string[]]>([
    ['another index', with_({ index: 1n }), notIncluded],
    ['an index beyond the tree', with_({ index: 5n }), notIncluded],
    ['a hash altered', with_({ hashes: [wrong, ...others] }), notIncluded],
    ['a hash less', with_({ hashes: others }), notIncluded],
    ['a hash more', with_({ hashes: [...proof.hashes, first] }), notIncluded],
    ['no hashes', with_({ hashes: [] }), notIncluded],
    [
      'the checkpoint of another tree',
      checkpointOf(smallLog([entry, entry, entry, entry, noticeEntry])),
      notIncluded,
    ],
    ['the checkpoint of a smaller tree', checkpointOf(smallLog([registryEntry])), notIncluded],
    [
      'another entry, rightly signed',
      encodeReceipt({ entry: entryBy('reverified', alice, shop), proof }),
      notIncluded,
    ],
    [
      'the same entry without its actor',
      encodeReceipt({ entry: entryBy('activated', alice), proof }),
      notIncluded,
    ],
    [
      'an entry altered',
      text.replace('"state": "new"', '"state": "old"'),
      ['owner-signature', 'failed', 'not-checked', 'not-checked', 'not-checked'],
    ],
    [
      'an owner put in',
      text.replaceAll(alice.hashHex, hex('somebody')),
      ['owner-key', 'failed', 'not-checked', 'not-checked', 'not-checked'],
    ],
    [
      'the size of the tree altered',
      text.replace('activations\\n5\\n', 'activations\\n6\\n'),
      ['wrong-signature', 'held', 'failed', 'not-checked', 'not-checked'],
    ],
    [
      'another origin',
      text.replace('log.example.org/activations\\n5', 'log.example.org/other\\n5'),
      ['unknown-log', 'held', 'failed', 'not-checked', 'not-checked'],
    ],
    [
      'cosigned by nobody',
      checkpointOf(
        smallLog([registryEntry, noticeEntry, entry, entryBy('observed'), noticeEntry], byNobody),
      ),
      ['quorum-missing', 'held', 'held', 'failed', 'not-checked'],
    ],
    [
      'cosigned in the future',
      checkpointOf(
        smallLog([registryEntry, noticeEntry, entry, entryBy('observed'), noticeEntry], at + 3600n),
      ),
      ['future-cosignature', 'held', 'held', 'failed', 'not-checked'],
    ],
  ])('%s', (_name, altered, expected) => {
    expect(altered).not.toBe(text);
    expect(stepsOf(altered)).toEqual(expected);
    expect(verifyText(altered)).toHaveProperty('detail', expect.stringMatching(/./));
  });

  it('by another policy', () => {
    expect(stepsOf(text, parsePolicy(foreignPolicyText))[0]).toBe('unknown-log');
    expect(stepsOf(text, parsePolicy(strictPolicyText))).toEqual([
      'quorum-missing',
      'held',
      'held',
      'failed',
      'not-checked',
    ]);
  });

  it('with the clock an hour back', () => {
    expect(stepsOf(text, witnessedPolicy, at - 3600n)[0]).toBe('future-cosignature');
  });
});

describe('a file that is no receipt', () => {
  it('is not read where it is too long', () => {
    expect(() => parseReceipt(' '.repeat(maxReceiptBytes + 1))).toThrow(/longer than/);
    expect(() => parseReceipt(' '.repeat(maxReceiptBytes))).not.toThrow(/longer than/);
  });

  const json = JSON.parse(text);
  const again = (changes: object) => `${JSON.stringify({ ...json, ...changes }, null, 2)}\n`;

  it('the writing again of these tests alters nothing by itself', () => {
    expect(again({})).toBe(text);
  });

  test.each<readonly [string, string, string]>([
    ['nothing', '', 'LOG_MALFORMED'],
    ['half of it', text.slice(0, text.length / 2), 'LOG_MALFORMED'],
    ['bytes after it', `${text}{}`, 'LOG_MALFORMED'],
    ['a space after it', `${text} `, 'LOG_MALFORMED'],
    ['no line feed', text.trimEnd(), 'LOG_MALFORMED'],
    ['on one line', JSON.stringify(json), 'LOG_MALFORMED'],
    ['ends of lines of Windows', text.replaceAll('\n', '\r\n'), 'LOG_MALFORMED'],
    [
      'a field twice',
      text.replace('"demo": true,', '"demo": true,\n    "demo": true,'),
      'LOG_MALFORMED',
    ],
    [
      'another order',
      again({ entry: Object.fromEntries(Object.entries(json.entry).reverse()) }),
      'LOG_MALFORMED',
    ],
    ['another field', again({ note: 'x' }), 'LOG_MALFORMED'],
    ['another schema', again({ schema: 'touchstone.receipt/2' }), 'LOG_MALFORMED'],
    ['no proof', again({ proof: undefined }), 'LOG_MALFORMED'],
    ['an empty proof', again({ proof: '' }), 'LOG_MALFORMED'],
    [
      'a proof of another version',
      again({ proof: json.proof.replace('@v1', '@v2') }),
      'LOG_MALFORMED',
    ],
    [
      'a padded index',
      again({ proof: json.proof.replace('index 2', 'index 02') }),
      'LOG_MALFORMED',
    ],
    ['a proof with bytes after it', again({ proof: `${json.proof}x` }), 'LOG_MALFORMED'],
    ['a list', '[]', 'LOG_MALFORMED'],
    ['too much', ' '.repeat(2 * 1024 * 1024 + 1), 'LOG_MALFORMED'],
    ['no entry', again({ entry: undefined }), 'LOG_MALFORMED'],
    ['an entry with a name', again({ entry: { ...json.entry, name: 'Bob' } }), 'ENTRY_INVALID'],
    [
      'nesting inside of the entry',
      again({ entry: { a: {} } }).replace('{}', `${'['.repeat(2000)}${']'.repeat(2000)}`),
      'ENTRY_INVALID',
    ],
  ])('%s', (_name, altered, code) => {
    expect(altered).not.toBe(text);
    const error = (() => {
      try {
        return parseReceipt(altered);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(LogError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^This is not .*\.$/s) });
  });
});
