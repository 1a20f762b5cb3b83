/** What a hurried or hostile hand may give: one sentence, what to do, a code; quickly; no trace. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors/codes.ts';
import {
  type CliResult,
  demoRegistry,
  expectError,
  runCli,
  savedEvidence,
  simulated,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';

const limitMs = 5_000;
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

/** The two lines of an error and nothing else. */
function expectRefusal(result: CliResult, code: ErrorCode, message: RegExp | string = ''): void {
  expectError(result, code, message);
  expect(result.exit).toBe(2);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(2);
  expect(result.requests).toEqual([]);
}

/** What lies in the same folder; nothing may be added to it. */
function beside(path: string): readonly string[] {
  const folder = dirname(path);
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
}

/** Every place where a file is read. */
const readers: readonly [string, (path: string) => readonly string[]][] = [
  ['verify --evidence', (path) => ['verify', '--evidence', path]],
  ['verify --json --evidence', (path) => ['verify', '--json', '--evidence', path]],
  ['evidence show', (path) => ['evidence', 'show', path]],
  ['verify --registry', (path) => ['verify', '--registry', path]],
];

const atPath = (name: string, make: (path: string) => void) => {
  const path = join(temporaryFolder(), name);
  make(path);
  return path;
};

/** What is there under the name of a file, but cannot be read as text. */
const unreadable: readonly [string, () => string, RegExp, ErrorCode?][] = [
  ['nothing', () => join(temporaryFolder(), 'none.json'), /there is no such file\.$/],
  ['an empty name', () => '', /^A file without a name cannot be read: /],
  ['a name below a file', () => join(temporaryFile('x'), 'y'), /there is no such file\.$/],
  ['an endless name', () => `/${'x'.repeat(5_000)}`, /its name is too long\.$/],
  ['a directory', () => temporaryFolder(), /it is a folder\.$/],
  [
    'a circle of links',
    () => atPath('loop', (path) => symlinkSync(path, path)),
    /links lead in a circle\.$/,
  ],
  [
    'a pipe that nobody writes to',
    () => atPath('fifo', (path) => execFileSync('mkfifo', [path])),
    /it is not a regular file\.$/,
  ],
  ['a device', () => '/dev/zero', /it is not a regular file\.$/],
  [
    'a file of 1 GB',
    () => {
      const path = temporaryFile('');
      truncateSync(path, 2 ** 30);
      return path;
    },
    /it is larger than \d+ KiB\.$/,
    'FILE_UNSUITABLE',
  ],
  [
    'bytes that are no text',
    () => temporaryFile(Buffer.alloc(999, 0xff)),
    /it is not text/,
    'FILE_UNSUITABLE',
  ],
];

describe.each(readers)('%s', (_command, argsFor) => {
  test.each(unreadable)('refuses %s', { timeout: limitMs }, async (_what, make, message, code) => {
    const path = make();
    const before = beside(path);
    expectRefusal(await runCli(argsFor(path)), code ?? 'FILE_UNREADABLE', message);
    expect(beside(path)).toEqual(before);
  });
});

type Change = (whole: Record<string, unknown>, text: string) => unknown;

/** Ways to spoil a good file of either kind; text is written as it is, an object as JSON. */
const spoilt: readonly [string, Change][] = [
  ['an empty file', () => ''],
  ['a file of blanks', () => ' \n '],
  ['half a file', (_whole, text) => text.slice(0, text.length / 2)],
  ['a file and something behind it', (_whole, text) => `${text}x`],
  ['NUL bytes', () => '\0'.repeat(1000)],
  ['null', () => 'null'],
  ['a list', () => '[]'],
  ['a number', () => '1e999'],
  ['an empty object', () => '{}'],
  ['another schema', (whole) => ({ ...whole, schema: 'somebody.else/1' })],
  ['a later schema version', (whole) => ({ ...whole, schema: `${whole['schema']}1` })],
  ['a schema that is a list', (whole) => ({ ...whole, schema: [] })],
  ['no schema', ({ schema: _, ...rest }) => rest],
  ['an extra field', (whole) => ({ ...whole, note: 'harmless' })],
  ['a prototype key', (_whole, text) => text.replace('{', '{"__proto__":{"schema":1},')],
  ['a prototype key alone', () => '{"__proto__":{}}'],
  ['lists 100 000 deep', () => deep],
  ['an extra field 100 000 deep', (_whole, text) => text.replace('{', `{"note":${deep},`)],
];

const invalidEvidence: readonly [string, Change][] = [
  ...spoilt,
  ['a kind that there is not', (whole) => ({ ...whole, kind: 'video' })],
  ['a kind 100 000 deep', (_w, text) => text.replace(/"kind": "card"/, `"kind":${deep}`)],
  ['a transcript 100 000 deep', (_w, text) => text.replace(/\[\s*\{/, `[${deep},{`)],
  ['a family with a path in it', (whole) => ({ ...whole, family: '../coinkite-tap' })],
  ['a family called __proto__', (whole) => ({ ...whole, family: '__proto__' })],
  ['a short nonce', (whole) => ({ ...whole, nonce: '00' })],
  ['half a byte', (whole) => ({ ...whole, atr: '3b8' })],
  ['upper-case digits', (whole) => ({ ...whole, atr: '3B80' })],
  [
    'a purpose that there is not',
    (whole) => ({ ...whole, context: { origin: 'x', purpose: 'y' } }),
  ],
  ['an extra field inside', (whole) => ({ ...whole, context: { purpose: 'verify', z: 1 } })],
  ['a time without a zone', (whole) => ({ ...whole, collectedAt: '2026-11-23T12:00:00' })],
  ['a time that never was', (whole) => ({ ...whole, collectedAt: '2026-13-32T25:61:00Z' })],
  ['too many exchanges', (whole) => ({ ...whole, transcript: Array(1_025).fill(anExchange) })],
  ['an exchange without answer', (whole) => ({ ...whole, transcript: [{ command: '00a40400' }] })],
  ['a duration below 0', (whole) => ({ ...whole, transcript: [{ ...anExchange, micros: -1 }] })],
  ['a schema 100 000 deep', (_w, text) => text.replace(/"touchstone.evidence.1"/, deep)],
  [
    'a challenge called __proto__',
    (_w, text) => text.replace('{', '{"challenges":{"__proto__":"00"},'),
  ],
];

const anExchange = { command: '00a40400', response: '9000', micros: 1, disclosure: 'proof' };

describe('evidence with', () => {
  test.each(invalidEvidence)('%s is refused', { timeout: limitMs }, async (_what, change) => {
    const text = readFileSync(await savedEvidence(), 'utf8');
    const path = temporaryFile(change(JSON.parse(text), text));
    for (const args of [
      ['verify', '--evidence', path],
      ['evidence', 'show', path],
    ]) {
      expectRefusal(await runCli(args), 'EVIDENCE_INVALID', 'This is not a readable evidence file');
    }
  });

  test('a byte order mark, as editors add it, is read', async () => {
    const text = readFileSync(await savedEvidence(), 'utf8');
    const args = ['verify', ...demoRegistry, '--evidence', temporaryFile(`\ufeff${text}`)];
    expect((await runCli(args)).exit).toBe(3);
  });

  test('a family that nobody knows is not decided: it may be of a later Touchstone', async () => {
    const whole = JSON.parse(readFileSync(await savedEvidence(), 'utf8'));
    for (const family of ['no-such-family', 'constructor', 'x']) {
      const args = ['verify', ...demoRegistry, '--evidence', temporaryFile({ ...whole, family })];
      expect((await runCli(args)).exit).toBe(4);
    }
  });
});

const inFamily =
  (changes: object): Change =>
  (whole) => {
    const families = Object.entries(whole['families'] ?? {});
    const changed = families.map(([id, family]) => [id, { ...family, ...changes }]);
    return { ...whole, families: Object.fromEntries(changed) };
  };

const key = `02${'ab'.repeat(32)}`;
const revocation = { key, reason: 'stolen', source: 'test' };
const root = { id: 'r', role: 'maker', key, name: 'Root', source: 'test' };

const invalidRegistries: readonly [string, Change][] = [
  ...spoilt,
  ['a misspelt field', ({ families, ...rest }) => ({ ...rest, familes: families })],
  ['a misspelt field inside', inFamily({ revokd: [revocation] })],
  ['a misspelt field of a revocation', inFamily({ revoked: [{ ...revocation, reson: 'x' }] })],
  ['no families', ({ families: _, ...rest }) => rest],
  ['a key that is none', inFamily({ roots: [{ ...root, key: 'abc' }] })],
  ['a key in upper case', inFamily({ revoked: [{ ...revocation, key: key.toUpperCase() }] })],
  ['the same root twice', inFamily({ roots: [root, root] })],
  ['a role that there is not', inFamily({ roots: [{ ...root, role: 'friend' }] })],
  ['an address that is none', inFamily({ website: 'no address' })],
  ['a schema 100 000 deep', (_w, text) => text.replace(/"touchstone.registry.1"/, deep)],
  ['serial 0', (whole) => ({ ...whole, serial: 0 })],
  ['an expiry before its issue', (whole) => ({ ...whole, expires: '2020-01-01T00:00:00Z' })],
  ['families that are a list', (whole) => ({ ...whole, families: [] })],
];

describe('a registry with', () => {
  test.each(invalidRegistries)('%s is refused', { timeout: limitMs }, async (_what, change) => {
    const text = readFileSync(demoRegistry[1], 'utf8');
    const path = temporaryFile(change(JSON.parse(text), text));
    const result = await runCli(['verify', '--registry', path], { card: simulated('genuine') });
    expectRefusal(result, 'REGISTRY_INVALID', `The registry ${path} cannot be used: `);
  });

  test('a family called __proto__ is refused', async () => {
    const text = readFileSync(demoRegistry[1], 'utf8');
    const path = temporaryFile(text.replace('"families": {', '"families": {"__proto__":{},'));
    const result = await runCli(['verify', '--registry', path], { card: simulated('genuine') });
    expectRefusal(result, 'REGISTRY_INVALID');
  });

  test('nothing wrong is taken', async () => {
    const text = readFileSync(demoRegistry[1], 'utf8');
    const args = ['verify', '--registry', temporaryFile(text)];
    expect((await runCli(args, { card: simulated('genuine') })).exit).toBe(0);
  });

  test('no family at all adds nothing, so the built-in one decides', async () => {
    const whole = JSON.parse(readFileSync(demoRegistry[1], 'utf8'));
    const args = ['verify', '--registry', temporaryFile({ ...whole, families: {} })];
    expect((await runCli(args, { card: simulated('genuine') })).exit).toBe(5);
  });
});

describe('--timeout', () => {
  const wrong = ['NaN', '-1', '0', '0.0', '1e999', '', ' ', ' 5', '5 ', '1,5', '0x10', '1e3'];
  const more = ['Infinity', '86401', '5s', '٣', '9'.repeat(400), '--json'];

  test.each([...wrong, ...more])('refuses %j', async (text) => {
    const result = await runCli(['verify', '--timeout', text], { card: simulated('genuine') });
    expectRefusal(result, 'USAGE', '--timeout <seconds>');
  });

  test.each(['1', '0.5', '86400', '007'])('takes %j', async (text) => {
    const { requests } = await runCli(['verify', '--timeout', text]);
    expect(requests[0]?.timeoutMs).toBe(Number(text) * 1000);
  });
});

describe('--save', () => {
  const places: readonly [string, () => string, ErrorCode][] = [
    ['into a folder that is missing', () => join(temporaryFolder(), 'a', 'b'), 'FILE_UNWRITABLE'],
    ['below a file', () => join(temporaryFile('x'), 'card.json'), 'FILE_UNWRITABLE'],
    ['without a name', () => '', 'FILE_UNWRITABLE'],
    ['onto a folder', () => temporaryFolder(), 'FILE_EXISTS'],
    ['onto a file', () => temporaryFile('x'), 'FILE_EXISTS'],
    ['onto a device', () => '/dev/null', 'FILE_EXISTS'],
    ['onto standard output', () => '-', 'USAGE'],
  ];

  test.each(places)('is refused %s before a card is asked for', async (_where, make, code) => {
    const path = make();
    const result = await runCli(['verify', '--save', path], { card: simulated('genuine') });
    expectRefusal(result, code);
  });

  test('does not follow a link that leads nowhere', async () => {
    const target = join(temporaryFolder(), 'target');
    const path = atPath('link', (link) => symlinkSync(target, link));
    const args = ['verify', ...demoRegistry, '--save', path];
    const result = await runCli(args, { card: simulated('genuine') });
    expect(result.exit).toBe(2);
    expect(result.stderr).toContain('(FILE_EXISTS)');
    expect(readdirSync(dirname(target))).toEqual([]);
  });
});

describe('words that do not belong there', () => {
  test.each([
    [['verify', '--family', 'no-such']],
    [['verify', '--family', '__proto__']],
    [['verify', '--family', '']],
    [['verify', '--no-such-option']],
    [['verify', 'card.json']],
    [['verify', '--reader', 'x', '--evidence', 'y']],
    [['no-such-command']],
    [['__proto__']],
    [['constructor']],
    [['']],
    [['--', 'verify', '--nonsense']],
    [['-x']],
  ])('%j', async (args) => {
    expectRefusal(await runCli(args, { card: simulated('genuine') }), 'USAGE');
  });
});
