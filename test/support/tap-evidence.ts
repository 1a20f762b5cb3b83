/** Evidence for tests: from the public recordings, and from simulated cards. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromHex } from '../../src/bytes/hex.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { coinkiteTap } from '../../src/families/coinkite-tap/index.ts';
import { openCard } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { createSimulatedCard } from '../../src/simulator/index.ts';
import { collectEvidence } from '../../src/verifier/collect.ts';

interface Step {
  readonly label: string;
  readonly commandApdu: string;
  readonly responseApdu: string;
  readonly request: { readonly cmd?: string; readonly nonce?: { readonly hex: string } };
}

export interface Recording {
  readonly cardPublicKey: string;
  readonly cardIdent: string;
  readonly authentications: readonly { readonly label: string }[];
  readonly steps: readonly Step[];
}

export const recordings = [
  'satscard-0.9.0-sealed',
  'satscard-1.0.3-sealed',
  'satscard-1.0.3-slot0-unsealed',
  'satschip-1.0.3-fresh',
  'tapsigner-1.0.3-fresh',
  'tapsigner-1.0.3-other-root',
  'tapsigner-1.0.3-used',
] as const;

export function loadRecording(name: (typeof recordings)[number]): Recording {
  const url = new URL(`../vectors/coinkite-tap/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

/**
 * One authentication of a recording as imported evidence: SELECT, what was asked since the check
 * before, the check itself, and the tap link after it.
 */
export function importRecording(recording: Recording, label: string): CardEvidence {
  const { steps } = recording;
  const checks = steps.filter((step) => step.request.cmd === 'check');
  const check = steps.findIndex((step) => step.label === label);
  const before = steps.indexOf(
    checks[checks.findIndex((step) => step.label === label) - 1] as Step,
  );
  const link = steps.findIndex((step, index) => index > check && step.request.cmd === 'nfc');
  const wanted = steps.filter(
    (step, index) =>
      index === 0 ||
      index === link ||
      (index > before && index <= check && step.request.cmd !== 'nfc'),
  );
  const nonceOf = (cmd: string) =>
    wanted.find((step) => step.request.cmd === cmd && step.responseApdu.length > 100)?.request
      .nonce;
  const challenges = Object.fromEntries(
    ['check', 'read'].flatMap((cmd) => {
      const nonce = nonceOf(cmd);
      return nonce === undefined ? [] : [[cmd, fromHex(nonce.hex)]];
    }),
  );
  return {
    kind: 'card',
    family: 'coinkite-tap',
    nonce: new Uint8Array(32),
    context: { origin: 'imported', purpose: 'verify' },
    freshness: 'imported',
    collectedAt: '2026-11-22T07:39:07Z',
    readerName: 'recording',
    atr: new Uint8Array(),
    transcript: wanted.map((step) => ({
      command: fromHex(step.commandApdu),
      response: fromHex(step.responseApdu),
      micros: 0,
      disclosure: 'proof',
    })),
    attachments: [],
    challenges,
  };
}

/** Bytes that look random and are the same in every run. */
export function seededRandom(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    counter += 1;
    const hash = createHash('shake256', { outputLength: length }).update(`${seed} ${counter}`);
    return new Uint8Array(hash.digest());
  };
}

/** What a simulated card answers in one check, under a nonce that depends on the seed. */
export async function simulateEvidence(caseId: string, seed = caseId): Promise<CardEvidence> {
  const random = seededRandom(seed);
  const card = openCard(
    openVirtualCard(createSimulatedCard('coinkite-tap', caseId, random)),
    () => 0,
  );
  return collectEvidence({
    platform: [],
    card,
    family: coinkiteTap,
    session: {
      context: { origin: 'embedded', purpose: 'verify' },
      nonce: random(32),
    },
    freshness: 'verifier',
    collectedAt: Date.parse('2026-11-26T12:00:00Z'),
    talk: { random, onStep: () => undefined },
  });
}
