import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/bytes/base64.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { LogError } from '../../src/errors/error.ts';
import { encodeKey, KeyType, parseKey } from '../../src/tlog/key.ts';
import { appendSignatures, encodeNote, encodeSignatures, parseNote } from '../../src/tlog/note.ts';
import { createCosigner, createSigner, encodeSecret, parseSecret } from '../../src/tlog/signer.ts';
import { verifyNoteSignature } from '../../src/tlog/verify.ts';
import { changedCharacters, log7, notes, tessera, vectorText } from './given.ts';

const malformed = (run: () => unknown) => {
  expect(run).toThrow(LogError);
  expect(run).toThrow(expect.objectContaining({ code: 'LOG_MALFORMED' }));
};

describe('signing a note', () => {
  it.each(tessera.checkpoints)(
    'gives the checkpoint of size $size as Tessera wrote it',
    ({ note }) => {
      const { name, seed } = parseSecret(tessera.skey);
      const signer = createSigner(name, seed);
      expect(encodeKey(signer.key)).toBe(tessera.vkey);
      const { text } = parseNote(note);
      expect(encodeNote({ text, signatures: [signer.sign(text)] })).toBe(note);
    },
  );

  it('gives the line of golang.org/x/mod', () => {
    const vector = notes.find(({ skey }) => skey !== undefined);
    const { name, type, seed } = parseSecret(vector?.skey ?? '');
    expect({ name, type }).toEqual({ name: 'PeterNeumann', type: KeyType.ed25519 });
    const note = parseNote(vector?.note ?? '');
    expect(createSigner(name, seed).sign(note.text)).toEqual(note.signatures[0]);
  });

  it.each(['checkpoint', 'checkpoint.3', 'checkpoint.4'])(
    'gives the worked example: %s',
    (file) => {
      const note = vectorText(`worked-example-log7/${file}`);
      const signer = createSigner(log7.origin, log7.seed);
      const witness = createCosigner(log7.witnessName, log7.witnessSeed);
      const { text } = parseNote(note);
      const signed = encodeNote({ text, signatures: [signer.sign(text)] });
      expect(appendSignatures(signed, encodeSignatures([witness.cosign(text, log7.time)]))).toBe(
        note,
      );
      expect(encodeKey(witness.key)).toBe(log7.wvkey);
    },
  );

  it('signs this text and no other', () => {
    const signer = createSigner('a', log7.seed);
    const signature = signer.sign('text\n');
    expect(verifyNoteSignature(signer.key, 'text\n', signature)).toEqual({});
    expect(verifyNoteSignature(signer.key, 'text\n\n', signature)).toBe(false);
    expect(verifyNoteSignature(signer.key, 'test\n', signature)).toBe(false);
  });

  it.each(['', 'text', 'te\rxt\n', 'te\ud800xt\n', 'x'.repeat(1_000_001)])(
    'refuses a text that no note could hold',
    (text) => {
      malformed(() => createSigner('a', log7.seed).sign(text));
    },
  );

  it('refuses seeds and names that cannot be', () => {
    malformed(() => createSigner('a', log7.seed.slice(1)));
    malformed(() => createSigner('a', new Uint8Array(33)));
    malformed(() => createSigner('a b', log7.seed));
    malformed(() => createCosigner('a', new Uint8Array()));
    malformed(() => createCosigner('a+b', log7.seed));
  });
});

describe('cosigning', () => {
  const cosigner = createCosigner('w', log7.witnessSeed);
  const { text } = parseNote(log7.checkpoint);

  it('holds for this checkpoint at this time', () => {
    const signature = cosigner.cosign(text, 5n);
    expect(verifyNoteSignature(cosigner.key, text, signature)).toEqual({ time: 5n });
    expect(verifyNoteSignature(cosigner.key, text.replace('\n7\n', '\n8\n'), signature)).toBe(
      false,
    );
    const later = signature.payload.slice();
    later[7] = 6;
    expect(verifyNoteSignature(cosigner.key, text, { ...signature, payload: later })).toBe(false);
  });

  it('refuses what is no checkpoint, so that no other text can be had signed', () => {
    malformed(() => cosigner.cosign('text\n', 5n));
    malformed(() => cosigner.cosign(log7.checkpoint, 5n));
  });

  it.each([0n, -1n, 2n ** 63n])('refuses the time %s', (time) => {
    expect(() => cosigner.cosign(text, time)).toThrow(RangeError);
  });

  it('has another key ID than a log with the same name and seed, and neither passes for the other', () => {
    const signer = createSigner('w', log7.witnessSeed);
    expect(signer.key.keyId).not.toBe(cosigner.key.keyId);
    expect(verifyNoteSignature(signer.key, text, cosigner.cosign(text, 5n))).toBe(false);
    expect(verifyNoteSignature(cosigner.key, text, signer.sign(text))).toBe(false);
  });
});

describe('a secret key', () => {
  it.each([tessera.skey, log7.skey, notes[0]?.skey ?? ''])('is read and written back', (skey) => {
    const { name, type, seed } = parseSecret(skey);
    expect(seed).toHaveLength(32);
    expect(encodeSecret(name, type, seed)).toBe(skey);
  });

  it('of a cosigner has its own type', () => {
    const text = encodeSecret('w', KeyType.cosignature, log7.witnessSeed);
    expect(parseSecret(text)).toEqual({
      name: 'w',
      type: KeyType.cosignature,
      seed: log7.witnessSeed,
    });
    const id = parseKey(encodeKey(createCosigner('w', log7.witnessSeed).key)).keyId;
    expect(text).toContain(`+${id.toString(16).padStart(8, '0')}+`);
  });

  it('is refused with any one character changed, and its text is in no error', () => {
    const secret = log7.skey.slice(-40);
    for (const { text } of changedCharacters(log7.skey)) {
      malformed(() => parseSecret(text));
      try {
        parseSecret(text);
      } catch (error) {
        const cause = error instanceof Error ? String(error.cause) : '';
        expect(`${error}${cause}`).not.toContain(secret.slice(8, 18));
      }
    }
  });

  it.each([
    ['nothing', ''],
    ['a public key', log7.vkey],
    ['cut short', log7.skey.slice(0, -4)],
    ['followed by a line', `${log7.skey}\n`],
    ['without its beginning', log7.skey.replace('PRIVATE+KEY+', '')],
    [
      'of another type',
      log7.skey.replace(/\+[^+]+$/, `+${encodeBase64(new Uint8Array(33).fill(6))}`),
    ],
    ['of 64 bytes', log7.skey.replace(/\+[^+]+$/, `+${encodeBase64(new Uint8Array(65).fill(1))}`)],
  ])('is not %s', (_, text) => {
    malformed(() => parseSecret(text));
  });

  it('is not written for a seed of another length', () => {
    malformed(() => encodeSecret('w', KeyType.ed25519, utf8('short')));
  });
});
