/** A card that answers, but has no application that Touchstone knows. */
import { expect, test } from 'vitest';
import type { VirtualCard } from '../../src/reader/virtual.ts';
import { runCli } from '../support/cli.ts';

const stranger: VirtualCard = {
  atr: Uint8Array.of(0x3b, 0x80, 0x80, 0x01, 0x01),
  reset: () => undefined,
  respond: () => ({ kind: 'answer', bytes: Uint8Array.of(0x6a, 0x82) }),
};

test('is not decided, and names no evidence, because there is none', async () => {
  const { exit, stdout } = await runCli(['verify'], { card: stranger });
  expect(exit).toBe(4);
  expect(stdout).toMatch(/^NOT DECIDED\nTouchstone does not know this kind of card\./);
  expect(stdout).not.toContain('To quote');
});

test('has no id with --plain, and null in JSON', async () => {
  const plain = await runCli(['verify', '--plain'], { card: stranger });
  expect(plain.stdout).not.toMatch(/^id:/m);
  const { stdout } = await runCli(['verify', '--json'], { card: stranger });
  expect(JSON.parse(stdout).touchstone.id).toBeNull();
});
