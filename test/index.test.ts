/** The library: what it gives away, and what a program can do with it alone. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as library from '../src/index.ts';
import { openVirtualCard } from '../src/reader/virtual.ts';
import { createSimulatedCard } from '../src/simulator/index.ts';
import { repositoryFile } from './support/cli.ts';
import { demoRegistry, packagedRegistry, testNow } from './support/registry.ts';
import { seededRandom } from './support/tap-evidence.ts';

const { appraise, interview, openCard, prove } = library;
const context = { origin: 'a-test', purpose: 'verify' } as const;
const options = {
  nonce: new Uint8Array(32).fill(7),
  context,
  at: testNow,
  random: seededRandom('library'),
};
const policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted' } as const;

function cardOf(caseId: string, family = 'coinkite-tap') {
  const card = createSimulatedCard(family, caseId, seededRandom(caseId));
  return openCard(openVirtualCard(card), () => 0);
}

async function evidenceOf(caseId: string, more: Partial<library.InterviewOptions> = {}) {
  const evidence = await interview(cardOf(caseId), { ...options, ...more });
  if (evidence === undefined) throw new Error('no family was found');
  return evidence;
}

describe('the library', () => {
  it('gives what its page says', () => {
    expect(Object.keys(library).sort()).toEqual([
      'Registry',
      'TouchstoneError',
      'appraise',
      'encodeEvidence',
      'families',
      'interview',
      'openCard',
      'parseEvidence',
      'parseRegistryLayer',
      'prove',
      'startPcsc',
      'verifyOriginality',
    ]);
  });

  it.each([
    ['genuine', 'genuine-by-overlay', 0],
    ['fake-root', 'foreign-root', 5],
    ['used', 'not-new', 6],
    ['garbage', 'unreadable', 4],
  ])('takes the card "%s" from interview to verdict', async (caseId, row, exit) => {
    const named = caseId === 'garbage' ? { family: 'coinkite-tap' } : {};
    const evidence = await evidenceOf(caseId, named);
    const verdict = appraise(prove(evidence), demoRegistry, policy, testNow);
    expect([verdict.row, verdict.exit]).toEqual([row, exit]);
  });

  it('trusts no demo key that nobody asked for', async () => {
    const evidence = await evidenceOf('genuine');
    expect(appraise(prove(evidence), packagedRegistry, policy, testNow).exit).toBe(5);
  });

  it('writes down what it was told, and that it judged itself', async () => {
    expect(await evidenceOf('genuine')).toMatchObject({
      family: 'coinkite-tap',
      freshness: 'self',
      nonce: options.nonce,
      context,
      collectedAt: '2026-11-26T12:00:00.000Z',
      attachments: [],
    });
  });

  it('gives evidence that holds for its nonce and context alone', async () => {
    const evidence = await evidenceOf('genuine');
    const changes = [
      { nonce: new Uint8Array(32) },
      { context: { ...context, origin: 'another' } },
      { context: { ...context, purpose: 'activated' } as const },
    ];
    for (const change of changes) {
      const verdict = appraise(prove({ ...evidence, ...change }), demoRegistry, policy, testNow);
      expect(verdict.row).toBe('foreign-challenge');
    }
  });

  it('reads what it wrote, and proves the same', async () => {
    const evidence = await evidenceOf('genuine');
    const again = library.parseEvidence(library.encodeEvidence(evidence));
    expect(prove(again)).toEqual(prove(evidence));
  });

  it('finds no family on another card', async () => {
    const answer = { kind: 'answer', bytes: Uint8Array.of(0x6a, 0x82) } as const;
    const blank = { atr: Uint8Array.of(0x3b, 0), reset: () => undefined, respond: () => answer };
    const card = () => openCard(openVirtualCard(blank), () => 0);
    expect(await interview(card(), options)).toBeUndefined();
    const named = await interview(card(), { ...options, family: 'tangem' });
    expect(named?.family).toBe('tangem');
    expect(named && appraise(prove(named), demoRegistry, policy, testNow).exit).toBe(4);
  });

  it.each(['tangme', '', '__proto__'])(
    'refuses the family %j, which it does not know',
    async (family) => {
      const card = cardOf('genuine');
      await expect(interview(card, { ...options, family })).rejects.toThrow(
        library.TouchstoneError,
      );
      expect(card.recorded).toEqual([]);
    },
  );

  it('refuses a nonce that is too short', async () => {
    const nonce = new Uint8Array(31);
    await expect(interview(cardOf('genuine'), { ...options, nonce })).rejects.toThrow(RangeError);
  });

  it('fails where the link does', async () => {
    await expect(interview(cardOf('removed-mid-way'), options)).rejects.toMatchObject({
      code: 'READER_CARD_REMOVED',
    });
  });
});

describe('the example', () => {
  const text = readFileSync(repositoryFile('docs/examples/check-card.mjs'), 'utf8');

  it('imports from the package what the library gives', () => {
    const names = /import \{([^}]*)\} from 'touchstone'/.exec(text)?.[1] ?? '';
    const imported = names.split(',').map((name) => name.trim());
    expect(imported.length).toBeGreaterThan(5);
    expect(Object.keys(library)).toEqual(expect.arrayContaining(imported.filter(Boolean)));
  });

  it('names an origin that evidence may carry', () => {
    expect(/origin: '([^']*)'/.exec(text)?.[1]).toMatch(/^[\x21-\x7e]{1,256}$/);
  });

  it('judges a file as a recording, and pins the built-in registry alone', () => {
    expect(text).toContain("freshness: what === 'card' ? 'verifier' : 'self'");
    expect(text.match(/'pinned'/g)).toHaveLength(1);
  });
});
