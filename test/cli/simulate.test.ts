import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { coinkiteTap } from '../../src/simulator/coinkite-tap/index.ts';
import { encodeFrame, FrameReader } from '../../src/simulator/vpcd.ts';
import { expectError, runCli } from '../support/cli.ts';

const getAtr = Uint8Array.of(0x04);
/** SELECT of the Coinkite application, then its command {"cmd": "check"}, here without a nonce. */
const select = Buffer.from('00a404000ff0436f696e6b697465434152447631', 'hex');
const check = Buffer.from('00cb00000ba163636d6465636865636b', 'hex');

interface VirtualReader {
  readonly address: string;
  readonly connection: Promise<{ socket: Socket; ask(payload: Uint8Array): Promise<Uint8Array> }>;
}

/** The side of vpcd: listens, and asks whatever connects. */
async function listen(): Promise<VirtualReader> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  onTestFinished(() => void server.close());
  const connection = once(server, 'connection').then(([socket]: Socket[]) => {
    if (socket === undefined) throw new Error('no socket');
    const frames = new FrameReader();
    const ask = async (payload: Uint8Array) => {
      socket.write(encodeFrame(payload));
      for (;;) {
        const [chunk] = await once(socket, 'data');
        const [answer] = frames.push(chunk);
        if (answer !== undefined) return answer;
      }
    };
    return { socket, ask };
  });
  return { address: `127.0.0.1:${address.port}`, connection };
}

describe('simulate', () => {
  test('lays a card on the reader until Ctrl-C takes it away', async () => {
    const reader = await listen();
    const interrupt = new AbortController();
    const args = ['simulate', 'coinkite-tap', '--vpcd', reader.address];
    const running = runCli(args, { signal: interrupt.signal });
    const { ask } = await reader.connection;
    expect(Buffer.from(await ask(getAtr)).toString('hex')).toBe('3b888001436f696e6b69746531');
    expect(
      Buffer.from(await ask(select))
        .subarray(-2)
        .toString('hex'),
    ).toBe('9000');
    interrupt.abort();
    const { exit, stdout, stderr } = await running;
    expect([exit, stdout]).toEqual([0, '']);
    expect(stderr).toContain('--registry certs/demo/registry.json');
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('The card was taken away.');
  });

  test('ends when the reader lets go of the card', async () => {
    const reader = await listen();
    const running = runCli(['simulate', 'coinkite-tap', '--vpcd', reader.address]);
    (await reader.connection).socket.end();
    const { exit, stderr } = await running;
    expect(exit).toBe(0);
    expect(stderr).toContain('The reader closed the connection.');
  });

  test('ends when the card leaves by itself, as its case says', async () => {
    const reader = await listen();
    const args = ['simulate', 'coinkite-tap', '--case', 'removed-mid-way'];
    const running = runCli([...args, '--vpcd', reader.address]);
    const { socket, ask } = await reader.connection;
    await ask(select);
    socket.write(encodeFrame(check));
    const { exit, stderr } = await running;
    expect(exit).toBe(0);
    expect(stderr).toContain('The card left the reader by itself');
  });

  test('gives a unit the same keys in every run, and others without it', async () => {
    const statusOf = async (...more: string[]) => {
      const reader = await listen();
      const args = ['simulate', 'coinkite-tap', '--vpcd', reader.address, ...more];
      const running = runCli(args);
      const { socket, ask } = await reader.connection;
      const answer = Buffer.from(await ask(select)).toString('hex');
      socket.end();
      await running;
      return answer.slice(answer.indexOf(Buffer.from('pubkey').toString('hex'))).slice(0, 90);
    };
    expect(await statusOf('--unit', 'ada')).toBe(await statusOf('--unit', 'ada'));
    expect(await statusOf('--unit', 'ada')).not.toBe(await statusOf('--unit', 'ben'));
  });

  test('says how to get a virtual reader where none listens', async () => {
    const result = await runCli(['simulate', 'coinkite-tap', '--vpcd', '127.0.0.1:1']);
    expectError(result, 'USAGE', 'No virtual reader listens at 127.0.0.1:1.');
  });

  test.each([
    'x',
    '127.0.0.1',
    '127.0.0.1:',
    ':1',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    'a b:1',
    '::1:1',
  ])('refuses the address %j', async (address) => {
    const args = ['simulate', 'coinkite-tap', '--vpcd', address];
    expectError(await runCli(args), 'USAGE', 'a host and a port');
  });
});

describe('simulate --list', () => {
  test('lists every card with a description', async () => {
    for (const args of [
      ['simulate', '--list'],
      ['simulate', 'coinkite-tap', '--list'],
    ]) {
      const { exit, stdout } = await runCli(args);
      expect(exit).toBe(0);
      for (const { id, description } of coinkiteTap.cases) {
        expect(stdout).toMatch(new RegExp(`^  ${id} +${description.slice(0, 20)}`, 'm'));
      }
    }
  });

  test('refuses a family that there is not', async () => {
    expectError(
      await runCli(['simulate', 'no-such', '--list']),
      'USAGE',
      'Known: coinkite-tap, tangem, keycard, satochip.',
    );
  });
});

describe('what is missing or misspelt', () => {
  test('the family is asked for', async () => {
    expectError(
      await runCli(['simulate']),
      'USAGE',
      'Which family? Known: coinkite-tap, tangem, keycard, satochip.',
    );
  });

  test.each(['no-such', '__proto__', 'constructor', ''])(
    'the family %j is not known',
    async (name) => {
      expectError(
        await runCli(['simulate', name]),
        'USAGE',
        'Known: coinkite-tap, tangem, keycard, satochip.',
      );
    },
  );

  test.each(['no-such', '__proto__', ''])('the case %j is not known', async (name) => {
    const args = ['simulate', 'coinkite-tap', '--case', name];
    expectError(await runCli(args), 'USAGE', 'Known: genuine,');
  });
});
