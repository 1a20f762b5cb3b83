/**
 * Tangem cards over the whole way: `touchstone simulate` with a stand-in for their maker's server,
 * a virtual reader, pcscd, the PC/SC driver and `touchstone verify --online`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { serveMaker } from '../../src/simulator/maker-server.ts';
import { serveVpcd } from '../../src/simulator/vpcd.ts';
import { runBuilt } from '../support/built-cli.ts';
import {
  expectNoTrace,
  repositoryFile,
  simulated,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';
import { casesOf } from '../support/cli-cases.ts';
import { caseMs, laidCards, nothingLeft } from '../support/laid-cards.ts';
import { firstReader, type Pcscd, pcscdTurnMs, pcscMissing, startPcscd } from '../support/pcscd.ts';
import { describeWith } from '../support/requirements.ts';

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The demo registry, with the maker's server at this port. */
function registryText(port: number): string {
  const registry = JSON.parse(readFileSync(repositoryFile('certs/demo/registry.json'), 'utf8'));
  registry.families.tangem.makerServer.url = `http://127.0.0.1:${port}/card`;
  return JSON.stringify(registry);
}

await describeWith('pcsc', pcscMissing, 'Tangem cards on a real PC/SC stack', () => {
  const cards = laidCards();
  let pcscd: Pcscd;
  let port = 0;
  let folder = '';
  let verify: readonly string[] = [];

  beforeAll(async () => {
    port = await freePort();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-pcsc-'));
    const registry = join(folder, 'registry.json');
    writeFileSync(registry, registryText(port));
    verify = ['verify', '--json', '--registry', registry, '--timeout', '10'];
    pcscd = await startPcscd();
  }, pcscdTurnMs);

  afterEach(() => cards.clear());

  afterAll(async () => {
    await pcscd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const layDown = (caseId: string) =>
    cards.layDown('tangem', '--case', caseId, '--maker', `127.0.0.1:${port}`);

  /** Nothing is kept between two runs, unless they share a folder. */
  const run = (args: readonly string[], state = temporaryFolder()) =>
    runBuilt(args, { timeoutMs: caseMs, env: { TOUCHSTONE_STATE: state } });

  test.each(casesOf('tangem'))(
    'the card $id is judged as it must',
    { timeout: caseMs },
    async (row) => {
      const expected = row.fresh ?? row.usual;
      await layDown(row.id);
      const result = await run([...verify, '--fresh', '--online']);
      expect(result.exit).toBe(expected.exit);
      expectNoTrace(result);
      if (expected.exit === 7) {
        expect(result.stdout).toBe('');
        expect(result.stderr).toContain(`(${expected.code})`);
        return;
      }
      const { touchstone } = JSON.parse(result.stdout);
      expect(touchstone.family).toBe(row.stranger ? 'unknown' : 'tangem');
      expect(touchstone.verdict).toBe(expected.word);
      expect(touchstone.findings).toContainEqual(
        expect.objectContaining({ code: expected.finding }),
      );
    },
  );

  test('what was fetched once is there in the next run, without the server', async () => {
    const state = temporaryFolder();
    const saved = join(temporaryFolder(), 'card.json');
    const card = ['tangem', '--unit', 'ada'];
    await cards.layDown(...card, '--maker', `127.0.0.1:${port}`);
    expect((await run([...verify, '--online', '--save', saved], state)).exit).toBe(0);
    await cards.clear();
    await cards.layDown(...card);
    expect((await run(verify, state)).exit).toBe(0);
    expect((await run(verify)).exit).toBe(4);
    const offline = await run(['verify', ...verify.slice(2, 4), '--evidence', saved]);
    expect(offline.exit).toBe(3);
  });

  test('a server that is not there costs the verdict, not the program', async () => {
    await cards.layDown('tangem');
    const result = await run([...verify, '--online']);
    expect(result.exit).toBe(4);
    expect(result.stdout).toContain("the maker's server could not be reached");
    expectNoTrace(result);
  });

  test('a code from standard input opens a card, and does not open another', {
    timeout: caseMs,
  }, async () => {
    await layDown('code-set');
    const input = temporaryFile('482915\n');
    const shell = (path: string) =>
      runBuilt(
        [
          '-c',
          `"$@" < ${path}`,
          'sh',
          process.execPath,
          repositoryFile('dist/cli/touchstone.js'),
          ...verify,
          '--online',
          '--pin-stdin',
        ],
        {
          program: ['/bin/sh'],
          timeoutMs: caseMs,
          env: { TOUCHSTONE_STATE: temporaryFolder() },
        },
      );
    expect((await shell(input)).exit).toBe(0);
    expect((await shell(temporaryFile('482916\n'))).exit).toBe(4);
  });

  test('commands and answers of extended length go through the whole stack', async () => {
    const card = simulated('used-wallet', 'ada', 'tangem');
    const heard: { command: Uint8Array; answer: number }[] = [];
    const control = new AbortController();
    onTestFinished(async () => {
      control.abort();
      await served;
      await nothingLeft();
    });
    const { signal } = control;
    const maker = serveMaker(card, { port, signal });
    const served = Promise.all([
      maker,
      serveVpcd(
        {
          atr: card.atr,
          reset: () => card.reset(),
          respond(command) {
            const reply = card.respond(command);
            heard.push({ command, answer: reply.kind === 'answer' ? reply.bytes.length : 0 });
            return reply;
          },
        },
        { port: firstReader.port, signal },
      ),
    ]);
    const result = await run([...verify, '--online']);
    expect(result.exit).toBe(3);
    const own = heard.filter(({ command }) => [0xf2, 0xf3].includes(command[1] ?? 0));
    // CLA INS P1 P2, then 00 and two bytes of length: all of Tangem's commands are extended.
    expect(own.length).toBeGreaterThan(4);
    for (const { command } of own) {
      expect(toHex(command)).toMatch(/^00f[23]000000/);
      expect(command.length).toBe(7 + (command[5] ?? 0) * 256 + (command[6] ?? 0));
    }
    expect(Math.max(...own.map(({ answer }) => answer))).toBeGreaterThan(258);
  });
});
