import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { childFile } from '../../src/reader/pcsc/link.ts';
import { parseFromChild, parseToChild } from '../../src/reader/pcsc/messages.ts';
import { ReaderTable } from '../../src/reader/pcsc/reader-table.ts';
import { pcscCode } from '../../src/reader/pcsc/result-code.ts';
import { isRequired } from '../support/requirements.ts';

describe('messages', () => {
  test('good ones pass', () => {
    const request = { kind: 'exchange', id: 0, reader: 'R', command: '00a40400' };
    expect(parseToChild(request)).toEqual(request);
    const fault = { kind: 'fault', id: 1, code: null, detail: '' };
    expect(parseFromChild(fault)).toEqual(fault);
  });

  test.each([
    ['odd hex', { kind: 'done', id: 1, bytes: '900' }],
    ['upper case', { kind: 'done', id: 1, bytes: '9A' }],
    ['too long', { kind: 'done', id: 1, bytes: '00'.repeat(65_539) }],
    ['an ATR of 34 bytes', { kind: 'card-inserted', reader: 'R', atr: '00'.repeat(34) }],
    ['a field more', { kind: 'ready', extra: 1 }],
    ['a negative number', { kind: 'done', id: -1, bytes: '' }],
    ['unknown kind', { kind: 'eval' }],
    ['nothing', null],
  ])('refused: %s', (_, message) => {
    expect(() => parseFromChild(message)).toThrow();
  });
});

describe('PC/SC result codes', () => {
  test('found in the inner error', () => {
    const inner = new Error('SCardTransmit error: Card was removed.(0x80100069)');
    expect(pcscCode(Object.assign(new Error('outer'), { previous: inner }))).toBe(0x80100069);
  });

  test.each([['text'], [undefined], [new Error('no code')]])('none in %s', (error) => {
    expect(pcscCode(error)).toBeNull();
  });

  test('an error that is its own cause does not loop', () => {
    const error: Error & { previous?: unknown } = new Error('round');
    error.previous = error;
    expect(pcscCode(error)).toBeNull();
  });
});

describe('choosing a reader', () => {
  function table(...names: string[]): ReaderTable {
    const readers = new ReaderTable();
    for (const reader of names) {
      readers.apply({ kind: 'reader-added', reader });
      readers.apply({ kind: 'card-inserted', reader, atr: '3b' });
    }
    return readers;
  }

  test('a whole name wins over a part of another', () => {
    expect(table('ACR 1', 'ACR 12').choose('acr 1', [])?.name).toBe('ACR 1');
    expect(table('ACR 1', 'ACR 12').choose('12', [])?.name).toBe('ACR 12');
  });

  test('a part that fits several readers with cards is not guessed', () => {
    expect(() => table('ACR 1', 'ACR 12').choose('ACR', [])).toThrow(/several readers/);
    expect(table('ACR 1', 'ACR 12').choose('ACR', ['ACR 1'])?.name).toBe('ACR 12');
  });

  test('no card, no such reader, no reader', () => {
    const readers = table('A');
    readers.apply({ kind: 'card-removed', reader: 'A' });
    expect(readers.choose(undefined, [])).toBeUndefined();
    expect(() => readers.choose('B', [])).toThrow('There is: "A"');
    readers.apply({ kind: 'reader-removed', reader: 'A' });
    expect(() => readers.choose(undefined, [])).toThrow('No reader');
  });
});

test('the child lies beside its parent when built, below dist/ otherwise', () => {
  expect(childFile('file:///a/dist/src/reader/pcsc/link.js')).toBe(
    '/a/dist/src/reader/pcsc/child.js',
  );
  expect(childFile('file:///a/src/reader/pcsc/link.ts')).toBe('/a/dist/src/reader/pcsc/child.js');
});

test('TOUCHSTONE_REQUIRE is a comma list', () => {
  expect(isRequired('pcsc', 'browser, pcsc')).toBe(true);
  expect(isRequired('pcsc', 'pcscd')).toBe(false);
  expect(isRequired('pcsc', undefined)).toBe(false);
});

test.runIf(process.platform === 'linux')(
  'a child that blocks ends when its parent is killed',
  async () => {
    const path = join(tmpdir(), `touchstone-orphan-${process.pid}`);
    const service = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => service.listen(path, resolve));
    const driver = fileURLToPath(new URL('../support/pcsc-fake-driver.cjs', import.meta.url));
    const pcsc = new URL('../../dist/src/reader/pcsc/pcsc.js', import.meta.url).href;
    const code = `import { startPcsc } from ${JSON.stringify(pcsc)};
      const options = { socketPath: ${JSON.stringify(path)}, driver: ${JSON.stringify(driver)} };
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 700);
      await startPcsc({ ...options, startTimeoutMs: 60_000 });`;
    const env = { ...process.env, FAKE_PCSC: 'blocks' };
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      // The child holds no end of this pipe; the parent's `close` is its own death.
      await new Promise((resolve) => parent.once('close', resolve));
      expect(parent.signalCode).toBe('SIGKILL');
      await expect.poll(() => blockedChildren(path), { timeout: 5_000 }).toBe(0);
    } finally {
      service.close();
    }
  },
);

/** Child processes started with this socket path that still live. */
function blockedChildren(path: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`PCSCLITE_CSOCK_NAME=${path}`)
      );
    } catch {
      return false;
    }
  }).length;
}
