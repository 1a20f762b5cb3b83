/** The table that offers simulated cards, and what it promises about randomness. */
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors/error.ts';
import { TapCard } from '../../src/simulator/coinkite-tap/card.ts';
import {
  createSimulatedCard,
  findSimulation,
  type SimulatedCard,
  simulations,
} from '../../src/simulator/index.ts';
import { ask, seeded, select } from './tap-client.ts';

const check = { cmd: 'check', nonce: seeded('app nonce')(16) };

function make(caseId: string, seed: string): SimulatedCard {
  const card = createSimulatedCard('coinkite-tap', caseId, seeded(seed));
  card.reset();
  return card;
}

describe('simulations', () => {
  it('offers every case with a sentence and an expectation', () => {
    for (const [family, { cases, create }] of Object.entries(simulations)) {
      expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
      for (const { id, description, expected } of cases) {
        expect(description, id).toMatch(/^[A-Z].*\.$/);
        expect(expected, id).not.toBe('');
        expect(create(id, seeded(id)).forbiddenCommands, `${family}/${id}`).toBe(0);
      }
    }
  });

  it('repeats a card byte for byte from the same randomness', () => {
    const [first, second, other] = [make('used', 'a'), make('used', 'a'), make('used', 'b')];
    expect(select(first)).toEqual(select(second));
    expect(ask(first, check)).toEqual(ask(second, check));
    expect(select(other)['pubkey']).not.toEqual(select(first)['pubkey']);
  });

  it('keeps the keys of a named unit whatever the randomness', () => {
    const [first, again, other] = ['1', '1', '2'].map((unit, i) =>
      select(createSimulatedCard('coinkite-tap', 'genuine', seeded(`${i}`), unit)),
    );
    expect(again?.['pubkey']).toEqual(first?.['pubkey']);
    expect(again?.['card_nonce']).not.toEqual(first?.['card_nonce']);
    expect(other?.['pubkey']).not.toEqual(first?.['pubkey']);
  });

  it.each(['nonesuch', 'constructor', '__proto__'])('lists the names instead of "%s"', (name) => {
    expect(() => findSimulation(name)).toThrow(UsageError);
    expect(() => findSimulation(name)).toThrow(/Known: coinkite-tap/);
    const create = () => createSimulatedCard('coinkite-tap', name, seeded(''));
    expect(create).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(create).toThrow(/Known: genuine, genuine-satscard, .*unlucky/);
  });

  it.each([
    [10, true],
    [11, false],
    [-1, true],
  ])('refuses a SATSCARD with active slot %i, sealed %s', (activeSlot, sealed) => {
    const profile = {
      product: 'satscard',
      ver: '1.0.3',
      birth: 760_000,
      activeSlot,
      sealed,
    } as const;
    expect(() => new TapCard(profile, seeded(''))).toThrow(RangeError);
  });

  it('shows a used-up SATSCARD as slot 10 of 10', () => {
    const profile = {
      product: 'satscard',
      ver: '1.0.3',
      birth: 760_000,
      activeSlot: 10,
      sealed: false,
    } as const;
    const status = select(new TapCard(profile, seeded('')));
    expect(status['slots']).toEqual([10, 10]);
    expect('addr' in status).toBe(false);
  });
});
