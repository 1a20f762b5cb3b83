/** The public recordings, judged as their README says they must be. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../../src/appraisal/appraise.ts';
import type { Policy } from '../../../src/appraisal/facts.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { recordedFreshness } from '../../../src/evidence/evidence.ts';
import { prove } from '../../../src/families/coinkite-tap/prove.ts';
import { emulatorRoot, packagedRegistry, testNow, withRoot } from '../../support/registry.ts';
import { importRecording, loadRecording, recordings } from '../../support/tap-evidence.ts';

const emulator = withRoot(emulatorRoot);
/** As if the recording were a session of ours: what the bytes prove, freshness apart. */
const live: Policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted' };

/** Recording, authentication, and the row of the verdict table it must reach. */
const expected = [
  ['satscard-1.0.3-sealed', 'check (2)', 'genuine-by-overlay', 'sealed'],
  // Nothing vouches for the slot that this firmware shows.
  ['satscard-0.9.0-sealed', 'check', 'firmware-refused', 'sealed'],
  ['tapsigner-1.0.3-fresh', 'check', 'genuine-by-overlay', 'new'],
  ['satschip-1.0.3-fresh', 'check', 'genuine-by-overlay', 'new'],
  ['tapsigner-1.0.3-used', 'check (2)', 'not-new', 'backed-up'],
  ['satscard-1.0.3-slot0-unsealed', 'check (slot 1 sealed)', 'not-new', 'opened'],
  // The emulator appends 33 zero bytes where a card appends nothing: a right verifier refuses.
  ['satscard-1.0.3-slot0-unsealed', 'check (slot 1 unused)', 'signature-wrong', 'opened'],
  // A chain that is sound in itself and ends at another root.
  ['tapsigner-1.0.3-other-root', 'check', 'foreign-root', 'new'],
] as const;

describe.each(expected)('%s, %s', (name, label, row, usage) => {
  const recording = loadRecording(name);
  const evidence = importRecording(recording, label);
  const proof = prove(evidence);

  it(`reaches row ${row} when the emulator's root is pinned`, () => {
    const verdict = appraise(proof, emulator, live, testNow);
    expect(verdict.row).toBe(row);
    expect(verdict.usage?.value).toBe(usage);
  });

  it('is about the card that the recording names', () => {
    expect(proof.shownKey && toHex(proof.shownKey)).toBe(recording.cardPublicKey);
    expect(proof.number?.value).toBe(recording.cardIdent);
  });

  it('is never genuine under the packaged registry, which does not know the emulator', () => {
    const verdict = appraise(proof, packagedRegistry, live, testNow);
    expect(verdict.word).toBe('not genuine');
  });

  it('is at best not decided as what it is, a recording with foreign challenges', () => {
    const policy = { ...live, freshness: recordedFreshness(evidence) };
    const verdict = appraise(proof, emulator, policy, testNow);
    expect(verdict.word).toBe(
      row === 'signature-wrong' || row === 'foreign-root' ? 'not genuine' : 'not decided',
    );
  });

  it('fails with one bit of the signature altered', () => {
    const transcript = evidence.transcript.map((exchange) =>
      toHex(exchange.command).includes(toHex(new TextEncoder().encode('check')))
        ? { ...exchange, response: flip(exchange.response, 40) }
        : exchange,
    );
    const verdict = appraise(prove({ ...evidence, transcript }), emulator, live, testNow);
    expect(verdict.row).toBe('signature-wrong');
  });

  it('proves nothing live under another challenge than the recorded one', () => {
    const challenges = { ...evidence.challenges, check: new Uint8Array(16) };
    const foreign = prove({ ...evidence, challenges });
    expect(foreign.key).toBeUndefined();
    expect(appraise(foreign, emulator, live, testNow).word).not.toBe('genuine');
  });
});

describe('what a signature covers', () => {
  const proofOf = (name: (typeof recordings)[number], label: string) =>
    prove(importRecording(loadRecording(name), label));

  it('a sealed SATSCARD from 1.0.0 on proves product, slot and state live', () => {
    const proof = proofOf('satscard-1.0.3-sealed', 'check (2)');
    expect(proof.product).toEqual({ value: 'satscard', authority: 'live' });
    expect(proof.usage?.authority).toBe('live');
  });

  it('the first firmware proves the card but not its slot', () => {
    const proof = proofOf('satscard-0.9.0-sealed', 'check');
    expect(proof.key).toBeDefined();
    expect(proof.product?.authority).toBe('reported');
    expect(proof.usage?.authority).toBe('reported');
  });

  it('a TAPSIGNER proves its key and number; the rest it only says', () => {
    const proof = proofOf('tapsigner-1.0.3-fresh', 'check');
    expect(proof.number?.authority).toBe('live');
    const said = [proof.product, proof.firmware, proof.usage].map((claim) => claim?.authority);
    expect(said).toEqual(['reported', 'reported', 'reported']);
  });
});

it('every recording in the folder is judged above', () => {
  expect(new Set(expected.map(([name]) => name))).toEqual(new Set(recordings));
});

function flip(bytes: Uint8Array, index: number): Uint8Array {
  const copy = bytes.slice();
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
