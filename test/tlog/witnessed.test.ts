import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { encodeCheckpoint } from '../../src/tlog/checkpoint.ts';
import { encodeCosignature } from '../../src/tlog/cosignature.ts';
import { encodeKey, noteKey, parseKey } from '../../src/tlog/key.ts';
import {
  appendSignatures,
  encodeNote,
  encodeSignatures,
  type NoteSignature,
  parseNote,
} from '../../src/tlog/note.ts';
import { parsePolicy } from '../../src/tlog/policy.ts';
import { createCosigner, createSigner } from '../../src/tlog/signer.ts';
import { clockTolerance, verifyCheckpoint } from '../../src/tlog/witnessed.ts';
import {
  changedCharacters,
  log7,
  mlDsa,
  mlDsaLog,
  reshaped,
  tessera,
  vectorText,
} from './given.ts';

const now = log7.time + 3600n;
const policy = parsePolicy(`log ${log7.vkey}\nwitness w1 ${log7.wvkey}\nquorum w1\n`);
const unwitnessed = parsePolicy(`log ${log7.vkey}\nwitness w1 ${log7.wvkey}\nquorum none\n`);
const why = (note: string, under = policy, at = now) => {
  const result = verifyCheckpoint(note, under, at);
  return result.kind === 'refused' ? result.why : result.kind;
};

const { text, signatures } = parseNote(log7.checkpoint);
const [byLog, byWitness] = signatures;
if (byLog === undefined || byWitness === undefined) throw new Error('no signatures');
const withSignatures = (...own: NoteSignature[]) => encodeNote({ text, signatures: own });

describe('a checkpoint under a policy', () => {
  it.each([
    ['checkpoint.3', 3n],
    ['checkpoint.4', 4n],
    ['checkpoint', 7n],
  ] as const)('is verified: %s', (file, size) => {
    const note = vectorText(`worked-example-log7/${file}`);
    expect(verifyCheckpoint(note, policy, now)).toMatchObject({
      kind: 'verified',
      checkpoint: { origin: log7.origin, size, extensions: [] },
      log: parseKey(log7.vkey),
      cosignatures: [{ name: 'w1', time: log7.time }],
      witnessed: true,
    });
  });

  it.each(tessera.checkpoints)(
    'is verified without witnesses: Tessera, size $size',
    ({ size, note }) => {
      const result = verifyCheckpoint(note, parsePolicy(`log ${tessera.vkey}\nquorum none\n`), now);
      expect(result).toMatchObject({
        kind: 'verified',
        checkpoint: { size: BigInt(size) },
        cosignatures: [],
        witnessed: false,
      });
    },
  );

  it('is verified with a cosignature of ML-DSA-44', () => {
    const note = appendSignatures(mlDsa.checkpoint, `${mlDsa.signature_line.trimEnd()}\n`);
    const both = parsePolicy(
      `log ${log7.vkey}\nwitness ed ${log7.wvkey}\nwitness pq ${mlDsa.vkey}\ngroup g all ed pq\nquorum g\n`,
    );
    const time = log7.time;
    expect(verifyCheckpoint(note, both, now)).toMatchObject({
      kind: 'verified',
      checkpoint: { size: 70000n },
      cosignatures: [
        { name: 'ed', time },
        { name: 'pq', time },
      ],
    });
    expect(why(mlDsa.checkpoint, both)).toBe('quorum-missing');
  });

  it('says that nobody witnessed it where the policy asks for nobody', () => {
    const result = verifyCheckpoint(log7.checkpoint, unwitnessed, now);
    expect(result).toMatchObject({ kind: 'verified', witnessed: false });
    expect(result.kind === 'verified' && result.cosignatures).toEqual([
      { name: 'w1', time: log7.time },
    ]);
  });

  it('is refused with any one character changed', () => {
    for (const { name, text: altered } of changedCharacters(log7.checkpoint)) {
      expect(`${name}: ${why(altered)}`).not.toContain('verified');
    }
  });

  it('is refused in any other shape', () => {
    for (const { name, text: altered } of reshaped(log7.checkpoint)) {
      expect(`${name}: ${why(altered)}`).not.toContain('verified');
    }
  });

  it.each([
    ['no note', text, 'malformed'],
    ['no checkpoint', encodeNote({ text: 'text\n', signatures }), 'malformed'],
    ['a lone surrogate', log7.checkpoint.replace('log.', 'log\ud800'), 'malformed'],
    [
      'another origin',
      encodeNote({ text: text.replace('log.', 'lag.'), signatures }),
      'unknown-log',
    ],
    ['an altered size', log7.checkpoint.replace('\n7\n', '\n8\n'), 'wrong-signature'],
    ['a leading zero', log7.checkpoint.replace('\n7\n', '\n07\n'), 'malformed'],
    ['an altered root', log7.checkpoint.replace('+pBz', '+pBy'), 'wrong-signature'],
    ['an extension line', log7.checkpoint.replace('\n\n', '\nextension\n\n'), 'wrong-signature'],
    ['a line doubled', log7.checkpoint.replace('\n7\n', '\n7\n7\n'), 'malformed'],
    ['no signature of the log', withSignatures(byWitness), 'wrong-signature'],
    ['no cosignature', withSignatures(byLog), 'quorum-missing'],
    [
      'the lines of the log under the name of the witness',
      withSignatures(byLog, { ...byLog, name: byWitness.name, keyId: byWitness.keyId }),
      'wrong-signature',
    ],
    [
      'a cosignature of another checkpoint',
      withSignatures(
        byLog,
        parseNote(vectorText('worked-example-log7/checkpoint.4')).signatures[1] ?? byLog,
      ),
      'wrong-signature',
    ],
    [
      'a witness that nobody knows',
      withSignatures(byLog, createCosigner(log7.witnessName, log7.seed).cosign(text, log7.time)),
      'quorum-missing',
    ],
    [
      'a log key that nobody knows',
      withSignatures(createSigner(log7.origin, sha256(utf8('x'))).sign(text), byWitness),
      'wrong-signature',
    ],
  ])('is refused for %s', (_, note, expected) => {
    expect(why(note)).toBe(expected);
    const result = verifyCheckpoint(note, policy, now);
    expect(result.kind === 'refused' && result.detail.length).toBeGreaterThan(10);
  });

  it('is not made by another log of the policy, whose key signed', () => {
    const other = createSigner('other.example', sha256(utf8('other')));
    const both = parsePolicy(
      `log ${log7.vkey}\nlog ${encodeKey(other.key)}\nwitness w1 ${log7.wvkey}\nquorum w1\n`,
    );
    expect(why(log7.checkpoint, both)).toBe('verified');
    expect(why(withSignatures(other.sign(text), byWitness), both)).toBe('wrong-signature');
    expect(why(withSignatures(byLog, other.sign(text), byWitness), both)).toBe('verified');
  });

  it('may be signed by either key of a log that changes them', () => {
    const next = createSigner(log7.origin, sha256(utf8('next')));
    const both = parsePolicy(`log ${log7.vkey}\nlog ${encodeKey(next.key)}\nquorum none\n`);
    expect(verifyCheckpoint(withSignatures(next.sign(text)), both, now)).toMatchObject({
      log: next.key,
    });
    expect(verifyCheckpoint(withSignatures(byLog), both, now)).toMatchObject({
      log: parseKey(log7.vkey),
    });
    expect(
      why(withSignatures(byLog), parsePolicy(`log ${encodeKey(next.key)}\nquorum none\n`)),
    ).toBe('wrong-signature');
  });

  it('ignores a second signature of the log that the policy does not know, wrong or not', () => {
    const pq = noteKey(log7.origin, 6, parseKey(mlDsa.vkey).publicKey);
    const payload = encodeCosignature({ time: 0n, signature: new Uint8Array(2420) });
    const second = { name: pq.name, keyId: pq.keyId, payload };
    expect(why(withSignatures(byLog, second, byWitness))).toBe('verified');
    // Known as a witness, it has to hold.
    const known = parsePolicy(
      `log ${log7.vkey}\nwitness w1 ${log7.wvkey}\nwitness pq ${encodeKey(pq)}\nquorum w1\n`,
    );
    expect(why(withSignatures(byLog, second, byWitness), known)).toBe('wrong-signature');
    expect(why(withSignatures(byLog, byWitness), known)).toBe('verified');
  });

  it('repeats no character of a foreign origin that could steer a terminal', () => {
    const foreign = encodeNote({ text: text.replace('log.', '\u009b2J\u202elog.'), signatures });
    const result = verifyCheckpoint(foreign, policy, now);
    expect(result).toEqual({
      kind: 'refused',
      why: 'unknown-log',
      detail: 'the policy names no log "\ufffd2J\ufffdlog.example.org/activations"',
    });
  });

  it('knows no log where the policy has none', () => {
    expect(why(log7.checkpoint, parsePolicy('quorum none\n'))).toBe('unknown-log');
  });
});

describe('the time of a cosignature', () => {
  const cosigner = createCosigner(log7.witnessName, log7.witnessSeed);
  const second = createCosigner('w2', sha256(utf8('w2')));
  const any = parsePolicy(
    `log ${log7.vkey}\nwitness w1 ${log7.wvkey}\nwitness w2 ${encodeKey(second.key)}\ngroup g any w1 w2\nquorum g\n`,
  );

  it('may be five minutes ahead', () => {
    expect(clockTolerance).toBe(300n);
    expect(why(log7.checkpoint, policy, log7.time)).toBe('verified');
    expect(why(log7.checkpoint, policy, log7.time - 300n)).toBe('verified');
    expect(why(log7.checkpoint, policy, log7.time - 301n)).toBe('future-cosignature');
    expect(why(log7.checkpoint, policy, 0n)).toBe('future-cosignature');
  });

  it('may be as old as it likes: how old is for the caller', () => {
    expect(why(log7.checkpoint, policy, 2n ** 62n)).toBe('verified');
  });

  it('counts for a quorum only when it is not ahead', () => {
    const note = withSignatures(byLog, cosigner.cosign(text, now + 301n), second.cosign(text, now));
    const result = verifyCheckpoint(note, any, now);
    expect(result).toMatchObject({ kind: 'verified', cosignatures: [{ name: 'w2', time: now }] });
    expect(why(note, policy)).toBe('future-cosignature');
    // Not named future: even with it the quorum would be missing.
    const all = parsePolicy(
      `log ${log7.vkey}\nwitness w1 ${log7.wvkey}\nwitness w3 ${mlDsaLog.vkey}\ngroup g all w1 w3\nquorum g\n`,
    );
    expect(why(note, all)).toBe('quorum-missing');
  });

  it('is the newest that is not ahead, when a witness signed more than once', () => {
    const times = [now - 5n, now + 1000n, now, now - 9n];
    const lines = encodeSignatures(times.map((time) => cosigner.cosign(text, time)));
    const result = verifyCheckpoint(appendSignatures(withSignatures(byLog), lines), policy, now);
    expect(result.kind === 'verified' && result.cosignatures).toEqual([{ name: 'w1', time: now }]);
  });

  it('makes one witness of all that it signed', () => {
    const two = parsePolicy(
      `log ${log7.vkey}\nwitness w1 ${log7.wvkey}\nwitness w2 ${encodeKey(second.key)}\ngroup g 2 w1 w2\nquorum g\n`,
    );
    const lines = encodeSignatures([1n, 2n, 3n].map((time) => cosigner.cosign(text, time)));
    const note = appendSignatures(withSignatures(byLog), lines);
    expect(why(note, two)).toBe('quorum-missing');
    expect(why(appendSignatures(note, encodeSignatures([second.cosign(text, 1n)])), two)).toBe(
      'verified',
    );
  });

  it('of zero states no time, and does not count', () => {
    // The one public signature with the time 0 is that of a log, held here against it as a witness.
    const { text: pqText, signatures: own } = parseNote(mlDsaLog.note);
    const log = createSigner('example.com/mldsa-log', sha256(utf8('ed')));
    const zero = parsePolicy(`log ${encodeKey(log.key)}\nwitness pq ${mlDsaLog.vkey}\nquorum pq\n`);
    const note = encodeNote({ text: pqText, signatures: [log.sign(pqText), ...own] });
    expect(why(note, zero)).toBe('quorum-missing');
    const none = parsePolicy(
      `log ${encodeKey(log.key)}\nwitness pq ${mlDsaLog.vkey}\nquorum none\n`,
    );
    expect(verifyCheckpoint(note, none, now)).toMatchObject({ kind: 'verified', cosignatures: [] });
  });
});

it('a checkpoint of 2^63-1 entries is read, and one of more is not', () => {
  const signer = createSigner('log', sha256(utf8('big')));
  const open = parsePolicy(`log ${encodeKey(signer.key)}\nquorum none\n`);
  const signed = (own: string) => encodeNote({ text: own, signatures: [signer.sign(own)] });
  const most = encodeCheckpoint({ origin: 'log', size: 2n ** 63n - 1n, root: new Uint8Array(32) });
  expect(why(signed(most), open)).toBe('verified');
  expect(why(signed(most.replace('807', '808')), open)).toBe('malformed');
});
