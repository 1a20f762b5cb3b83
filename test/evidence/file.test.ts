import { describe, expect, it } from 'vitest';
import { TouchstoneError } from '../../src/errors/error.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { recordedFreshness } from '../../src/evidence/evidence.ts';
import { encodeEvidence, parseEvidence } from '../../src/evidence/file.ts';
import { attachmentsHash, challengeHash, proofHash } from '../../src/evidence/hashes.ts';
import { simulateEvidence } from '../support/tap-evidence.ts';

const evidence = await simulateEvidence('genuine');
const text = encodeEvidence(evidence);

/** The file with one field altered. */
function altered(change: (file: Record<string, unknown>) => void): string {
  const file = JSON.parse(text);
  change(file);
  return JSON.stringify(file);
}

function refusal(content: string): string {
  try {
    parseEvidence(content);
  } catch (error) {
    if (error instanceof TouchstoneError && error.code === 'EVIDENCE_INVALID') return error.message;
    throw error;
  }
  return 'accepted';
}

describe('evidence file', () => {
  it('gives back what was written', () => {
    expect(parseEvidence(text)).toEqual(evidence);
  });

  it('carries attachments and foreign challenges', () => {
    const more: CardEvidence = {
      ...evidence,
      attachments: [
        { kind: 'x', source: 'y', fetchedAt: '2026-11-22T00:00:00Z', data: Uint8Array.of(1) },
      ],
      challenges: { check: new Uint8Array(16) },
    };
    expect(parseEvidence(encodeEvidence(more))).toEqual(more);
  });

  it.each([
    [
      'another schema',
      (f: Record<string, unknown>) => (f['schema'] = 'touchstone.evidence/2'),
      '"schema"',
    ],
    ['no schema', (f: Record<string, unknown>) => delete f['schema'], '"schema"'],
    ['an unknown kind', (f: Record<string, unknown>) => (f['kind'] = 'x'), '"kind"'],
    ['an extra field', (f: Record<string, unknown>) => (f['extra'] = 1), 'extra'],
    ['a field missing', (f: Record<string, unknown>) => delete f['nonce'], '"nonce"'],
    ['a short nonce', (f: Record<string, unknown>) => (f['nonce'] = '00'), '"nonce"'],
    ['upper-case hex', (f: Record<string, unknown>) => (f['atr'] = 'AB'), '"atr"'],
    ['odd hex', (f: Record<string, unknown>) => (f['atr'] = 'abc'), '"atr"'],
    [
      'a time without zone',
      (f: Record<string, unknown>) => (f['collectedAt'] = '2026-11-22T10:00'),
      '"collectedAt"',
    ],
    [
      'an unknown purpose',
      (f: Record<string, unknown>) => (f['context'] = { origin: 'x', purpose: 'y' }),
      '"context.purpose"',
    ],
    [
      'too many exchanges',
      (f: Record<string, unknown>) =>
        (f['transcript'] = Array(1025).fill((f['transcript'] as unknown[])[0])),
      '"transcript"',
    ],
    [
      'a response without status',
      (f: Record<string, unknown>) =>
        (f['transcript'] = [
          { command: '00a40400', response: '90', micros: 0, disclosure: 'proof' },
        ]),
      '"transcript.0.response"',
    ],
    [
      'a family that is no name',
      (f: Record<string, unknown>) => (f['family'] = '../x'),
      '"family"',
    ],
  ])('is refused with %s', (_, change, field) => {
    expect(refusal(altered(change))).toContain(field);
  });

  it.each([
    ['nothing', ''],
    ['half a file', text.slice(0, text.length / 2)],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['too much', `"${'x'.repeat(5_000_000)}"`],
    ['prototype keys', text.replace('{', '{"__proto__": {"kind": "url"},')],
  ])('is refused when it holds %s', (_, content) => {
    expect(refusal(content)).toMatch(/^This is not a readable evidence file: /);
  });

  it('withholds private exchanges but for header and status', () => {
    const secret = {
      command: Uint8Array.of(0, 0x20, 0, 0, 4, 1, 2, 3, 4),
      response: Uint8Array.of(9, 9, 0x90, 0),
      micros: 1,
      disclosure: 'private' as const,
    };
    const written = parseEvidence(encodeEvidence({ ...evidence, transcript: [secret] }));
    expect(written.kind === 'card' && written.transcript[0]).toEqual({
      ...secret,
      command: Uint8Array.of(0, 0x20, 0, 0),
      response: Uint8Array.of(0x90, 0),
    });
  });
});

describe('the context in a file', () => {
  const beacon = { origin: 'log.example', size: 0, root: '00'.repeat(32) };
  const withContext = (context: object) =>
    altered((file) => {
      file['context'] = { origin: 'embedded', purpose: 'verify', ...context };
    });

  it.each([
    ['a name', { origin: 'https://shop.example/a?b' }],
    ['a name of 256', { origin: 'x'.repeat(256) }],
    ['the first and last visible character', { origin: '!~' }],
    ['a beacon and an owner', { beacon, owner: 'ab'.repeat(32) }],
  ])('may hold %s', (_, context) => {
    expect(refusal(withContext(context))).toBe('accepted');
  });

  it.each([
    ['a lone surrogate', { origin: '\ud800' }, '"context.origin"'],
    ['a whole character beyond ASCII', { origin: 'sh\u00f6p' }, '"context.origin"'],
    ['a space', { origin: 'a b' }, '"context.origin"'],
    ['a space at the end', { origin: 'a ' }, '"context.origin"'],
    ['a control character', { origin: 'a\u0007b' }, '"context.origin"'],
    ['a delete character', { origin: 'a\u007f' }, '"context.origin"'],
    ['a line feed at the end', { origin: 'a\n' }, '"context.origin"'],
    ['no origin', { origin: '' }, '"context.origin"'],
    ['an origin of 257', { origin: 'x'.repeat(257) }, '"context.origin"'],
    ['a space in a beacon', { beacon: { ...beacon, origin: 'a b' } }, '"context.beacon.origin"'],
    ['a beacon below zero', { beacon: { ...beacon, size: -1 } }, '"context.beacon.size"'],
    ['a short beacon root', { beacon: { ...beacon, root: '00' } }, '"context.beacon.root"'],
    ['an owner in upper case', { owner: 'AB'.repeat(32) }, '"context.owner"'],
    ['another field', { extra: 1 }, '"extra" in "context"'],
  ])('is refused with %s', (_, context, field) => {
    expect(refusal(withContext(context))).toContain(field);
  });
});

describe('the challenges in a file', () => {
  const named = (label: string, value: string) =>
    altered((file) => {
      file['challenges'] = JSON.parse(`{${JSON.stringify(label)}: ${JSON.stringify(value)}}`);
    });

  it.each(['check', 'check-2', 'a', 'constructor', 'x'.repeat(32)])('may be called %s', (label) => {
    const parsed = parseEvidence(named(label, '0102'));
    const { challenges } = parsed.kind === 'card' ? parsed : {};
    expect(Object.entries(challenges ?? {})).toEqual([[label, Uint8Array.of(1, 2)]]);
  });

  it.each(['', 'Check', 'check_2', 'check 2', 'check\n', 'x'.repeat(33), '__proto__'])(
    'are not called %j',
    (label) => {
      expect(refusal(named(label, '0102'))).not.toBe('accepted');
    },
  );

  it.each(['', '0', 'AB', '00'.repeat(65)])('do not hold %j', (value) => {
    expect(refusal(named('check', value))).toContain('"challenges.check"');
  });
});

describe('the size of a file', () => {
  const limit = 4 * 1024 * 1024;
  it('may be the limit, and not a character more', () => {
    expect(refusal(text.padEnd(limit))).toBe('accepted');
    expect(refusal(text.padEnd(limit + 1))).toContain('it is longer than 4194304 characters');
  });

  it('leaves room for 1024 exchanges and 16 attachments', () => {
    const item = { kind: 'x', source: 'y', fetchedAt: '2026-11-22T00:00:00Z', data: '' };
    const many = (exchanges: number, attachments: number) =>
      altered((file) => {
        const [first] = Array.isArray(file['transcript']) ? file['transcript'] : [];
        file['transcript'] = Array(exchanges).fill(first);
        file['attachments'] = Array(attachments).fill(item);
      });
    expect(refusal(many(1024, 16))).toBe('accepted');
    expect(refusal(many(0, 17))).toContain('"attachments"');
  });
});

describe('freshness of a file', () => {
  it('is never better than recorded, whatever it says', () => {
    expect(evidence.freshness).toBe('verifier');
    expect(recordedFreshness(evidence)).toBe('self');
    expect(recordedFreshness({ ...evidence, freshness: 'beacon' })).toBe('self');
    expect(recordedFreshness({ ...evidence, freshness: 'imported' })).toBe('imported');
    expect(recordedFreshness({ ...evidence, challenges: {} })).toBe('imported');
  });
});

describe('hashes', () => {
  const hashes = (item: CardEvidence) => [
    proofHash(item),
    challengeHash(item),
    attachmentsHash(item),
  ];

  it('do not depend on reader, time or ATR', () => {
    const elsewhere = {
      ...evidence,
      readerName: 'another',
      atr: Uint8Array.of(1),
      collectedAt: '2030-01-01T00:00:00Z',
      freshness: 'self' as const,
    };
    expect(hashes(elsewhere)).toEqual(hashes(evidence));
  });

  it('a private exchange changes none of them', () => {
    const secret = { ...evidence.transcript[0], disclosure: 'private' } as const;
    const more = { ...evidence, transcript: [...evidence.transcript, secret] } as CardEvidence;
    expect(hashes(more)).toEqual(hashes(evidence));
  });

  it('another nonce changes proof and challenge, an attachment only its own', () => {
    const [proof, challenge, attachments] = hashes(evidence);
    const [proof2, challenge2, attachments2] = hashes({ ...evidence, nonce: new Uint8Array(32) });
    expect(proof2).not.toEqual(proof);
    expect(challenge2).not.toEqual(challenge);
    expect(attachments2).toEqual(attachments);
    const attached = {
      ...evidence,
      attachments: [{ kind: 'x', source: 'y', fetchedAt: 'z', data: Uint8Array.of(1) }],
    };
    const [proof3, challenge3, attachments3] = hashes(attached);
    expect([proof3, challenge3]).toEqual([proof, challenge]);
    expect(attachments3).not.toEqual(attachments);
  });
});
