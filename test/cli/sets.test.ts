/** Evidence of the cards of one set, judged together; and what came with it, shown. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSimulatedCard } from '../../src/simulator/index.ts';
import { demoRegistry, runCli, temporaryFolder } from '../support/cli.ts';
import { makerFetch, makerOf } from '../support/maker.ts';
import { seededRandom } from '../support/tap-evidence.ts';

async function saved(caseId: string): Promise<string> {
  const card = createSimulatedCard('tangem', caseId, seededRandom(caseId), 'ada');
  const path = join(temporaryFolder(), `${caseId}.json`);
  const { fetch } = makerFetch(makerOf(card));
  const args = ['verify', ...demoRegistry, '--online', '--save', path];
  await runCli(args, { card, fetch, stateFolder: temporaryFolder() });
  return path;
}

const judge = (paths: readonly string[], ...more: string[]) =>
  runCli(['verify', ...demoRegistry, ...more, '--evidence', ...paths]);

describe('files of one set', () => {
  test('are said to be the whole set, or a part of it', async () => {
    const ids = ['set-primary', 'set-backup-1', 'set-backup-2'];
    const paths = await Promise.all(ids.map(saved));
    const whole = await judge(paths);
    expect(whole.stdout).toMatch(
      /\nSet SET-[0-9a-f]{10}: all 3 of its cards are among these files\.\n$/,
    );
    const part = await judge([paths[0] ?? '', paths[0] ?? '', paths[2] ?? ''], '--plain');
    expect(part.stdout).toMatch(/\nset: Set SET-[0-9a-f]{10}: 2 of its 3 cards are among/);
  });

  test('are not made one by a card that belongs to none', async () => {
    const { stdout } = await judge([await saved('genuine'), await saved('set-up')]);
    expect(stdout).not.toContain('Set SET-');
  });
});

describe('what came with the evidence', () => {
  test('is shown with its source, apart from what the card said', async () => {
    const path = await saved('genuine');
    const { stdout } = await runCli(['evidence', 'show', path, '--plain']);
    expect(
      stdout.match(
        /^Not from the card: tangem-(issuer|manufacturer)-signature, 64 bytes, from http.*$/gm,
      ),
    ).toHaveLength(2);
    const { attachments } = JSON.parse((await runCli(['evidence', 'show', path, '--json'])).stdout);
    expect(attachments.map(({ kind }: { kind: string }) => kind)).toEqual([
      'tangem-issuer-signature',
      'tangem-manufacturer-signature',
    ]);
  });
});
