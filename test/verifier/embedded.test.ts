/** Replayed, relabelled and late evidence against the verifier of this process. */
import { describe, expect, it } from 'vitest';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { encodeEvidence, parseEvidence } from '../../src/evidence/file.ts';
import { coinkiteTap } from '../../src/families/coinkite-tap/index.ts';
import { families } from '../../src/families/index.ts';
import { openCard } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { createSimulatedCard } from '../../src/simulator/index.ts';
import { collectEvidence, detectFamily } from '../../src/verifier/collect.ts';
import { createEmbeddedVerifier, type Session } from '../../src/verifier/embedded.ts';
import { demoRegistry, testNow } from '../support/registry.ts';
import { quietTalk } from '../support/talk.ts';
import { requestOf } from '../support/tap-cards.ts';
import { seededRandom } from '../support/tap-evidence.ts';

const wish = { expectNew: false };

/** The challenge that the card was asked to sign. */
function askedIn({ transcript }: CardEvidence): Uint8Array {
  const check = transcript
    .map(({ command }) => requestOf(command))
    .find((it) => it['cmd'] === 'check');
  if (!(check?.['nonce'] instanceof Uint8Array)) throw new Error('no check in this evidence');
  return check['nonce'];
}

function setUp() {
  let now = testNow;
  const random = seededRandom('embedded verifier');
  const parts = { registry: demoRegistry, families, random, now: () => now };
  const verifier = createEmbeddedVerifier(parts);
  const collect = (session: Session): Promise<CardEvidence> =>
    collectEvidence({
      platform: [],
      card: openCard(
        openVirtualCard(createSimulatedCard('coinkite-tap', 'genuine', random, 'one card')),
        () => 0,
      ),
      family: coinkiteTap,
      session,
      freshness: 'verifier',
      collectedAt: now,
      talk: quietTalk,
    });
  return { verifier, collect, later: (millis: number) => (now += millis) };
}

describe('a session', () => {
  it('judges its own evidence as fresh', async () => {
    const { verifier, collect } = setUp();
    const session = verifier.open('verify');
    const verdict = verifier.judge(session.id, await collect(session), wish);
    expect(verdict).toMatchObject({ word: 'genuine', facts: { freshness: 'verifier' } });
  });

  it('refuses evidence of another session, also when it claims to be of this one', async () => {
    const { verifier, collect } = setUp();
    const old = await collect(verifier.open('verify'));
    const session = verifier.open('verify');
    expect(verifier.judge(session.id, old, wish).row).toBe('foreign-challenge');
    const relabelled = verifier.open('verify');
    const { nonce, context } = relabelled;
    const verdict = verifier.judge(relabelled.id, { ...old, nonce, context }, wish);
    expect(verdict.row).toBe('foreign-challenge');
  });

  it('refuses evidence for another purpose', async () => {
    const { verifier, collect } = setUp();
    const session = verifier.open('activated');
    const evidence = await collect({
      ...session,
      context: { ...session.context, purpose: 'verify' },
    });
    expect(verifier.judge(session.id, evidence, wish).row).toBe('foreign-challenge');
  });

  it("refuses evidence made for another verifier's origin", async () => {
    const { verifier, collect } = setUp();
    const session = verifier.open('verify');
    const origin = 'https://evil.example';
    const evidence = await collect({ ...session, context: { ...session.context, origin } });
    expect(verifier.judge(session.id, evidence, wish).row).toBe('foreign-challenge');
  });

  it('takes no challenge from the evidence itself', async () => {
    const { verifier, collect } = setUp();
    const old = await collect(verifier.open('verify'));
    const session = verifier.open('verify');
    const recorded = families[0]?.prove(old);
    expect(recorded?.key).toBeDefined();
    const check = old.transcript.at(3)?.command.slice(-16) ?? new Uint8Array();
    const verdict = verifier.judge(session.id, { ...old, challenges: { check } }, wish);
    expect(verdict.row).toBe('foreign-challenge');
  });

  it('refuses evidence that names the challenge which it answers', async () => {
    const { verifier, collect } = setUp();
    const old = await collect(verifier.open('verify'));
    const nonce = askedIn(old);
    const imported = { ...old, challenges: { check: nonce } };
    // By itself the recording is sound: only that it is none of this session speaks against it.
    expect(families[0]?.prove(imported).key).toBeDefined();
    const session = verifier.open('verify');
    expect(verifier.judge(session.id, imported, wish)).toMatchObject({
      row: 'foreign-challenge',
      facts: { live: 'foreign', freshness: 'verifier' },
    });
  });

  it('takes its own evidence though it names other challenges', async () => {
    const { verifier, collect } = setUp();
    const session = verifier.open('verify');
    const evidence = { ...(await collect(session)), challenges: {} };
    expect(verifier.judge(session.id, evidence, wish).word).toBe('genuine');
  });

  it('calls its own evidence fresh, whatever that says of itself', async () => {
    const { verifier, collect } = setUp();
    const session = verifier.open('verify');
    const evidence = { ...(await collect(session)), freshness: 'imported' } as const;
    expect(verifier.judge(session.id, evidence, wish).facts.freshness).toBe('verifier');
  });

  it('is still open at its last millisecond', async () => {
    const { verifier, collect, later } = setUp();
    const session = verifier.open('verify');
    const evidence = await collect(session);
    later(15 * 60_000);
    expect(verifier.judge(session.id, evidence, wish).word).toBe('genuine');
  });

  it('ends with the first judgement, also of foreign evidence', async () => {
    const { verifier, collect } = setUp();
    const foreign = await collect(verifier.open('verify'));
    const session = verifier.open('verify');
    const evidence = await collect(session);
    verifier.judge(session.id, foreign, wish);
    expect(() => verifier.judge(session.id, evidence, wish)).toThrow(/finished before/);
  });

  it('has a name and a nonce of its own', () => {
    const { verifier } = setUp();
    const [one, two] = [verifier.open('verify'), verifier.open('activated')];
    expect(one.nonce).toHaveLength(32);
    expect(one.id).toMatch(/^[0-9a-f]{32}$/);
    expect([two.nonce, two.id]).not.toEqual([one.nonce, one.id]);
    expect(one.context).toEqual({ origin: 'embedded', purpose: 'verify' });
    expect(two.context.purpose).toBe('activated');
    expect(one.expires).toBe(testNow + 900_000);
  });

  it('can be used once', async () => {
    const { verifier, collect } = setUp();
    const session = verifier.open('verify');
    const evidence = await collect(session);
    verifier.judge(session.id, evidence, wish);
    expect(() => verifier.judge(session.id, evidence, wish)).toThrow(/finished before/);
  });

  it('ends after a quarter of an hour', async () => {
    const { verifier, collect, later } = setUp();
    const session = verifier.open('verify');
    const evidence = await collect(session);
    later(15 * 60_000 + 1);
    expect(() => verifier.judge(session.id, evidence, wish)).toThrow(/time is over/);
  });

  it('is not opened by a name that nobody was given', async () => {
    const { verifier, collect } = setUp();
    const evidence = await collect(verifier.open('verify'));
    expect(() => verifier.judge('constructor', evidence, wish)).toThrow();
  });
});

describe('a file', () => {
  it('is at best recorded, and nothing when its nonce or context was altered', async () => {
    const { verifier, collect } = setUp();
    const evidence = await collect(verifier.open('verify'));
    expect(verifier.judgeRecorded(evidence, wish).row).toBe('recorded');
    const changes: Partial<CardEvidence>[] = [
      { nonce: new Uint8Array(32) },
      { context: { ...evidence.context, purpose: 'activated' } },
      { context: { ...evidence.context, origin: 'https://evil.example' } },
    ];
    for (const change of changes) {
      expect(verifier.judgeRecorded({ ...evidence, ...change }, wish).row).toBe(
        'foreign-challenge',
      );
    }
  });

  it('that names its challenges is imported, and so not decided', async () => {
    const { verifier, collect } = setUp();
    const evidence = await collect(verifier.open('verify'));
    const imported = { ...evidence, challenges: { check: askedIn(evidence) } };
    const file = parseEvidence(encodeEvidence(imported));
    expect(verifier.judgeRecorded(file, wish)).toMatchObject({
      row: 'imported',
      word: 'not decided',
      facts: { live: 'proven', chain: 'overlay', freshness: 'imported' },
    });
  });

  it('that says it was imported stays so', async () => {
    const { verifier, collect } = setUp();
    const evidence = await collect(verifier.open('verify'));
    expect(verifier.judgeRecorded({ ...evidence, freshness: 'imported' }, wish).row).toBe(
      'imported',
    );
  });

  it('with a link is judged as a link, or not at all where the family has none', () => {
    const { verifier } = setUp();
    const link = { kind: 'url', collectedAt: '2026-11-22T00:00:00Z', url: 'x' } as const;
    const known = verifier.judgeRecorded({ ...link, family: 'coinkite-tap' }, wish);
    expect(known.row).toBe('replayable');
    expect(verifier.judgeRecorded({ ...link, family: 'x' }, wish).row).toBe('family-unknown');
  });

  it('and a card that no family knows are judged under the wish', async () => {
    const { verifier, collect } = setUp();
    const evidence = await collect(verifier.open('verify'));
    const other = { expectNew: true, expectedNumber: 'X' };
    expect(verifier.judgeRecorded(evidence, other)).toMatchObject({
      at: testNow,
      row: 'other-number',
      facts: { number: 'differs', usage: 'expected', log: 'not-consulted' },
    });
    expect(verifier.judgeUnknown(other)).toMatchObject({
      family: 'unknown',
      row: 'family-unknown',
      facts: { live: 'missing', chain: 'missing', freshness: 'verifier' },
    });
  });

  it('of an unknown family is not decided', async () => {
    const { verifier, collect } = setUp();
    const evidence = await collect(verifier.open('verify'));
    const verdict = verifier.judgeRecorded({ ...evidence, family: 'constructor' }, wish);
    expect(verdict.row).toBe('family-unknown');
  });
});

describe('finding the family', () => {
  const cardOf = (respond: (command: Uint8Array) => Uint8Array) =>
    openCard(
      openVirtualCard({
        atr: new Uint8Array(),
        reset: () => undefined,
        respond: (command) => ({ kind: 'answer', bytes: respond(command) }),
      }),
      () => 0,
    );

  it('takes a card by what its application answers', async () => {
    const random = seededRandom('detect');
    const simulated = createSimulatedCard('coinkite-tap', 'genuine', random);
    const card = openCard(openVirtualCard(simulated), () => 0);
    expect((await detectFamily(card, families))?.family.id).toBe('coinkite-tap');
    expect(simulated.forbiddenCommands).toBe(0);
  });

  it('does not take a card that says 9000 to every name', async () => {
    const card = cardOf(() => Uint8Array.of(0x90, 0x00));
    expect(await detectFamily(card, families)).toBeUndefined();
  });

  it('does not take a card without the application', async () => {
    const card = cardOf(() => Uint8Array.of(0x6a, 0x82));
    expect(await detectFamily(card, families)).toBeUndefined();
  });
});
