/** `touchstone verify --receipt`: a check on record, from the card to a receipt that holds. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReceipt } from '../../src/activation/receipt.ts';
import {
  demoRegistry,
  repositoryFile,
  runCli,
  simulated,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';

/** One person's computer; every command of a test meets the same one. */
function computer() {
  const state = join(temporaryFolder(), 'state');
  const receipt = join(temporaryFolder(), 'card.json');
  const policy = join(state, 'demo-log', 'policy');
  return {
    state,
    receipt,
    verify: (caseId: string, ...more: readonly string[]) =>
      runCli(['verify', '--receipt', receipt, ...demoRegistry, ...more], {
        card: simulated(caseId),
        stateFolder: state,
      }),
    receiptVerify: (caseId: string | undefined, ...more: readonly string[]) =>
      runCli(['receipt', 'verify', receipt, '--policy', policy, ...more], {
        ...(caseId !== undefined && { card: simulated(caseId) }),
        stateFolder: state,
      }),
  };
}

describe('verify --receipt', () => {
  it('records the check, and its receipt holds, by the word of this computer alone', async () => {
    const { verify, receiptVerify, receipt } = computer();
    const { exit, stdout, stderr } = await verify('genuine');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^GENUINE$/m);
    expect(stderr.replaceAll('\n', ' ')).toContain('entry 0 of the log on this computer');
    const held = await receiptVerify(undefined);
    expect(held.exit).toBe(3);
    expect(held.stdout).toMatch(/^RECEIPT HOLDS, UNWITNESSED$/m);
    const { entry } = parseReceipt(readFileSync(receipt, 'utf8'));
    expect(entry).toMatchObject({ kind: 'card', type: 'observed', demo: true, word: 'genuine' });
  });

  it('tells the card again, and another one', async () => {
    const { verify, receiptVerify } = computer();
    await verify('genuine');
    const registry = demoRegistry;
    const same = await receiptVerify('genuine', '--tap', ...registry);
    expect(same.stdout).toContain('THE SAME CARD');
    const other = await receiptVerify('used', '--tap', ...registry);
    expect(other.exit).toBe(6);
    expect(other.stdout).toContain('ANOTHER CARD');
  });

  it('writes nothing about the owner of a number into the receipt', async () => {
    const { verify, receipt } = computer();
    const { stdout } = await verify('genuine');
    const number = /Its number is (\S+)\./.exec(stdout)?.[1];
    expect(number).toMatch(/-/);
    expect(readFileSync(receipt, 'utf8')).not.toContain(number);
  });

  it.each([
    ['fake-root', 5, 'not genuine is not recorded'],
    ['new-satochip', 4, 'not decided is not recorded'],
  ])('gives none of %s, and says why', async (caseId, exit, why) => {
    const { state, receipt } = computer();
    const family = caseId === 'fake-root' ? 'coinkite-tap' : 'satochip';
    const result = await runCli(['verify', '--receipt', receipt, ...demoRegistry], {
      card: simulated(caseId, undefined, family),
      stateFolder: state,
    });
    expect(result.exit).toBe(exit);
    expect(result.stderr.replaceAll('\n', ' ')).toContain(why);
    expect(existsSync(receipt)).toBe(false);
    expect(existsSync(join(state, 'demo-log'))).toBe(false);
  });

  it('keeps demo cards out of the log of this computer', async () => {
    const { state, verify } = computer();
    await verify('genuine');
    expect(existsSync(join(state, 'log'))).toBe(false);
  });

  it('asks for no card where the receipt has a name that is taken, or none', async () => {
    const { verify, receipt } = computer();
    await verify('genuine');
    const before = readFileSync(receipt, 'utf8');
    const again = await verify('genuine');
    expect(again).toMatchObject({ exit: 2, requests: [] });
    expect(readFileSync(receipt, 'utf8')).toBe(before);
    const dash = await runCli(['verify', '--receipt', '-'], { card: simulated('genuine') });
    expect(dash).toMatchObject({ exit: 2, requests: [] });
    const saved = await runCli(['verify', '--receipt', 'x.json', '--evidence', 'y.json']);
    expect(saved.exit).toBe(2);
  });

  it('shows the verdict all the same where nothing can be recorded', async () => {
    const { receipt } = computer();
    const { exit, stdout, stderr } = await runCli(
      ['verify', '--receipt', receipt, ...demoRegistry],
      { card: simulated('genuine'), stateFolder: '/dev/null/nowhere' },
    );
    expect(stdout).toMatch(/^GENUINE$/m);
    expect(stderr).toContain('(STATE_UNUSABLE)');
    expect(exit).toBe(1);
  });

  it('takes no registry that pins a root of the demo as if it were a real one', async () => {
    const { receipt, state } = computer();
    const text = readFileSync(repositoryFile('certs/demo/registry.json'), 'utf8');
    const real = temporaryFile(text.replace('"demo": true', '"demo": false'), 'registry.json');
    const result = await runCli(['verify', '--receipt', receipt, '--registry', real], {
      card: simulated('genuine'),
      stateFolder: state,
    });
    expect(result.stderr).toContain('(REGISTRY_INVALID)');
    expect(result.exit).toBe(2);
    expect(existsSync(state)).toBe(false);
  });

  it('writes evidence and receipt into two files', async () => {
    const { receipt } = computer();
    const result = await runCli(['verify', '--receipt', receipt, '--save', receipt], {
      card: simulated('genuine'),
    });
    expect(result).toMatchObject({ exit: 2, requests: [] });
  });
});
