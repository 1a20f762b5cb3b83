import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { setHash, setName } from '../../src/families/set.ts';

const keys = [1, 2, 3].map((value) => new Uint8Array(33).fill(value));

it('is hashed under a name of its own, keys in their order', () => {
  const expected = createHash('sha256').update('touchstone/card-set/v1\0');
  for (const key of keys) expected.update(key);
  const digest = expected.digest('hex');
  expect(toHex(setHash(keys))).toBe(digest);
  expect(setName(keys)).toBe(`SET-${digest.slice(0, 10)}`);
});

it('is another one for other cards, fewer cards, another order', () => {
  const others = [keys.slice(0, 2), keys.toReversed(), [...keys, new Uint8Array(33)], []];
  for (const other of others) expect(setHash(other)).not.toEqual(setHash(keys));
});
