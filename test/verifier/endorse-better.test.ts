/** What does not complete the chain gives way to what does, wherever it comes from. */
import { describe, expect, it } from 'vitest';
import type { Attachment } from '../../src/evidence/evidence.ts';
import {
  bareEvidence,
  cardOf,
  endorsementsOf,
  judge,
  kindsOf,
  room,
  signaturesOf,
} from '../support/endorsing.ts';
import { always, makerOf } from '../support/maker.ts';

const genuine = cardOf('genuine');
const evidence = await bareEvidence(genuine);
const signatures = await signaturesOf(genuine);
const [issuer, manufacturer] = signatures as [Attachment, Attachment];

const damaged = (item: Attachment): Attachment => {
  const data = item.data.slice();
  data[10] = (data[10] ?? 0) ^ 1;
  return { ...item, data };
};

/** Kept material that is worth nothing, or not all of it. */
const wanting: readonly (readonly [string, readonly Attachment[]])[] = [
  ["the issuer's signature damaged", [damaged(issuer), manufacturer]],
  ["the maker's signature damaged", [issuer, damaged(manufacturer)]],
  ["the issuer's signature alone", [issuer]],
  ["the maker's signature alone", [manufacturer]],
  ['both under one kind', [issuer, { ...manufacturer, kind: issuer.kind }]],
];

describe.each(wanting)('%s', (_, attachments) => {
  it('in the cache is passed over, and the maker asked', async () => {
    const here = room({ maker: makerOf(genuine) });
    await here.cache.keep('tangem', here.keyOf(evidence), attachments);
    expect(judge(await here.endorse(evidence)).word).toBe('genuine');
    expect(here.asked).toHaveLength(1);
    await here.endorse(evidence);
    expect(here.asked).toHaveLength(1);
  });

  it('in the cache says nothing against a card where nobody is asked', async () => {
    const here = room({ maker: makerOf(genuine), yes: false });
    await here.cache.keep('tangem', here.keyOf(evidence), attachments);
    expect(judge(await here.endorse(evidence)).row).toBe('chain-unattached');
  });

  it('in an attached file gives way to the cache, and to the maker', async () => {
    const attached = endorsementsOf(evidence, attachments);
    const online = room({ maker: makerOf(genuine), attached });
    expect(judge(await online.endorse(evidence)).word).toBe('genuine');
    const cached = room({ maker: always(404), attached });
    await cached.cache.keep('tangem', cached.keyOf(evidence), signatures);
    expect(judge(await cached.endorse(evidence)).word).toBe('genuine');
    expect(cached.asked).toHaveLength(0);
  });

  it('in saved evidence gives way to the maker', async () => {
    const saved = { ...evidence, attachments };
    const complete = await room({ maker: makerOf(genuine) }).endorse(saved);
    expect(judge(complete).word).toBe('genuine');
    expect(kindsOf(complete).toSorted()).toEqual(signatures.map(({ kind }) => kind).toSorted());
  });

  it('from the maker is not kept', async () => {
    const [first, second] = attachments;
    const hex = (item: Attachment | undefined) => Buffer.from(item?.data ?? []).toString('hex');
    const body = { issuer_signature: hex(first), manufacturer_signature: hex(second) };
    const here = room({ maker: always(200, JSON.stringify(body)) });
    const answered = judge(await here.endorse(evidence));
    const holds = hex(first) === hex(issuer) && hex(second) === hex(manufacturer);
    expect(answered.word === 'genuine').toBe(holds);
    expect((await here.cache.find('tangem', here.keyOf(evidence))) !== undefined).toBe(holds);
  });
});
