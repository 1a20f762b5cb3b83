import { describe, expect, it } from 'vitest';
import type { Conversation, DumpAnswer } from '../../../src/families/coinkite-tap/conversation.ts';
import { parseLink, type TapLink } from '../../../src/families/coinkite-tap/link.ts';
import { Fields } from '../../../src/families/coinkite-tap/messages.ts';
import { parseStatus } from '../../../src/families/coinkite-tap/status.ts';
import { proveUsage } from '../../../src/families/coinkite-tap/usage.ts';
import type { Authority } from '../../../src/families/family.ts';
import { type Answer, statusFields } from '../../support/tap-cards.ts';

const address = 'bc1qabcdefgh___ijklmnopqrst';
const slots = (active: number, addr: string | undefined, more: Answer = {}): Answer => ({
  tapsigner: undefined,
  num_backups: undefined,
  slots: [active, 10],
  addr,
  ...more,
});

function usageOf(
  fields: Answer,
  authority: Authority = 'live',
  dumps: readonly DumpAnswer[] = [],
  link?: TapLink,
) {
  const status = parseStatus(new Fields(new Map(Object.entries(statusFields(fields)))));
  const conversation: Conversation = { status, dumps, refused: new Map() };
  return proveUsage(conversation, authority, link);
}

const linkIn = (state: string) =>
  parseLink(
    `https://tapsigner.com/start#t=1&u=${state}&c=${'0'.repeat(16)}&n=${'0'.repeat(16)}&s=${'1'.repeat(128)}`,
  );

/** A signal in one line: code, weight, authority, params. */
const lines = (usage: ReturnType<typeof usageOf>) =>
  usage.signals.map(({ code, weight, authority, params }) =>
    [code, weight, authority, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)]
      .join(' ')
      .trim(),
  );

interface Row {
  readonly card: string;
  readonly fields: Answer;
  readonly value: string;
  readonly authority: Authority;
  readonly signals: readonly string[];
}

const rows: readonly Row[] = [
  {
    card: 'a SATSCARD as sold',
    fields: slots(0, address),
    value: 'sealed',
    authority: 'live',
    signals: ['slot-sealed neutral live slot=1'],
  },
  {
    card: 'a SATSCARD with its first slot opened and the second sealed',
    fields: slots(1, address),
    value: 'opened',
    authority: 'live',
    signals: ['slot-sealed use live slot=2'],
  },
  {
    card: 'a SATSCARD with its first slot opened and nothing after',
    fields: slots(1, undefined),
    value: 'opened',
    authority: 'live',
    signals: ['slot-unsealed use reported slot=2'],
  },
  {
    card: 'a SATSCARD on its last slot',
    fields: slots(9, address),
    value: 'opened',
    authority: 'live',
    signals: ['slot-sealed use live slot=10'],
  },
  {
    card: 'a used-up SATSCARD',
    fields: slots(10, undefined),
    value: 'used-up',
    authority: 'reported',
    signals: ['slot-unsealed use reported slot=11'],
  },
  {
    card: 'a SATSCARD with fewer slots, used up',
    fields: slots(1, undefined, { slots: [1, 1] }),
    value: 'used-up',
    authority: 'reported',
    signals: ['slot-unsealed use reported slot=2'],
  },
  {
    card: 'a blank SATSCARD',
    fields: slots(0, undefined),
    value: 'blank',
    authority: 'reported',
    signals: ['slot-unsealed neutral reported slot=1'],
  },
  {
    card: 'a SATSCARD that has waits and calls itself a test card',
    fields: slots(0, address, { testnet: true, auth_delay: 1 }),
    value: 'sealed',
    authority: 'live',
    signals: [
      'slot-sealed neutral live slot=1',
      'testnet trouble reported',
      'wrong-codes use reported seconds=1',
    ],
  },
  {
    card: 'a tampered SATSCARD',
    fields: slots(0, address, { tampered: true }),
    value: 'tampered',
    authority: 'reported',
    signals: ['slot-sealed neutral live slot=1', 'tampered trouble reported'],
  },
  {
    card: 'a new TAPSIGNER',
    fields: {},
    value: 'new',
    authority: 'reported',
    signals: ['no-key neutral reported', 'no-backups neutral reported'],
  },
  {
    card: 'a TAPSIGNER that was set up and not backed up',
    fields: { path: [1] },
    value: 'set-up',
    authority: 'reported',
    signals: ['key-picked neutral reported', 'no-backups neutral reported'],
  },
  {
    card: 'a TAPSIGNER with one backup',
    fields: { path: [1], num_backups: 1 },
    value: 'backed-up',
    authority: 'reported',
    signals: ['key-picked neutral reported', 'backups use reported count=1'],
  },
  {
    card: 'a TAPSIGNER with backups of no key',
    fields: { num_backups: 127 },
    value: 'backed-up',
    authority: 'reported',
    signals: ['no-key neutral reported', 'backups use reported count=127'],
  },
  {
    card: 'a new SATSCHIP',
    fields: { num_backups: undefined },
    value: 'new',
    authority: 'reported',
    signals: ['no-key neutral reported'],
  },
  {
    card: 'a SATSCHIP that was set up',
    fields: { num_backups: undefined, path: [] },
    value: 'set-up',
    authority: 'reported',
    signals: ['key-picked neutral reported'],
  },
  {
    card: 'a TAPSIGNER on testnet',
    fields: { testnet: true },
    value: 'new',
    authority: 'reported',
    signals: ['no-key neutral reported', 'no-backups neutral reported', 'testnet trouble reported'],
  },
  {
    card: 'a TAPSIGNER after wrong codes',
    fields: { auth_delay: 15 },
    value: 'new',
    authority: 'reported',
    signals: [
      'no-key neutral reported',
      'no-backups neutral reported',
      'wrong-codes use reported seconds=15',
    ],
  },
  {
    card: 'a tampered TAPSIGNER with a backup',
    fields: { path: [1], num_backups: 1, tampered: true },
    value: 'tampered',
    authority: 'reported',
    signals: [
      'key-picked neutral reported',
      'backups use reported count=1',
      'tampered trouble reported',
    ],
  },
];

describe('usage', () => {
  it.each(rows)('of $card is $value', ({ fields, value, authority, signals }) => {
    const usage = usageOf(fields);
    expect({ ...usage, signals: lines(usage) }).toEqual({ value, authority, signals });
  });

  it.each(['sealed', 'opened'])('%s is only reported where no slot key was proven', (value) => {
    const usage = usageOf(slots(value === 'sealed' ? 0 : 1, address), 'reported');
    expect(usage).toMatchObject({ value, authority: 'reported' });
    expect(usage.signals[0]).toMatchObject({ code: 'slot-sealed', authority: 'reported' });
  });
});

describe('tampering', () => {
  const dump = { slot: 0, unsealed: true, tampered: false };
  const tampered = 'tampered trouble reported';

  it('shows in any dump', () => {
    const usage = usageOf(slots(2, address), 'live', [dump, { ...dump, slot: 1, tampered: true }]);
    expect(usage).toMatchObject({ value: 'tampered', authority: 'reported' });
    expect(lines(usage)).toContain(tampered);
  });

  it('shows in a link in state E', () => {
    expect(usageOf({}, 'reported', [], linkIn('E')).value).toBe('tampered');
    expect(lines(usageOf({}, 'reported', [], linkIn('E')))).toContain(tampered);
  });

  it('is said once, however many say it', () => {
    const fields = slots(1, address, { tampered: true });
    const usage = usageOf(fields, 'live', [{ ...dump, tampered: true }], linkIn('E'));
    expect(lines(usage).filter((line) => line === tampered)).toHaveLength(1);
  });

  it.each(['S', 'U'])('does not show in a link in state %s or in untouched dumps', (state) => {
    const usage = usageOf(slots(1, address), 'live', [dump], linkIn(state));
    expect(usage.value).toBe('opened');
    expect(lines(usage)).not.toContain(tampered);
  });
});
