/** Text of strangers must not reach a screen raw: it could paint over a verdict (CWE-150). */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'cborg';
import { describe, expect, test } from 'vitest';
import { concat } from '../../src/bytes/bytes.ts';
import type { VirtualCard } from '../../src/reader/virtual.ts';
import {
  demoRegistry,
  expectNoControls,
  runCli,
  savedEvidence,
  simulated,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';

/** Clears a screen, forges a line, turns colours, C1 codes, writing direction, line separator. */
const hostile = 'x\u001b[2J\r\nFORGED\u001b]0;t\u0007\u009b31m\u202e\u2028\u200b\u0000\u007f';

const linkPrefix = 'https://tapsigner.com/start#';
const outputs = [[], ['--plain'], ['--json']] as const;

async function savedObject(): Promise<Record<string, unknown>> {
  return JSON.parse(readFileSync(await savedEvidence(), 'utf8'));
}

/** Runs a command with each kind of output; nothing raw may come out of any. */
async function expectSafe(args: readonly string[], scene = {}) {
  for (const output of outputs) {
    const { exit, stdout, stderr } = await runCli([...args, ...output], scene);
    expect(exit).not.toBe(1);
    expectNoControls(`${stdout}${stderr}`);
    expect(`${stdout}${stderr}`).not.toMatch(/^FORGED/m);
  }
}

/** A genuine card, except that it answers one command in another way. CBOR: 60 + length = text. */
function cardThatAnswers(command: string, answer: object): VirtualCard {
  const card = simulated('genuine');
  return {
    atr: card.atr,
    reset: () => card.reset(),
    respond(bytes) {
      const name = `cmd${String.fromCharCode(0x60 + command.length)}${command}`;
      const asked = Buffer.from(bytes).includes(name);
      if (!asked) return card.respond(bytes);
      return { kind: 'answer', bytes: concat(encode(answer), Uint8Array.of(0x90, 0x00)) };
    },
  };
}

describe('a hostile card', () => {
  test.each([
    ['refuses its certificates', 'certs', { error: hostile, code: 404 }],
    ['refuses to prove itself', 'check', { error: hostile, code: 404 }],
    ['shows a link', 'nfc', { url: hostile }],
    ['shows a link to the right place', 'nfc', { url: `${linkPrefix}${hostile}` }],
    ['shows fields in its link', 'nfc', { url: `${linkPrefix}${hostile}=1&s=${'0'.repeat(128)}` }],
  ])('that %s cannot draw', async (_what, command, answer) => {
    await expectSafe(['verify', ...demoRegistry], { card: cardThatAnswers(command, answer) });
    const path = join(temporaryFolder(), 'card.json');
    const card = cardThatAnswers(command, answer);
    await runCli(['verify', '--save', path], { card });
    await expectSafe(['verify', '--evidence', path]);
    await expectSafe(['evidence', 'show', path]);
  });

  test('stands in for the genuine one in every command but that', async () => {
    const card = cardThatAnswers('none', {});
    expect((await runCli(['verify', ...demoRegistry], { card })).exit).toBe(0);
  });
});

describe('a hostile evidence file cannot draw', () => {
  const commands = [
    ['verify', '--evidence'],
    ['evidence', 'show'],
  ];

  test.each(['readerName', 'schema', 'family', 'freshness', 'collectedAt', hostile])(
    'by its field %j',
    async (field) => {
      const path = temporaryFile({ ...(await savedObject()), [field]: hostile });
      for (const command of commands) await expectSafe([...command, path]);
    },
  );

  test.each([
    ['context', { origin: hostile, purpose: 'verify' }],
    ['challenges', { [hostile]: '00' }],
    ['attachments', [{ kind: hostile, source: hostile, fetchedAt: hostile, data: '' }]],
  ])('by what is inside its field "%s"', async (field, value) => {
    const path = temporaryFile({ ...(await savedObject()), [field]: value });
    for (const command of commands) await expectSafe([...command, path]);
  });

  test.each([hostile, `${linkPrefix}${hostile}`])('by its link', async (url) => {
    const head = { schema: 'touchstone.evidence/1', kind: 'url', family: 'coinkite-tap' };
    const path = temporaryFile({ ...head, collectedAt: '2026-11-26T12:00:00Z', url });
    for (const command of commands) await expectSafe([...command, path]);
    await expectSafe(['verify', '--url', url]);
  });

  test('by its own name, alone or among others', async () => {
    const path = temporaryFile(await savedObject(), 'x\u001b[2J\nFORGED\n\u009b.json');
    for (const command of commands) await expectSafe([...command, path]);
    await expectSafe(['verify', '--evidence', path, path, `${path}.not-there`]);
  });
});

describe('a hostile registry cannot draw', () => {
  const demo = JSON.parse(readFileSync(demoRegistry[1], 'utf8'));
  const family = demo.families['coinkite-tap'];
  const [root] = family.roots;
  const inFamily = (changes: object) => ({
    families: { 'coinkite-tap': { ...family, ...changes } },
  });
  const product = {
    id: 'tapsigner',
    name: hostile,
    printedNumber: hostile,
    expectedAtSale: { usage: ['new'], attestableWhen: 'always', note: hostile },
    source: hostile,
  };
  const advisory = { id: 'a', title: hostile, meaning: hostile, action: hostile, source: hostile };
  const firmware = { id: '1.0.3', status: 'approved', advisories: ['a'], source: hostile };

  test.each([
    ['name', { name: hostile }],
    ['unknown field', { [hostile]: 1 }],
    ['family', { families: { [hostile]: {} } }],
    ['maker', inFamily({ maker: hostile })],
    ['root', inFamily({ roots: [{ ...root, name: hostile, source: hostile }] })],
    ['root id', inFamily({ roots: [{ ...root, id: hostile }] })],
    ['product', inFamily({ products: [product] })],
    ['advisory', inFamily({ advisories: [advisory], firmware: [firmware] })],
    ['revocation', inFamily({ revoked: [{ key: root.key, reason: hostile, source: hostile }] })],
  ])('by its %s', async (_what, changes) => {
    const path = temporaryFile({ ...demo, ...changes });
    const scene = { card: simulated('genuine') };
    await expectSafe(['verify', '--fresh', '--registry', path], scene);
  });
});

describe('hostile words on the command line and names of readers cannot draw', () => {
  test.each([
    [[hostile]],
    [['verify', `--${hostile}`]],
    [['verify', hostile]],
    [['verify', '--reader', hostile]],
    [['verify', '--family', hostile]],
    [['verify', '--expect', hostile]],
    [['verify', '--timeout', hostile]],
    [['verify', '--registry', `/${hostile}`]],
    [['verify', '--save', `/not-there/${hostile}`]],
    [['evidence', 'show', `/${hostile}`]],
  ])('%j', async (args) => {
    const { exit, stdout, stderr } = await runCli(args.map((word) => word.replaceAll('\0', '')));
    expect(exit).toBe(2);
    expect(stdout).toBe('');
    expectNoControls(stderr);
  });

  test.each([
    [['simulate', hostile]],
    [['simulate', 'coinkite-tap', '--case', hostile]],
    [['simulate', 'coinkite-tap', '--vpcd', hostile]],
  ])('%j', async (args) => {
    const { exit, stderr } = await runCli(args);
    expect(exit).toBe(2);
    expectNoControls(stderr);
  });

  test('the name of a reader', async () => {
    const readers = [{ name: hostile, card: simulated('genuine') }, { name: `${hostile}2` }];
    await expectSafe(['readers'], { readers });
    await expectSafe(['verify', '--reader', 'no such'], { readers });
    await expectSafe(['verify', ...demoRegistry], { readers });
  });

  test('with --debug, the trace keeps its lines and loses the rest', async () => {
    const args = ['verify', '--debug', '--registry', `/${hostile.replaceAll('\0', '')}`];
    const { stderr } = await runCli(args);
    expect(stderr).toMatch(/^\s+at /m);
    expectNoControls(stderr);
  });
});

test('JSON carries hostile text unchanged once it is parsed', async () => {
  const path = temporaryFile({ ...(await savedObject()), readerName: hostile });
  const { stdout } = await runCli(['evidence', 'show', '--json', path]);
  expect(JSON.parse(stdout).reader).toBe(hostile);
});
