/**
 * The CA of the applet's own test-suite. Its private key is published, as a constant, in
 * keycard-tech/status-keycard @a61616a, src/test/java/im/status/keycard/KeycardTest.java
 * (Apache-2.0): anybody can certify a card with it, and development cards are. Worth nothing.
 */
import { fromHex } from '../../bytes/hex.ts';
import type { KeyPair } from '../demo-keys.ts';

export const testSuiteCa: KeyPair = {
  privateKey: fromHex('a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2'),
  publicKey: fromHex('025877220aaae6e54a6f974602d5995c0fe24a3ea7ddabd8644bec795b9da00743'),
};
