/** `touchstone simulate --maker`: the stand-in for a maker's server, as long as its card lies there. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runBuilt } from '../support/built-cli.ts';
import { expectError, runCli, simulated } from '../support/cli.ts';
import { bareEvidence, requestOf } from '../support/endorsing.ts';

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function listen(): Promise<Server> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

/** A virtual reader that takes a card and lets it lie there. */
async function reader(): Promise<{ args: readonly string[]; taken: Promise<Socket> }> {
  const server = await listen();
  const taken = once(server, 'connection').then(([socket]: Socket[]) => {
    if (socket === undefined) throw new Error('no socket');
    return socket;
  });
  taken.catch(() => undefined);
  return { args: ['--vpcd', `127.0.0.1:${portOf(server)}`], taken };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

const card = ['simulate', 'tangem', '--unit', 'ada'];
const headers = requestOf(await bareEvidence(simulated('genuine', 'ada', 'tangem'))).headers;

/** Until something listens there. */
async function ask(port: number): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetch(`http://127.0.0.1:${port}/card`, { headers });
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const refused = (port: number) => expect(fetch(`http://127.0.0.1:${port}/card`)).rejects.toThrow();

describe('simulate --maker', () => {
  test('answers about its card, and goes with it on Ctrl-C', async () => {
    const { args, taken } = await reader();
    const port = await freePort();
    const interrupt = new AbortController();
    const running = runCli([...card, ...args, '--maker', `127.0.0.1:${port}`], {
      signal: interrupt.signal,
    });
    await taken;
    const reply = await ask(port);
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual({
      manufacturer_signature: expect.stringMatching(/^[0-9A-F]{128}$/),
      issuer_signature: expect.stringMatching(/^[0-9A-F]{128}$/),
    });
    interrupt.abort();
    const { exit, stdout, stderr } = await running;
    expect([exit, stdout]).toEqual([0, '']);
    expect(stderr).toContain(`Standing in for its maker's server on port ${port}.\n`);
    expect(stderr).toMatch(/The card was taken away\.\n$/);
    await refused(port);
  });

  test('ends when the reader lets go of the card', async () => {
    const { args, taken } = await reader();
    const port = await freePort();
    const running = runCli([...card, ...args, '--maker', `localhost:${port}`]);
    (await taken).end();
    expect((await running).exit).toBe(0);
    await refused(port);
  });

  test('ends when a question is never answered', async () => {
    const { args, taken } = await reader();
    const port = await freePort();
    const more = ['--case', 'endpoint-mute', '--maker', `127.0.0.1:${port}`];
    const running = runCli([...card, ...args, ...more]);
    const socket = await taken;
    const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
    await pause();
    const open = fetch(`http://127.0.0.1:${port}/card`, { headers }).catch((error) => error);
    await pause();
    socket.end();
    expect((await running).exit).toBe(0);
    expect(await open).toBeInstanceOf(Error);
  });

  test('says that its port is taken, and takes the card away', async () => {
    const { args } = await reader();
    const port = portOf(await listen());
    const result = await runCli([...card, ...args, '--maker', `127.0.0.1:${port}`]);
    expectError(result, 'USAGE', `Nothing can listen at 127.0.0.1:${port}. Is the port taken?`);
  });

  test.each(['0.0.0.0', 'example.com', '192.0.2.1', '127.0.0.1.example.com'])(
    'does not listen at %s',
    async (host) => {
      const { args } = await reader();
      const result = await runCli([...card, ...args, '--maker', `${host}:8000`]);
      expectError(result, 'USAGE', `listens on this machine only, not at ${host}.`);
    },
  );

  test('is refused for a family whose maker keeps no server', async () => {
    const { args } = await reader();
    const result = await runCli(['simulate', 'coinkite-tap', ...args, '--maker', '127.0.0.1:8000']);
    expectError(result, 'USAGE', 'The maker of this card keeps no server that could be asked.');
  });

  test.each(['x', '127.0.0.1', ':1', '127.0.0.1:0', '127.0.0.1:65536', 'a b:1'])(
    'refuses the address %j',
    async (address) => {
      const { args } = await reader();
      const result = await runCli([...card, ...args, '--maker', address]);
      expectError(result, 'USAGE', '--maker ');
      expect(result.stderr).toContain('a host and a port');
    },
  );

  test('does not outlive a card that no reader takes', async () => {
    const port = await freePort();
    const args = [...card, '--vpcd', '127.0.0.1:1', '--maker', `127.0.0.1:${port}`];
    expectError(await runCli(args), 'USAGE', 'No virtual reader listens at 127.0.0.1:1.');
    await refused(port);
    const built = await runBuilt(args, { timeoutMs: 10_000 });
    expect(built.exit).toBe(2);
  });
});
