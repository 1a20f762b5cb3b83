import { describe, expect, it } from 'vitest';
import { type NoteKey, noteKey, parseKey } from '../../src/tlog/key.ts';
import { appendSignatures, encodeNote, encodeSignatures, parseNote } from '../../src/tlog/note.ts';
import { createCosigner, createSigner } from '../../src/tlog/signer.ts';
import { openNote, verifyNoteSignature } from '../../src/tlog/verify.ts';
import { log7, mlDsa, mlDsaLog, notes, tessera, vectorJson, vectorText, vkeys } from './given.ts';

const skylight = [
  {
    folder: 'witness/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706',
    keys: 'witness/witness.v0.json',
  },
  {
    folder: 'witness2/88ad7a28caeb0b2aa890fdf0304c2fcaf59fca2ee140134ff8c1300bac493482',
    keys: 'witness2/witness.v0.json',
  },
  {
    folder: 'witness/mirror/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706',
    keys: 'witness/mirror/mirror.v0.json',
  },
].map(({ folder, keys }) => ({
  name: keys,
  note: vectorText(`sunlight-skylight/${folder}/checkpoint`),
  vkeys: vectorJson<{ verifier_keys: string[] }>(`sunlight-skylight/${keys}`).verifier_keys,
  times: [1_767_139_200n],
}));

const good = [
  ...notes.map(({ name, note, vkeys: keys }) => ({
    name,
    note,
    vkeys: keys,
    times: keys.map(() => undefined),
  })),
  ...tessera.checkpoints.map(({ size, note }) => ({
    name: `Tessera, size ${size}`,
    note,
    vkeys: [tessera.vkey],
    times: [undefined],
  })),
  ...skylight,
  {
    name: 'log7',
    note: log7.checkpoint,
    vkeys: [log7.vkey, log7.wvkey],
    times: [undefined, log7.time],
  },
  { name: 'ML-DSA-44 log', note: mlDsaLog.note, vkeys: [mlDsaLog.vkey], times: [0n] },
];

/** The whole payload of one line altered at its end. */
function spoiled(note: string, index: number): string {
  const { text, signatures } = parseNote(note);
  return encodeNote({
    text,
    signatures: signatures.map((signature, at) => {
      if (at !== index) return signature;
      const payload = signature.payload.slice();
      payload[20] = (payload[20] ?? 0) ^ 1;
      return { ...signature, payload };
    }),
  });
}

describe('opening a note', () => {
  it.each(good)('verifies $name', ({ note, vkeys: keys, times }) => {
    const opened = openNote(parseNote(note), keys.map(parseKey));
    expect(opened).toMatchObject({ kind: 'verified' });
    if (opened.kind !== 'verified') return;
    expect(opened.signatures.map(({ time }) => time)).toEqual(times);
    expect(opened.signatures.map(({ key }) => key)).toEqual(keys.map(parseKey));
  });

  it.each(good)('refuses $name with one character of the text changed', ({ note, vkeys: keys }) => {
    const parsed = parseNote(note);
    const last = parsed.text.length - 1;
    for (const at of new Set([0, 1, last >> 1, last - 2, last - 1])) {
      const code = parsed.text.charCodeAt(at) ^ 1;
      const text = parsed.text.slice(0, at) + String.fromCharCode(code) + parsed.text.slice(at + 1);
      const opened = openNote({ ...parsed, text }, keys.map(parseKey));
      expect(opened).toMatchObject({ kind: 'refused', why: 'wrong-signature' });
    }
  });

  it.each(good)('refuses $name with a byte of a signature altered', ({ note, vkeys: keys }) => {
    const known = keys.map(parseKey);
    for (const [index, { name, keyId }] of parseNote(note).signatures.entries()) {
      if (!known.some((key) => key.name === name && key.keyId === keyId)) continue;
      const opened = openNote(parseNote(spoiled(note, index)), known);
      expect(opened).toEqual({ kind: 'refused', why: 'wrong-signature', name });
    }
  });

  it.each(good)('does not know $name without keys, or with those of others', ({ note }) => {
    const stranger = createSigner('stranger', log7.seed).key;
    const unknown = { kind: 'refused', why: 'no-known-signature' };
    expect(openNote(parseNote(note), [])).toEqual(unknown);
    expect(openNote(parseNote(note), [stranger])).toEqual(unknown);
  });

  it('is not misled by a name: another key of the same name is not known', () => {
    const other = createSigner(log7.origin, log7.witnessSeed).key;
    expect(openNote(parseNote(log7.checkpoint), [other])).toEqual({
      kind: 'refused',
      why: 'no-known-signature',
    });
  });

  it('is not misled by a key ID: a key made to share name and ID does not verify', () => {
    const real = parseKey(log7.vkey);
    const forged: NoteKey = {
      ...real,
      publicKey: createSigner('x', log7.witnessSeed).key.publicKey,
    };
    expect(openNote(parseNote(log7.checkpoint), [forged])).toMatchObject({
      why: 'wrong-signature',
    });
    const opened = openNote(parseNote(log7.checkpoint), [forged, real]);
    expect(opened).toMatchObject({ kind: 'verified', signatures: [{ key: real }] });
  });

  it('ignores the lines of unknown keys, wrong or not', () => {
    const key = parseKey(log7.vkey);
    const witnessSpoiled = parseNote(spoiled(log7.checkpoint, 1));
    expect(openNote(witnessSpoiled, [key])).toMatchObject({
      kind: 'verified',
      signatures: [{ key }],
    });
  });

  it('refuses a good signature beside a wrong one of a known key', () => {
    const keys = [log7.vkey, log7.wvkey].map(parseKey);
    for (const index of [0, 1]) {
      const opened = openNote(parseNote(spoiled(log7.checkpoint, index)), keys);
      expect(opened).toMatchObject({ kind: 'refused', why: 'wrong-signature' });
    }
    // Two lines of one key, the second wrong.
    const { text, signatures } = parseNote(log7.checkpoint);
    const wrong = parseNote(spoiled(log7.checkpoint, 0)).signatures;
    const opened = openNote({ text, signatures: [...signatures, ...wrong] }, keys);
    expect(opened).toMatchObject({ kind: 'refused', why: 'wrong-signature' });
  });

  it('counts a repeated line once, and two cosignatures of one witness twice', () => {
    const witness = createCosigner('w', log7.witnessSeed);
    const { text } = parseNote(log7.checkpoint);
    const line = (time: bigint) => encodeSignatures([witness.cosign(text, time)]);
    const note = `${text}\n${line(1n)}${line(1n)}${line(2n)}`;
    const opened = openNote(parseNote(note), [witness.key]);
    expect(opened.kind === 'verified' && opened.signatures.map(({ time }) => time)).toEqual([
      1n,
      2n,
    ]);
  });

  it.each(vkeys.filter(({ type }) => type === 2))(
    'has no good word for a key that cannot be verified here: $name',
    ({ vkey }) => {
      const key = parseKey(vkey);
      const signature = { name: key.name, keyId: key.keyId, payload: new Uint8Array(70) };
      expect(verifyNoteSignature(key, 'text\n', signature)).toBe(false);
      const opened = openNote({ text: 'text\n', signatures: [signature] }, [key]);
      expect(opened).toEqual({ kind: 'refused', why: 'wrong-signature', name: key.name });
    },
  );

  it('has none for an RFC 6962 signature either', () => {
    const key = noteKey('rome2026h1.example.org', 5, new Uint8Array(91));
    const note = parseNote(skylight[0]?.note ?? '');
    const line = note.signatures.find(({ name }) => name === key.name);
    const signature = {
      name: key.name,
      keyId: key.keyId,
      payload: line?.payload ?? new Uint8Array(),
    };
    expect(signature.payload.length).toBeGreaterThan(64);
    expect(verifyNoteSignature(key, note.text, signature)).toBe(false);
  });
});

describe('one signature', () => {
  const { text, signatures } = parseNote(log7.checkpoint);
  const [byLog, byWitness] = signatures;
  const logKey = parseKey(log7.vkey);
  const witnessKey = parseKey(log7.wvkey);

  it('is of a key when name and ID are', () => {
    if (byLog === undefined) throw new Error('no signature');
    expect(verifyNoteSignature(logKey, text, byLog)).toEqual({});
    expect(verifyNoteSignature(logKey, text, { ...byLog, name: 'other' })).toBe(false);
    expect(verifyNoteSignature(logKey, text, { ...byLog, keyId: byLog.keyId ^ 1 })).toBe(false);
  });

  it('has its one length', () => {
    for (const [key, signature] of [
      [logKey, byLog],
      [witnessKey, byWitness],
    ] as const) {
      if (signature === undefined) throw new Error('no signature');
      const { payload } = signature;
      for (const other of [
        payload.slice(1),
        payload.slice(0, -1),
        new Uint8Array([...payload, 0]),
      ]) {
        expect(verifyNoteSignature(key, text, { ...signature, payload: other })).toBe(false);
      }
    }
  });

  it('of a cosigner is one of a checkpoint', () => {
    const key = parseKey(mlDsa.vkey);
    const signature = { name: key.name, keyId: key.keyId, payload: new Uint8Array(2428) };
    expect(verifyNoteSignature(key, 'text\n', signature)).toBe(false);
    if (byWitness === undefined) throw new Error('no signature');
    expect(verifyNoteSignature(witnessKey, 'text\n', byWitness)).toBe(false);
  });

  it('under a key of small order is none: anybody could make it', () => {
    const neutral = new Uint8Array(32);
    neutral[0] = 1;
    const payload = new Uint8Array(64);
    payload[0] = 1;
    const key = noteKey('a', 1, neutral);
    const { name, keyId } = key;
    expect(verifyNoteSignature(key, 'text\n', { name, keyId, payload })).toBe(false);
  });

  it('covers what appending keeps', () => {
    const appended = appendSignatures(log7.checkpoint, '— other AAAAAQk=\n');
    expect(openNote(parseNote(appended), [logKey, witnessKey]).kind).toBe('verified');
  });
});
