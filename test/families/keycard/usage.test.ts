import { describe, expect, it } from 'vitest';
import { readConversation } from '../../../src/families/keycard/conversation.ts';
import { proveUsage } from '../../../src/families/keycard/usage.ts';
import { findingTexts } from '../../../src/report/texts-findings.ts';
import { blank, four, select, sw, three } from './cards.ts';

const uid = new Uint8Array(32).fill(1);
const usageOf = (response: Uint8Array) => proveUsage(readConversation([select(response)]));

/** A signal in one line: weight, code, params. */
const signals = (response: Uint8Array) =>
  usageOf(response)?.signals.map(({ weight, code, params }) =>
    [weight, code, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)].join(' '),
  );

const cases: readonly [string, Uint8Array, string, string[]][] = [
  ['blank', blank(), 'new', ['blind use-unsigned', 'blind reset-unseen']],
  ['set up', three(), 'initialised', ['use initialised', 'blind reset-unseen']],
  [
    'paired, 3.1.0',
    three({ slots: 3 }),
    'paired',
    ['use initialised', 'use pairings count=2 slots=5', 'blind reset-unseen'],
  ],
  [
    'set up, 3.1.2',
    three({ slots: 100 }),
    'initialised',
    ['use initialised', 'blind reset-unseen'],
  ],
  [
    'paired, 3.1.2',
    three({ slots: 99 }),
    'paired',
    ['use initialised', 'use pairings count=1 slots=100', 'blind reset-unseen'],
  ],
  [
    'paired, 3.2, key loaded',
    three({ version: [3, 2], slots: 8, keyUid: uid }),
    'key-loaded',
    ['use initialised', 'use pairings count=2 slots=10', 'blind reset-unseen'],
  ],
  [
    'of a build that is not known',
    three({ version: [3, 3], slots: 1 }),
    'initialised',
    ['use initialised', 'blind reset-unseen'],
  ],
  ['4.0, not set up', four(), 'new', ['blind version-confusion', 'blind reset-unseen']],
  [
    '4.0, not set up, LEE bit',
    four({ status: 0x20 }),
    'new',
    ['blind version-confusion', 'blind reset-unseen'],
  ],
  [
    '4.0, set up',
    four({ status: 0x13 }),
    'initialised',
    ['use initialised', 'blind version-confusion', 'blind reset-unseen'],
  ],
  [
    '4.0, set up, LEE bit',
    four({ status: 0x33 }),
    'initialised',
    ['use initialised', 'blind version-confusion', 'blind reset-unseen'],
  ],
  [
    '4.0, wrong PINs',
    four({ status: 0x12 }),
    'initialised',
    ['use initialised', 'use wrong-pins left=2', 'blind version-confusion', 'blind reset-unseen'],
  ],
  [
    '4.0, blocked, key loaded',
    four({ status: 0x30, keyUid: uid }),
    'key-loaded',
    ['use initialised', 'use wrong-pins left=0', 'blind version-confusion', 'blind reset-unseen'],
  ],
  [
    '4.0, ten tries',
    four({ status: 0x1a }),
    'initialised',
    ['use initialised', 'blind version-confusion', 'blind reset-unseen'],
  ],
  [
    '4.0, key loaded, though not set up',
    four({ keyUid: uid }),
    'key-loaded',
    ['blind version-confusion', 'blind reset-unseen'],
  ],
];

describe('the use of a card', () => {
  it.each(cases)('%s', (_, response, value, told) => {
    expect(usageOf(response)).toMatchObject({ value, authority: 'reported' });
    expect(signals(response)).toEqual(told);
    expect(usageOf(response)?.signals.every(({ authority }) => authority === 'reported')).toBe(
      true,
    );
  });

  it('is not told by a refusal', () => {
    expect(usageOf(sw(0x6985))).toBeUndefined();
    expect(usageOf(sw(0x6a82))).toBeUndefined();
  });

  it('has a sentence for every state and signal, with its gaps', () => {
    for (const [, response, value] of cases) {
      expect(findingTexts[`usage-${value}`]).toBeDefined();
      for (const { code, params } of usageOf(response)?.signals ?? []) {
        for (const name of Object.keys(params)) expect(findingTexts[code]).toContain(`{${name}}`);
        expect(findingTexts[code]).toMatch(/\.$/);
      }
    }
    expect(findingTexts['applet-build']).toContain('{builds}');
  });
});
