/** What the maker's server is told, and what it may answer without harm. */
import { describe, expect, it } from 'vitest';
import { createHttpGet } from '../../src/net/http.ts';
import {
  bareEvidence,
  cardOf,
  judge,
  requestOf,
  room,
  serverUrl,
  threeKinds,
} from '../support/endorsing.ts';
import { always, makerFetch, makerOf } from '../support/maker.ts';

const genuine = cardOf('genuine');
const evidence = await bareEvidence(genuine);

/** The whole body of an answer, with one field put in place of the maker's own. */
function answerWith(change: Readonly<Record<string, unknown>>): string {
  const reply = makerOf(genuine)(requestOf(evidence).headers);
  const body = reply.kind === 'reply' ? JSON.parse(reply.body) : {};
  return JSON.stringify({ ...body, ...change });
}

const signature = 'ab'.repeat(64);

describe('the question', () => {
  it.each(['genuine', ...threeKinds])(
    'tells number and key of the card %s, no more',
    async (id) => {
      const card = cardOf(id);
      const here = room({ maker: makerOf(card) });
      const about = await bareEvidence(card);
      await here.endorse(about);
      expect(here.asked).toHaveLength(1);
      const [{ url, headers } = { url: '', headers: {} }] = here.asked;
      expect(url).toBe(serverUrl);
      expect(headers).toEqual({
        'content-type': 'application/json',
        card_id: expect.stringMatching(/^[0-9A-F]{16}$/),
        card_public_key: expect.stringMatching(/^(0[23][0-9A-F]{64}|04[0-9A-F]{128})$/),
      });
      // The number and the key as the card wrote them; both are in its answer to READ.
      const read = about.transcript
        .map(({ response }) => Buffer.from(response).toString('hex'))
        .join();
      for (const name of ['card_id', 'card_public_key']) {
        expect(read).toContain(headers[name]?.toLowerCase());
      }
    },
  );

  it('reaches the wire as it is', async () => {
    const { fetch, asked } = makerFetch(makerOf(genuine));
    const get = createHttpGet({ fetch, timeoutMs: 1000, maxBytes: 65_536 });
    await get(serverUrl, requestOf(evidence).headers);
    expect(asked).toEqual([{ url: serverUrl, headers: requestOf(evidence).headers }]);
  });

  it('is the same in every check: nothing of the challenge is in it', async () => {
    const next = await bareEvidence(genuine, 'the next check');
    expect(next.nonce).not.toEqual(evidence.nonce);
    expect(requestOf(next)).toEqual(requestOf(evidence));
  });
});

describe('an answer', () => {
  it.each<[string, string]>([
    ['of 129 digits', answerWith({ issuer_signature: `${signature}a` })],
    ['of 127 digits', answerWith({ issuer_signature: signature.slice(1) })],
    ['of 126 digits', answerWith({ manufacturer_signature: signature.slice(2) })],
    ['with other digits', answerWith({ issuer_signature: `xy${signature.slice(2)}` })],
    ['with a line feed behind it', answerWith({ issuer_signature: `${signature}\n` })],
    ['with 0x before it', answerWith({ issuer_signature: `0x${signature}` })],
    ['with a list of signatures', answerWith({ issuer_signature: [signature] })],
    ['with a number', answerWith({ issuer_signature: 1e308 })],
    ['without the one', JSON.stringify({ manufacturer_signature: signature })],
    ['without the other', JSON.stringify({ issuer_signature: signature })],
    ['in a list', `[${answerWith({})}]`],
    ['that is two answers', `${answerWith({})}${answerWith({})}`],
    ['cut short', answerWith({}).slice(0, -1)],
    ['that is a page', '<!doctype html><title>Log in</title>'],
    ['that is null', 'null'],
    ['that is white', ' \n'],
    ['that is a byte order mark', '\ufeff'],
    ['with __proto__', `{"__proto__": ${answerWith({})}}`],
    ['with __proto__ beside it', answerWith({}).replace('{', '{"__proto__": {"x": 1},')],
    ['with an escaped __proto__', answerWith({}).replace('{', '{"\\u005f_proto__": 1,')],
    ['nested a hundred thousand deep', `${'['.repeat(1e5)}${']'.repeat(1e5)}`],
    ['nested deep beside __proto__', `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)},"__proto__":1}`],
    ['with a deep signature', `{"issuer_signature":${'['.repeat(3e4)}${']'.repeat(3e4)}}`],
    ['of some million digits', answerWith({ issuer_signature: signature.repeat(30_000) })],
  ])('%s is malformed, and no verdict is lost', async (_, body) => {
    const here = room({ maker: always(200, body) });
    const complete = await here.endorse(evidence);
    expect(complete.attachments).toMatchObject([{ kind: 'tangem-refusal' }]);
    const { word, row, detail } = judge(complete);
    expect([word, row]).toEqual(['not decided', 'chain-unattached']);
    expect(detail).toBe("the maker's server gave an answer that cannot be read");
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('that is not UTF-8 is malformed', async () => {
    const body = Uint8Array.from([...Buffer.from(answerWith({})), 0xff]);
    const here = room({ maker: { kind: 'answer', status: 200, body } });
    expect(judge(await here.endorse(evidence)).detail).toMatch(/cannot be read/);
  });

  it('without end is cut off by the client', async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    });
    const fetch = async () => new Response(endless);
    const get = createHttpGet({ fetch, timeoutMs: 5000, maxBytes: 65_536 });
    const here = room({ maker: await get(serverUrl, requestOf(evidence).headers) });
    expect(judge(await here.endorse(evidence)).detail).toMatch(/far too long/);
  });

  it('in lower or upper case is the same', async () => {
    const lower = always(200, answerWith({}).toLowerCase());
    const upper = always(200, answerWith({}));
    const [one, other] = [room({ maker: lower }), room({ maker: upper })];
    expect((await one.endorse(evidence)).attachments).toEqual(
      (await other.endorse(evidence)).attachments,
    );
  });

  it.each([
    ['zero', '00'.repeat(64)],
    ['all ones', 'ff'.repeat(64)],
    [
      'of the order of the curve',
      `${'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'.repeat(2)}`,
    ],
  ])('whose signatures are %s is wrong, not broken', async (_, value) => {
    const here = room({
      maker: always(
        200,
        JSON.stringify({ issuer_signature: value, manufacturer_signature: value }),
      ),
    });
    expect(judge(await here.endorse(evidence)).row).toBe('chain-wrong');
  });
});

/** The issuer's signature holds, the one above it does not: whose it should be, no proof knows. */
describe('an answer that is half wrong', () => {
  const half = always(200, answerWith({ manufacturer_signature: signature }));

  it('makes the card not genuine', async () => {
    const complete = await room({ maker: half }).endorse(evidence);
    expect(judge(complete)).toMatchObject({ word: 'not genuine', row: 'foreign-root' });
  });
});
