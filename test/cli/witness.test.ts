/** `touchstone witness`: its key, its data, its end; and real checkpoints submitted to it. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { submitCheckpoint, type WitnessResult } from '../../src/log/witness-client.ts';
import { encodeKey, KeyType, noteKey } from '../../src/tlog/key.ts';
import { type Policy, parsePolicy } from '../../src/tlog/policy.ts';
import { createCosigner, encodeSecret, parseSecret } from '../../src/tlog/signer.ts';
import { startBuilt } from '../support/built-cli.ts';
import {
  type CliResult,
  expectError,
  runCli,
  temporaryFile,
  temporaryFolder,
  testClock,
} from '../support/cli.ts';
import { realPost, requestBody, testLog } from '../support/witnessing.ts';

const log = testLog();
const vkey = encodeKey(log.key);
const name = 'witness.example.org/w1';
const anywhere = ['--listen', '127.0.0.1:0'];

/** Runs until `during` is over, then Ctrl-C. Given the policy whose line it prints. */
async function serving(
  args: readonly string[],
  keyPath: string,
  during: (policy: Policy) => Promise<void>,
  stateFolder = temporaryFolder(),
): Promise<CliResult> {
  const interrupt = new AbortController();
  const url = `http://127.0.0.1:${await freePort()}`;
  const running = runCli(['witness', ...args, '--listen', new URL(url).host], {
    signal: interrupt.signal,
    stateFolder,
  });
  try {
    await vi.waitFor(() => fetch(url), { timeout: 10_000 });
    await during(parsePolicy(policyText(keyPath, url)));
    interrupt.abort();
    const result = await running;
    expect(policyText(keyPath, url)).toContain(`\n${result.stdout}`);
    expect(result.stdout).toMatch(/^witness .+\n$/);
    return result;
  } finally {
    interrupt.abort();
    await running;
  }
}

/** A policy of our log and the witness whose key is kept there. */
function policyText(keyPath: string, url: string): string {
  const secret = parseSecret(readFileSync(keyPath, 'utf8').trimEnd());
  const { key } = createCosigner(secret.name, secret.seed);
  const line = `witness ${secret.name} ${encodeKey(key)} ${url}\n`;
  return `log ${vkey}\n${line}quorum ${secret.name}\n`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function submit({ witnesses }: Policy, old: number, size: number): Promise<WitnessResult> {
  const [witness] = witnesses;
  if (witness?.url === undefined) throw new Error('no witness');
  return submitCheckpoint({
    witness: { key: witness.key, url: witness.url },
    note: log.note(size),
    oldSize: BigInt(old),
    proofFrom: log.proofTo(size),
    now: () => BigInt(testClock / 1000),
    post: realPost(),
    sleep: async () => undefined,
  });
}

describe('witness', () => {
  test('makes a key of its own, cosigns, and remembers both', async () => {
    const data = join(temporaryFolder(), 'new', 'witness');
    const args = ['--log', vkey, '--data', data];
    const keyPath = join(data, 'witness.key');
    let key = '';
    const first = await serving([...args, '--name', name], keyPath, async (policy) => {
      key = encodeKey(policy.witnesses[0]?.key ?? log.key);
      expect(await submit(policy, 0, 5)).toMatchObject({
        kind: 'cosigned',
        time: BigInt(testClock / 1000),
      });
    });
    expect([first.exit, first.stderr]).toEqual([
      0,
      `A new key was made: ${keyPath}. Whoever has it can witness as you.\n` +
        `Cosigning for ${log.origin}. Ctrl-C ends it.\nThe witness has ended.\n`,
    ]);
    const { mode } = statSync(keyPath);
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);

    const second = await serving(args, keyPath, async (policy) => {
      expect(encodeKey(policy.witnesses[0]?.key ?? log.key)).toBe(key);
      expect(await submit(policy, 0, 3)).toEqual({ kind: 'ahead', size: 5n });
      expect(await submit(policy, 5, 9)).toMatchObject({ kind: 'cosigned' });
    });
    expect([second.exit, second.stderr.includes('new key')]).toEqual([0, false]);
  });

  test('keeps its data in the state folder, and takes its logs from a policy', async () => {
    const stateFolder = temporaryFolder();
    const other = encodeKey(testLog('log.example.org/other').key);
    const policy = temporaryFile(`log ${vkey}\nlog ${other} https://x\nquorum none\n`, 'policy');
    const { stderr } = await serving(
      ['--policy', policy, '--name', name],
      join(stateFolder, 'witness', 'witness.key'),
      async (own) => expect(await submit(own, 0, 5)).toMatchObject({ kind: 'cosigned' }),
      stateFolder,
    );
    expect(stderr).toContain(`Cosigning for ${log.origin}, log.example.org/other.`);
    expect(existsSync(join(stateFolder, 'witness', 'witness.db'))).toBe(true);
  });

  test('keeps its key elsewhere, and does not begin without its data under that key', async () => {
    const data = temporaryFolder();
    const key = join(temporaryFolder(), 'w1.key');
    const args = ['--log', vkey, '--key', key];
    await serving([...args, '--data', data, '--name', name], key, async (policy) => {
      expect(await submit(policy, 0, 5)).toMatchObject({ kind: 'cosigned' });
    });
    expect(existsSync(join(data, 'witness.key'))).toBe(false);
    const refused = async (folder: string) =>
      expectError(
        await runCli(['witness', ...anywhere, ...args, '--data', folder]),
        'FILE_UNSUITABLE',
        /^\S+w1\.key cannot be used: what it cosigned before is not at \S+witness\.db, and/,
      );
    await refused(temporaryFolder());
    for (const file of ['witness.db', 'witness.db-wal', 'witness.db-shm']) {
      rmSync(join(data, file), { force: true });
    }
    await refused(data);
    writeFileSync(join(data, 'witness.db'), '');
    await refused(data);
  });

  test('makes no second key for a memory that another start has taken', async () => {
    const data = temporaryFolder();
    writeFileSync(join(data, 'witness.vkey'), 'taken\n');
    const args = ['witness', ...anywhere, '--log', vkey, '--data', data, '--name', name];
    expectError(await runCli(args), 'FILE_UNSUITABLE', /a key was made for it before/);
    expect(existsSync(join(data, 'witness.key'))).toBe(false);
    expect(readFileSync(join(data, 'witness.vkey'), 'utf8')).toBe('taken\n');
  });

  test('does not begin with a key and the memory of another', async () => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    for (const [data, own] of [
      [a, name],
      [b, 'witness.example.org/b'],
    ] as const) {
      const args = ['--log', vkey, '--data', data, '--name', own];
      await serving(args, join(data, 'witness.key'), async () => undefined);
    }
    const mixed = ['witness', '--log', vkey, '--data', b, '--key', join(a, 'witness.key')];
    const result = await runCli([...mixed, '--listen', `127.0.0.1:${await freePort()}`]);
    expect(result.exit).toBe(2);
    expect(result.stderr).toMatch(/it is not the memory of this key/);
  });

  test('answers what is under way when it ends', async () => {
    const data = temporaryFolder();
    const args = ['--log', vkey, '--data', data, '--name', name];
    const socket = new Socket();
    onTestFinished(() => void socket.destroy());
    let heard = '';
    const result = await serving(args, join(data, 'witness.key'), async ({ witnesses }) => {
      socket.connect(Number(new URL(witnesses[0]?.url ?? '').port), '127.0.0.1');
      socket.setEncoding('utf8').on('data', (data) => {
        heard += data;
      });
      const body = requestBody(0, [], log.note(5));
      const length = Buffer.byteLength(body);
      socket.write(`POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      setTimeout(() => socket.write(body), 200);
    });
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(result.exit).toBe(0);
  });
});

describe('refuses', () => {
  const witness = (args: readonly string[], stateFolder = temporaryFolder()) =>
    runCli(['witness', ...anywhere, ...args], { stateFolder });

  test.each([
    ['no log', [], 'Which logs?'],
    ['both ways to name them', ['--log', vkey, '--policy', 'x'], 'Which logs?'],
    ['a word that is no key', ['--log', 'x'], '--log x: the verifier key'],
    ['an altered key', ['--log', vkey.replace(/.$/, 'A')], 'the verifier key'],
    [
      'the key of a witness',
      ['--log', encodeKey(createCosigner(name, new Uint8Array(32)).key)],
      'the verifier key',
    ],
    ['more than a key', ['--log', `${vkey} https://x`], 'the verifier key'],
    ['a key twice', ['--log', vkey, vkey], 'the same key is given twice'],
    ['a new key without a name', ['--log', vkey], 'To make one, give the witness a name'],
    ['a name with a space', ['--log', vkey, '--name', 'a b'], '--name: 1 to 255 bytes'],
    ['a name with a plus', ['--log', vkey, '--name', 'a+b'], '--name: 1 to 255 bytes'],
    ['an empty name', ['--log', vkey, '--name', ''], '--name: 1 to 255 bytes'],
    ['a long name', ['--log', vkey, '--name', 'x'.repeat(256)], '--name: 1 to 255 bytes'],
  ])('%s', async (_what, args, message) => {
    expectError(await witness(args), 'USAGE', message);
  });

  test.each(['x', '127.0.0.1', ':1', '127.0.0.1:65536', 'a b:1', '::1:1', '[x]:1'])(
    'to listen at %j',
    async (address) => {
      const result = await runCli(['witness', '--log', vkey, '--listen', address]);
      expectError(result, 'USAGE', 'a host and a port');
    },
  );

  test('a policy that is none, or names no log', async () => {
    const none = temporaryFile('quorum none\n', 'policy');
    expectError(await witness(['--policy', none]), 'FILE_UNSUITABLE', 'it names no log');
    const broken = temporaryFile('log x\nquorum none\n', 'policy');
    expectError(await witness(['--policy', broken]), 'FILE_UNSUITABLE', 'line 1 of the policy');
    expectError(await witness(['--policy', '/not-there']), 'FILE_UNREADABLE');
  });

  const keyFile = (content: string, mode = 0o600) => {
    const path = join(temporaryFolder(), 'key');
    writeFileSync(path, content, { mode });
    return path;
  };
  const own = encodeSecret(name, KeyType.cosignature, new Uint8Array(32).fill(7));

  test.each([
    ['garbage', 'garbage', 'it holds no secret key'],
    ['nothing', '', 'it holds no secret key'],
    ['an altered key', own.replace(/.$/, 'A'), 'it holds no secret key'],
    ['a key and more', `${own}\n\n`, 'it holds no secret key'],
    [
      'the key of a log',
      encodeSecret(name, KeyType.ed25519, new Uint8Array(32)),
      'it is not the key of a witness',
    ],
  ])('a key file with %s, and leaves it', async (_what, content, message) => {
    const path = keyFile(content);
    const result = await witness(['--log', vkey, '--name', name, '--key', path]);
    expectError(result, 'FILE_UNSUITABLE', message);
    expect(result.stderr).not.toContain(own.slice(-20));
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('the key of another name', async () => {
    const result = await witness(['--log', vkey, '--name', 'other', '--key', keyFile(own)]);
    expectError(result, 'FILE_UNSUITABLE', `it is the key of ${name}, not of other`);
  });

  test('the very key of one of its logs', async () => {
    const { key } = createCosigner(name, new Uint8Array(32).fill(7));
    const same = noteKey(log.origin, KeyType.ed25519, key.publicKey);
    const result = await witness(['--log', encodeKey(same), '--key', keyFile(own)]);
    expectError(result, 'FILE_UNSUITABLE', 'a log cannot witness itself');
  });

  test.runIf(process.platform !== 'win32')('a key that others may read', async () => {
    for (const mode of [0o640, 0o604, 0o620]) {
      const path = keyFile(own);
      rmSync(path);
      writeFileSync(path, own, { mode });
      const result = await witness(['--log', vkey, '--key', path]);
      if ((statSync(path).mode & 0o077) === 0) continue;
      expectError(result, 'FILE_UNSUITABLE', 'others may read or write it');
    }
  });

  test('a place for its key or its data that there is not', async () => {
    const key = join(temporaryFolder(), 'missing', 'key');
    expectError(
      await witness(['--log', vkey, '--name', name, '--key', key]),
      'FILE_UNWRITABLE',
      'cannot be written',
    );
    const data = temporaryFile('x');
    expectError(await witness(['--log', vkey, '--data', data]), 'STATE_UNUSABLE');
  });

  test('a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const listen = ['--listen', `127.0.0.1:${address.port}`];
    const args = ['witness', '--log', vkey, '--name', name, ...listen];
    const result = await runCli(args, { stateFolder: temporaryFolder() });
    expectError(result, 'USAGE', `Nothing can listen at 127.0.0.1:${address.port}.`);
  });
});

describe('in a process of its own', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it, and it begins again', async (signal) => {
    const data = temporaryFolder();
    const url = `http://127.0.0.1:${await freePort()}`;
    const args = ['--log', vkey, '--name', name, '--data', data, '--listen', new URL(url).host];
    for (const [old, size] of [
      [0, 4],
      [4, 6],
    ] as const) {
      const running = startBuilt(['witness', ...args]);
      await running.said('Ctrl-C ends it');
      const text = policyText(join(data, 'witness.key'), url);
      expect(await submit(parsePolicy(text), old, size)).toMatchObject({ kind: 'cosigned' });
      running.kill(signal);
      const { exit, stdout, stderr } = await running.ended;
      expect([exit, text.includes(`\n${stdout}quorum`)]).toEqual([0, true]);
      expect(stderr).toMatch(/The witness has ended\.\n$/);
    }
  });
});
