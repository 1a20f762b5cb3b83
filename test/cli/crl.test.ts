/** `touchstone verify --crl`: revocation lists that the user gives. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parseEvidence, prove } from '../../src/index.ts';
import { satochipDemo } from '../../src/simulator/demo-keys.ts';
import { parseCertificate } from '../../src/trust/x509/certificate.ts';
import {
  certificate,
  keyFrom,
  keyNamed,
  type ListParts,
  revocationList,
} from '../support/certificates.ts';
import {
  demoRegistry,
  expectError,
  runCli,
  type Scene,
  savedEvidence,
  simulated,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';

const key = keyNamed('an issuer');
const list = revocationList({ issuer: 'An Issuer', signer: key, revoked: ['01'] });
const pem = `-----BEGIN X509 CRL-----\n${(
  Buffer.from(list)
    .toString('base64')
    .match(/.{1,64}/g) ?? []
).join('\n')}\n-----END X509 CRL-----\n`;
const der = certificate({ subject: 'a', issuer: 'b', key, signer: key });

const verify = (more: readonly string[], scene: Scene = { card: simulated('genuine') }) =>
  runCli(['verify', ...demoRegistry, '--json', ...more], scene);

/** What is said of lists, each with its code. */
function lists(stdout: string): readonly string[] {
  const { findings } = JSON.parse(stdout).touchstone;
  return findings
    .filter(({ code }: { code: string }) => code.startsWith('lists-'))
    .map(({ code, text }: { code: string; text: string }) => `${code}: ${text}`);
}

const notIts = (given: number) =>
  `lists-not-its-own: Revocation lists: none of those given (${given}) is by an issuer of this card.`;

describe('--crl', () => {
  test.each([
    ['DER', list],
    ['PEM', pem],
  ])(
    'takes a list in %s, and says that it is not by an issuer of this card',
    async (_, content) => {
      const { exit, stdout } = await verify(['--crl', temporaryFile(content, 'list.crl')]);
      expect(exit).toBe(0);
      expect(lists(stdout)).toEqual([notIts(1)]);
    },
  );

  test('says nothing of lists where none are given', async () => {
    const { exit, stdout } = await verify([]);
    expect(exit).toBe(0);
    expect(lists(stdout)).toEqual([]);
  });

  test('takes several', async () => {
    const files = [temporaryFile(list, 'a.crl'), temporaryFile(pem, 'b.pem')];
    for (const args of [['--crl', ...files], files.flatMap((file) => ['--crl', file])]) {
      const { stdout } = await verify(args);
      expect(lists(stdout)).toEqual([notIts(2)]);
    }
  });

  test('is asked of saved evidence as well', async () => {
    const path = await savedEvidence();
    const args = ['--crl', temporaryFile(list, 'list.crl'), '--evidence', path];
    const { exit, stdout } = await verify(args, {});
    expect(exit).toBe(3);
    expect(lists(stdout)).toEqual([notIts(1)]);
  });

  test('does not make a fake better', async () => {
    const args = ['--crl', temporaryFile(list, 'list.crl')];
    expect((await verify(args, { card: simulated('fake-root') })).exit).toBe(5);
  });

  test('reads standard input for "-"', async () => {
    const stdin = Readable.from([Buffer.from(list)]);
    const { exit, stdout } = await verify(['--crl', '-'], { card: simulated('genuine'), stdin });
    expect(exit).toBe(0);
    expect(lists(stdout)).toEqual([notIts(1)]);
  });

  test.each([
    ['two lists', ['--crl', '-', '-']],
    ['a list and the evidence', ['--crl', '-', '--evidence', '-']],
    ['a list and the registry', ['--crl', '-', '--registry', '-']],
    ['a list and the code', ['--crl', '-', '--pin-stdin']],
  ])('does not read standard input for %s', async (_, args) => {
    const result = await runCli(['verify', ...args], { card: simulated('genuine') });
    expectError(result, 'USAGE', 'Standard input can be read once');
    expect(result.requests).toEqual([]);
  });

  test.each([
    ['that is not there', '/no-such-folder/x.crl'],
    ['without a name', ''],
    ['that is a folder', '.'],
  ])('refuses a file %s before it asks for a card', async (_, name) => {
    const path = name === '.' ? temporaryFolder() : name;
    const result = await verify(['--crl', path]);
    expectError(result, 'FILE_UNREADABLE', 'cannot be read');
    expect(result.requests).toEqual([]);
  });

  test.each<[string, string | Uint8Array]>([
    ['text', 'no list'],
    ['empty', ''],
    ['a certificate', der],
    ['cut short', list.subarray(0, -1)],
    ['a byte too long', Uint8Array.of(...list, 0)],
    ['PEM of a certificate', pem.replaceAll('X509 CRL', 'CERTIFICATE')],
    ['PEM cut short', pem.slice(0, 90)],
    ['hostile text', '\u001b[31m'.repeat(50)],
  ])('refuses a file that is %s before it asks for a card', async (_, content) => {
    const result = await verify(['--crl', temporaryFile(content, 'list.crl')]);
    expectError(result, 'FILE_UNSUITABLE', 'cannot be used: it is no revocation list (');
    expect(result.requests).toEqual([]);
  });

  test('refuses a file that is too large', async () => {
    const path = temporaryFile(new Uint8Array(4 * 1024 * 1024 + 1), 'list.crl');
    expectError(await verify(['--crl', path]), 'FILE_UNSUITABLE', 'larger than 4096 KiB');
  });

  test('refuses what standard input holds, too', async () => {
    const stdin = Readable.from(['no list']);
    const result = await verify(['--crl', '-'], { card: simulated('genuine'), stdin });
    expectError(result, 'FILE_UNSUITABLE', 'it is no revocation list');
  });

  test('refuses one bad list among good ones', async () => {
    const files = [temporaryFile(list, 'a.crl'), temporaryFile('no list', 'b.crl')];
    const result = await verify(['--crl', ...files]);
    expectError(result, 'FILE_UNSUITABLE', 'b.crl cannot be used');
  });
});

describe('--crl for a card with certificates', () => {
  /** A saved check of such a card, its certificate, and the row that decides under a list. */
  async function saved() {
    const path = join(temporaryFolder(), 'card.json');
    const card = simulated('genuine', undefined, 'satochip');
    await runCli(['verify', ...demoRegistry, '--save', path], { card });
    const { shown } = prove(parseEvidence(readFileSync(path, 'utf8')));
    const own = parseCertificate(shown?.certificates[0] ?? new Uint8Array());
    const signer = keyFrom(satochipDemo.satodime.privateKey, 'secp256k1');
    const rowUnder = async (revoked: readonly string[], more: Partial<ListParts> = {}) => {
      const bytes = revocationList({ issuer: own.issuer.der, signer, revoked, ...more });
      const args = ['--evidence', path, '--crl', temporaryFile(bytes, 'own.crl')];
      const { exit, stdout } = await verify(args, {});
      return [JSON.parse(stdout).touchstone.reason, exit];
    };
    return { own, rowUnder };
  }

  test('makes it not genuine where it names its certificate, and no other', async () => {
    const { own, rowUnder } = await saved();
    expect(await rowUnder([own.serialHex])).toEqual(['revoked', 5]);
    expect(await rowUnder(['7f'])).toEqual(['recorded', 3]);
  });

  test.each([
    ['is too old', { from: '260901', until: '261101' }],
    ['somebody else signed', { signer: keyNamed('somebody else', 'secp256k1') }],
  ])('decides nothing where the list %s', async (_, more) => {
    const { rowUnder } = await saved();
    expect(await rowUnder([], more)).toEqual(['chain-unchecked', 4]);
  });
});
