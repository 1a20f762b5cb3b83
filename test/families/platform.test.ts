/** What a chip says of itself: asked, written down, shown, and never believed. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appraise } from '../../src/appraisal/appraise.ts';
import { concat, equal } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { prove } from '../../src/families/coinkite-tap/prove.ts';
import {
  chipObjects,
  explainPlatform,
  platformLength,
  platformOf,
  readPlatform,
  withoutSerials,
} from '../../src/families/platform.ts';
import { readExchanges } from '../../src/families/transcript.ts';
import { openCard, type RecordedExchange } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { demoRegistry, testNow } from '../support/registry.ts';
import { simulateEvidence } from '../support/tap-evidence.ts';

interface Sample {
  readonly id: string;
  readonly hex: string;
  readonly fields: Readonly<Record<string, string>>;
}
const samples: readonly Sample[] = JSON.parse(
  readFileSync(new URL('../vectors/globalplatform/cplc-samples.json', import.meta.url), 'utf8'),
);
const [sample] = samples;
const cplc = sample?.hex ?? '';
const bare = cplc.slice(6);
const kind = bare.slice(0, 20);
const ask = { cplc: '80ca9f7f00', iin: '80ca004200', cin: '80ca004500' } as const;
const manager = '00a4040000';
const byName = '00a4040008a00000015100000000';
const application = '00a4040005a000000001';

const exchange = (command: string, response: string): RecordedExchange => ({
  command: fromHex(command),
  response: fromHex(response),
  micros: 0,
  disclosure: 'state',
});
const chip = (answer = `${cplc}9000`) => [
  exchange(manager, '9000'),
  exchange(ask.cplc, answer),
  exchange(ask.iin, '6a88'),
  exchange(ask.cin, '6a88'),
];
const own = exchange(application, '9000');
const platform = (...transcript: RecordedExchange[]) => platformOf(transcript).platform?.value;

/** A card that answers by a table, else 6A82; and what it heard. */
function cardOf(answers: Readonly<Record<string, string>>) {
  const heard: string[] = [];
  const card = openCard(
    openVirtualCard({
      atr: Uint8Array.of(0x3b, 0),
      reset: () => undefined,
      respond(command) {
        heard.push(toHex(command));
        return { kind: 'answer', bytes: fromHex(answers[toHex(command)] ?? '6a82') };
      },
    }),
    () => 0,
  );
  return { card, heard };
}

describe('asking', () => {
  it('selects the card manager and asks for three objects', async () => {
    const { card, heard } = cardOf({ [manager]: '6f009000', [ask.cplc]: `${cplc}9000` });
    const asked = await readPlatform(card);
    expect(heard).toEqual([manager, ...Object.values(ask)]);
    expect(asked.map(({ command }) => toHex(command))).toEqual(heard);
    expect(asked.map(({ response }) => toHex(response))).toEqual([
      ...['6f009000', `${cplc}9000`, '6a82', '6a82'],
    ]);
    expect(asked.map(({ disclosure }) => disclosure)).toEqual(Array(4).fill('state'));
  });

  const refusals = ['6a82', '6985', '6283', '9001', '0090006d00'];
  it.each(refusals)('goes by the usual name where %s is answered without one', async (answer) => {
    const { card, heard } = cardOf({ [manager]: answer, [byName]: '6f009000' });
    const asked = await readPlatform(card);
    expect(heard).toEqual([manager, byName, ...Object.values(ask)]);
    expect(asked.map(({ command }) => toHex(command))).toEqual(heard);
    expect(asked.map(({ disclosure }) => disclosure)).toEqual(Array(5).fill('state'));
  });

  it.each(refusals)('asks no further where %s is answered to both', async (answer) => {
    const { card, heard } = cardOf({ [manager]: answer, [byName]: answer });
    expect(await readPlatform(card)).toHaveLength(2);
    expect(heard).toEqual([manager, byName]);
  });

  it('gives what was exchanged just now', async () => {
    const { card } = cardOf({ [manager]: '9000' });
    await card.transmit(fromHex(application), 'state');
    expect(await readPlatform(card)).toHaveLength(4);
  });
});

describe('the platform', () => {
  it.each(samples.map((each) => [each.id, each] as const))('of %s', (_, { hex, fields }) => {
    const parts = [
      'icFabricator',
      'icType',
      'operatingSystemId',
      'osReleaseDate',
      'osReleaseLevel',
    ];
    const expected = parts.map((part) => fields[part]).join('');
    expect(expected).toHaveLength(20);
    expect(platformOf(chip(`${hex}9000`))).toEqual({
      platform: { value: expected, authority: 'reported' },
    });
    expect(platform(...chip(`${hex.slice(6)}9000`))).toBe(expected);
  });

  it.each<[string, string]>([
    ['absent', '6a88'],
    ['refused with data', `${cplc}6a88`],
    ['given under a warning', `${cplc}6283`],
    ['empty', '9000'],
    ['a byte short', `${cplc.slice(0, -2)}9000`],
    ['a byte long', `${cplc}009000`],
    ['a byte short, without tag', `${bare.slice(2)}9000`],
    ['a byte long, without tag', `${bare}009000`],
    ['of 41 bytes, rightly told', `9f7f29${bare.slice(2)}9000`],
    ['of 43 bytes, rightly told', `9f7f2b${bare}009000`],
    ['under another tag', `9f7e2a${bare}9000`],
    ['in another object', `702d${cplc}9000`],
    ['followed by another object', `${cplc}81009000`],
    ['there twice', `${cplc}${cplc}9000`],
    ['of hostile size', `${'ff'.repeat(65_536)}9000`],
    ['one object of hostile size', `9f7f82ffff${'00'.repeat(65_535)}9000`],
    ['a status alone and half', '90'],
    ['larger than any answer', '00'.repeat(70_000)],
  ])('is not told where the object is %s', (_, answer) => {
    expect(platformOf(chip(answer))).toEqual({});
  });

  it('is read from a length longer than needed', () => {
    expect(platform(...chip(`9f7f812a${bare}9000`))).toBe(kind);
  });

  it('is not told where it was asked for twice', () => {
    const again = [...chip(), exchange(ask.cplc, `${cplc}9000`)];
    expect(chipObjects(again)).toEqual({});
    expect(platform(...again)).toBeUndefined();
    expect(platform(...chip(), exchange(ask.cplc, '6a88'))).toBeUndefined();
    // The same question in other words.
    expect(platform(...chip(), exchange('80ca9f7f', `${cplc}9000`))).toBeUndefined();
  });

  it('is not told of what comes after an application', () => {
    expect(platform(own, ...chip())).toBeUndefined();
    expect(platform(exchange(manager, '9000'), own, ...chip())).toBeUndefined();
    expect(platform(...chip(), own)).toBe(kind);
  });

  it.each(['00ca9f7f00', '80cb9f7f00', '80ca7f9f00', '84ca9f7f00', '80ca9f'])(
    'is not what %s asks for',
    (command) => {
      expect(platform(exchange(command, `${cplc}9000`))).toBeUndefined();
      expect(platformLength([exchange(command, '9000')])).toBe(0);
    },
  );

  it('comes with the other objects as they are', () => {
    const transcript = [
      ...chip().slice(0, 2),
      exchange(ask.iin, '420141429000'),
      exchange(ask.cin, '45019000'),
    ];
    expect(chipObjects(transcript)).toEqual({
      cplc: fromHex(cplc),
      issuerNumber: fromHex('42014142'),
      cardNumber: fromHex('4501'),
    });
  });
});

describe('a transcript', () => {
  it('begins with the chip, and the family reads what follows', () => {
    const transcript = [...chip(), own, exchange(ask.cplc, '6a88')];
    const taken: string[] = [];
    readExchanges(transcript, ({ command }) => taken.push(toHex(command)));
    expect(platformLength(transcript)).toBe(4);
    expect(taken).toEqual([application, ask.cplc]);
  });

  it.each<[string, readonly RecordedExchange[], number]>([
    ['of nothing', [], 0],
    ['of the chip alone', chip(), 4],
    ['of the application alone', [own], 0],
    ['of a selection with a name', [exchange('00a40400', '9000')], 0],
  ])('%s has its length', (_, transcript, length) => {
    expect(platformLength(transcript)).toBe(length);
  });
});

describe('without serials', () => {
  const kept = (command: string, response: string) =>
    toHex(withoutSerials(exchange(command, response)).response);
  const blank = `${kind}${'00'.repeat(32)}`;

  it.each<[string, string, string]>([
    ['tag, length and kind stay', `${cplc}9000`, `9f7f2a${blank}9000`],
    ['kind stays where there is no tag', `${bare}9000`, `${blank}9000`],
    ['a longer length stays', `9f7f812a${bare}9000`, `9f7f812a${blank}9000`],
    ['the status stays', `${cplc}6283`, `9f7f2a${blank}6283`],
    ['a refusal stays', '6a88', '6a88'],
    ['nothing else of what cannot be read', `${cplc}ff9000`, '9000'],
    ['nothing of garbage', `${'ff'.repeat(300)}9000`, '9000'],
    ['nothing of another tag', `9f7e2a${bare}9000`, '9000'],
  ])('%s', (_, answer, expected) => {
    expect(kept(ask.cplc, answer)).toBe(expected);
  });

  it.each([ask.iin, ask.cin])('nothing stays of the numbers that %s asks for', (command) => {
    expect(kept(command, '450a313233343536373839309000')).toBe('9000');
    // As long as a CPLC, and no CPLC: its first bytes would be those of a serial.
    expect(kept(command, `4528${'31'.repeat(40)}9000`)).toBe('9000');
    expect(kept(command, `${cplc}9000`)).toBe('9000');
  });

  it('whatever the answer, what stays is kind, form and status', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.uint8Array({ minLength: 42, maxLength: 42 }),
      fc
        .uint8Array({ minLength: 42, maxLength: 42 })
        .map((fields) => concat(fromHex('9f7f2a'), fields)),
    );
    fc.assert(
      fc.property(body, fc.constantFrom(...Object.values(ask)), (bytes, command) => {
        const response = withoutSerials({
          command: fromHex(command),
          response: concat(bytes, fromHex('9000')),
        }).response;
        const rest = response.subarray(0, -2);
        if (rest.length > 0) {
          expect(rest.length).toBe(bytes.length);
          expect(rest.subarray(-32)).toEqual(new Uint8Array(32));
          expect(equal(rest.subarray(0, -32), bytes.subarray(0, -32))).toBe(true);
          expect(command).toBe(ask.cplc);
        }
      }),
    );
  });

  it('tells the same platform', () => {
    expect(platform(...chip().map(withoutSerials))).toBe(kind);
  });

  it('leaves other exchanges, and the given one, as they are', () => {
    const [select] = chip();
    expect(select && withoutSerials(select)).toBe(select);
    expect(withoutSerials(own)).toBe(own);
    const whole = exchange(ask.cplc, `${cplc}9000`);
    withoutSerials(whole);
    expect(toHex(whole.response)).toBe(`${cplc}9000`);
    expect(withoutSerials(whole)).toMatchObject({ micros: 0, disclosure: 'state' });
  });
});

describe('in plain words', () => {
  it.each<[string, string, string | undefined]>([
    [manager, '6f009000', 'We asked for the card manager; it answered 9000.'],
    [manager, '6a82', 'We asked for the card manager; it answered 6A82.'],
    [ask.cplc, `${cplc}9000`, 'We asked the chip who made it and when (CPLC); it gave them.'],
    [ask.cplc, '6a88', 'We asked the chip who made it and when (CPLC); it answered 6A88.'],
    [byName, '6f009000', 'We asked for the card manager; it answered 9000.'],
    [
      ask.iin,
      '4203abcdef9000',
      'We asked the chip for the numbers that its issuer gave it; it gave them.',
    ],
    [
      ask.iin,
      '9000',
      'We asked the chip for the numbers that its issuer gave it; what it gave, if anything, is not kept.',
    ],
    [
      ask.cin,
      '6a88',
      'We asked the chip for the numbers that its issuer gave it; it answered 6A88.',
    ],
    [application, '9000', undefined],
    ['80', '9000', undefined],
  ])('%s, answered by %s', (command, response, expected) => {
    expect(explainPlatform(exchange(command, response))).toBe(expected);
  });
});

describe('a genuine card', () => {
  const judge = (evidence: CardEvidence, expectNew = true) => {
    const policy = { freshness: 'verifier', expectNew, log: 'not-consulted' } as const;
    return appraise(prove(evidence), demoRegistry, policy, testNow);
  };

  it('keeps word, row, advice and every other finding, whatever its chip says', async () => {
    const evidence = await simulateEvidence('genuine');
    const plain = judge(evidence);
    expect(plain.row).toBe('genuine-by-overlay');
    const answer = fc.oneof(
      fc.constantFrom(...samples.map(({ hex }) => fromHex(`${hex}9000`))),
      fc.uint8Array({ minLength: 42, maxLength: 42 }).map((each) => concat(each, fromHex('9000'))),
      fc.uint8Array({ maxLength: 80 }),
    );
    const exchanges = fc.array(fc.tuple(fc.constantFrom(manager, ...Object.values(ask)), answer), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(exchanges, (said) => {
        const transcript = said.map(([command, response]) => ({
          ...exchange(command, '9000'),
          response,
        }));
        const verdict = judge({
          ...evidence,
          transcript: [...transcript, ...evidence.transcript],
        });
        const { word, row, advice, exit, facts } = plain;
        expect(verdict).toMatchObject({ word, row, advice, exit, facts });
        expect(verdict.findings.filter(({ subject }) => subject !== 'platform')).toEqual(
          plain.findings,
        );
        const { platform: claim } = verdict.proof;
        if (claim !== undefined) expect(claim.authority).toBe('reported');
      }),
    );
  });

  it('does tell what its chip says', async () => {
    const evidence = await simulateEvidence('genuine');
    const transcript = [...chip(), ...evidence.transcript];
    const { proof, findings } = judge({ ...evidence, transcript });
    expect(proof.platform).toEqual({ value: kind, authority: 'reported' });
    expect(findings.filter(({ subject }) => subject === 'platform')).toMatchObject([
      { code: 'platform-unnamed', authority: 'reported' },
    ]);
  });

  it('is no better for a chip, where it is a fake', async () => {
    const evidence = await simulateEvidence('fake-root');
    const before = judge(evidence);
    const after = judge({ ...evidence, transcript: [...chip(), ...evidence.transcript] });
    expect([after.word, after.row]).toEqual([before.word, before.row]);
    expect(after.word).toBe('not genuine');
  });
});
