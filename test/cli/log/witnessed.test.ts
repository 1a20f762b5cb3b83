/** A log with a real witness on this computer: it signs, it is dead, it has seen more. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseReceipt } from '../../../src/activation/receipt.ts';
import { exportUncosigned } from '../../../src/report/texts-log-screen.ts';
import { parseProof, verifyProof } from '../../../src/tlog/proof.ts';
import { expectError, runCli, temporaryFile, temporaryFolder } from '../../support/cli.ts';
import { alice, entryBy } from '../../support/receipts.ts';
import { deadUrl } from '../../support/witnessing.ts';
import {
  addWitness,
  at,
  entryFile,
  grow,
  hurried,
  hurry,
  linesOf,
  log,
  mustLog,
  newLog,
  onOneLine,
  policyOf,
  startWitness,
} from './logs.ts';

const activated = entryBy('activated', alice);
const seen = 'Cosigned by one at 2026-11-26T11:59:00Z';

afterEach(() => vi.useRealTimers());

describe('with its witness', () => {
  it('an entry is published with its cosignature, and nothing is called unwitnessed', async () => {
    const folder = await newLog();
    addWitness(folder, await startWitness(folder));
    const receipt = join(temporaryFolder(), 'receipt.json');
    const args = ['append', '--log', folder, entryFile(activated), '--receipt', receipt];
    const result = await mustLog(args, { fetch });
    expect(result.stdout).toBe('Recorded as entry 0, and published.\n');
    const { proof, entry } = parseReceipt(readFileSync(receipt, 'utf8'));
    expect(entry).toEqual(activated);
    const bytes = readFileSync(args[3] ?? '');
    const policy = policyOf(folder);
    expect(verifyProof({ proof, entry: new Uint8Array(bytes), policy, at })).toMatchObject({
      kind: 'verified',
      witnessed: true,
      cosignatures: [{ name: 'one', time: at - 60n }],
    });
    const verified = await runCli([
      'receipt',
      'verify',
      '--policy',
      join(folder, 'policy'),
      receipt,
    ]);
    expect(verified.exit).toBe(0);
    expect(verified.stdout).toContain(seen);
    for (const command of ['show', 'check']) {
      const { stdout } = await mustLog([command, folder]);
      expect(onOneLine(stdout)).toContain(seen);
      expect(stdout).not.toContain('unwitnessed');
    }
    const [json] = linesOf(
      await mustLog(['append', '--log', folder, args[3] ?? '', '--json'], { fetch }),
    );
    expect(json).toEqual({ index: '0', known: true, witnessed: true });
  });

  it('an export, a copy and a proof carry the cosignature', async () => {
    const folder = await newLog();
    addWitness(folder, await startWitness(folder));
    await grow(folder, 0, 2);
    const files = join(temporaryFolder(), 'files');
    const copy = join(temporaryFolder(), 'copy');
    const policy = ['--policy', join(folder, 'policy')];
    const [exported] = linesOf(await mustLog(['export', '--log', folder, files, '--json']));
    expect(exported).toMatchObject({ witnessed: true });
    const imported = await mustLog(['import', files, '--log', copy, ...policy]);
    expect(imported.stdout).not.toContain('unwitnessed');
    expect((await mustLog(['check', copy])).stdout).toContain(seen);
    expect((await mustLog(['show', files, ...policy])).stdout).toContain(seen);
    const proven = await mustLog(['prove', '1', '--log', copy]);
    expect(proven.stderr).toBe('Entry 1 stands in the tree of size 2.\n');
    expect(proven.stdout).toContain('\u2014 witness.example.org/w1 ');
  });

  it('asked for before it has signed, the log is not taken at its word', async () => {
    const folder = await newLog(1);
    addWitness(folder, await startWitness(folder));
    expectError(await log(['show', folder]), 'LOG_UNWITNESSED', 'quorum "one"');
    const checked = await log(['check', folder]);
    expect(checked.exit).toBe(8);
    expect(onOneLine(checked.stdout)).toMatch(/^NOT WITNESSED\. .*those of: nobody\./);
    // It asks for the cosignature that is missing, and here is no network.
    hurry();
    const proven = await hurried(log(['prove', '0', '--log', folder]));
    vi.useRealTimers();
    expectError(
      proven,
      'LOG_UNWITNESSED',
      'too few of the witnesses have signed it (missing: one)',
    );
    await grow(folder, 1, 2);
    expect((await mustLog(['show', folder])).stdout).toContain(seen);
  });
});

/** Published alone, then the log was given a witness. */
async function publishedAlone(url?: string): Promise<string> {
  const folder = await newLog(1);
  addWitness(folder, url ?? (await startWitness(folder)));
  return folder;
}

describe('an entry that was published before there was a witness', () => {
  const entry = () => temporaryFile('entry 0');

  it('has no proof until the witness signs', async () => {
    const folder = await publishedAlone();
    const path = join(temporaryFolder(), 'proof');
    const args = ['append', '--log', folder, '--raw', entry(), '--proof', path, '--json'];
    expect(linesOf(await mustLog(args, { fetch }))).toEqual([
      { index: '0', known: true, witnessed: true },
    ]);
    const proof = parseProof(readFileSync(path, 'utf8'));
    const bytes = new TextEncoder().encode('entry 0');
    expect(verifyProof({ proof, entry: bytes, policy: policyOf(folder), at })).toMatchObject({
      kind: 'verified',
      witnessed: true,
    });
  });

  it('and none at all where it is dead', async () => {
    const folder = await publishedAlone(deadUrl);
    hurry();
    const result = await hurried(log(['append', '--log', folder, '--raw', entry()], { fetch }));
    expectError(result, 'LOG_UNWITNESSED', 'recorded as number 0, and not published');
  });

  it('is exported for what it is', async () => {
    const folder = await publishedAlone(deadUrl);
    const files = join(temporaryFolder(), 'files');
    const exported = await mustLog(['export', '--log', folder, files]);
    expect(onOneLine(exported.stdout)).toContain(exportUncosigned);
    const [json] = linesOf(await mustLog(['export', '--log', folder, files, '--json']));
    expect(json).toMatchObject({ witnessed: false });
  });
});

describe('without its witness', () => {
  it('the entry is recorded, no receipt is written, and the same entry again makes it good', async () => {
    const folder = await newLog();
    const witness = await startWitness(folder);
    addWitness(folder, deadUrl);
    const receipt = join(temporaryFolder(), 'receipt.json');
    const args = ['append', '--log', folder, entryFile(activated), '--receipt', receipt];
    hurry();
    const result = await hurried(log(args, { fetch }));
    vi.useRealTimers();
    expectError(result, 'LOG_UNWITNESSED', 'recorded as number 0, and not published');
    expect(() => readFileSync(receipt)).toThrow('ENOENT');
    addWitness(folder, witness);
    const again = await mustLog([...args, '--json'], { fetch });
    expect(linesOf(again)).toEqual([{ index: '0', known: true, witnessed: true }]);
    expect(readFileSync(receipt, 'utf8')).toContain('w1');
  });

  it('the entry is published and proven once the witness is back, by what the message says', async () => {
    const folder = await newLog();
    const witness = await startWitness(folder);
    addWitness(folder, deadUrl);
    hurry();
    const args = ['append', '--log', folder, entryFile(activated)];
    const refused = await hurried(log(args, { fetch }));
    vi.useRealTimers();
    expect(onOneLine(refused.stderr)).toContain('(missing: one)');
    expect(onOneLine(refused.stderr)).toContain(
      `touchstone log prove 0 --log ${folder} --receipt FILE.`,
    );
    addWitness(folder, witness);
    const receipt = join(temporaryFolder(), 'receipt.json');
    const proven = await log(['prove', '0', '--log', folder, '--receipt', receipt], { fetch });
    expect(proven.exit).toBe(0);
    expect(readFileSync(receipt, 'utf8')).toContain('w1');
  });

  it('Ctrl-C says that the entry is recorded', async () => {
    const folder = await newLog();
    addWitness(folder, deadUrl);
    const interrupt = new AbortController();
    const args = ['append', '--log', folder, entryFile(activated)];
    const running = log(args, { fetch, signal: interrupt.signal });
    await vi.waitFor(
      async () => {
        const [line] = linesOf(await mustLog(['show', folder, '--json']));
        expect(line).toMatchObject({ sequenced: '1' });
      },
      { timeout: 10_000, interval: 50 },
    );
    interrupt.abort();
    expectError(await running, 'INTERRUPTED', 'The entry is recorded as number 0');
  });
});

describe('with a witness that has seen more than the log', () => {
  it('nothing is signed any more', async () => {
    const folder = await newLog();
    const witness = await startWitness(folder);
    addWitness(folder, witness);
    const { cpSync, rmSync } = await import('node:fs');
    const older = join(temporaryFolder(), 'older');
    cpSync(folder, older, { recursive: true });
    await grow(folder, 0, 3);
    rmSync(folder, { recursive: true });
    // The file of what was signed goes back, too: only the witness knows.
    const file = temporaryFile('another entry');
    const result = await log(['append', '--log', older, '--raw', file], { fetch });
    expectError(result, 'LOG_READ_ONLY');
  });
});
