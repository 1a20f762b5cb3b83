import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { coinkiteTapDemo, keyPairFrom } from '../../src/simulator/demo-keys.ts';

describe('demo keys', () => {
  it('are what their public labels say (computed with node:crypto from the labels)', () => {
    expect(toHex(coinkiteTapDemo.root.publicKey)).toBe(
      '02b84cab46a5424b8aafbe67ab7f21ce96220fda5c44933b5b2a4b8044224f5216',
    );
    expect(toHex(coinkiteTapDemo.fakeRoot.publicKey)).toBe(
      '02c716dc8285fa3448c620d904c25e366da458d0e84d9a1a3d7ca4d5b9407705d2',
    );
  });

  it('exist for every seed', () => {
    expect(toHex(keyPairFrom(new Uint8Array(32)).privateKey)).toBe(`${'00'.repeat(31)}01`);
    expect(keyPairFrom(new Uint8Array(32).fill(0xff)).publicKey).toHaveLength(33);
  });
});
