/** What `npm publish` would hand out, installed and used as a stranger would. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runBuilt } from './support/built-cli.ts';
import { repositoryFile, savedEvidence, temporaryFolder } from './support/cli.ts';
import { describeWith } from './support/requirements.ts';

const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(repositoryFile('package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'touchstone-package-'));
const tarball = join(folder, `touchstone-${manifest.version}.tgz`);
let packed: readonly string[] = [];

beforeAll(async () => {
  // Without scripts: a build here would pull dist from under tests that run at the same time.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: repositoryFile('.') });
  const [report] = JSON.parse(stdout);
  packed = report.files.map(({ path }: { path: string }) => path);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('holds what the program needs', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'SECURITY.md',
        'dist/cli/touchstone.js',
        'dist/src/reader/pcsc/child.js',
        'certs/registry.json',
        'certs/demo/registry.json',
        'docs/errors.md',
      ]),
    );
  });

  test('holds nothing else: no tests, vectors, sources, benchmarks, settings', () => {
    const wanted = [
      /^(package\.json|README\.md|LICENSE|ARCHITECTURE\.md|CHANGELOG\.md|SECURITY\.md)$/,
      /^dist\/(cli|src)\/[a-z0-9/-]+(\.js|\.d\.ts)$/,
      /^(certs|docs)\/[A-Za-z0-9/-]+\.(json|md)$/,
    ];
    const unwanted = packed.filter((path) => !wanted.some((form) => form.test(path)));
    expect(unwanted).toEqual([]);
    expect(packed.filter((path) => /\b(tests?|vectors?|bench)\b|\.test\./i.test(path))).toEqual([]);
  });

  test('pins each of its dependencies to one version', () => {
    for (const version of Object.values(manifest.dependencies)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});

/** Asks for a package that is installed anyway, by the ordinary client. */
async function registryMissing(): Promise<string | undefined> {
  if (process.platform === 'win32') return 'the paths of an installation are those of POSIX here';
  const args = ['view', `commander@${manifest.dependencies.commander}`, 'version', '--json'];
  try {
    await run('npm', [...args, '--fetch-retries=0'], { cwd: tmpdir(), timeout: 20_000 });
    return undefined;
  } catch {
    return 'the npm registry cannot be reached';
  }
}

await describeWith('registry', registryMissing, 'the installed package', () => {
  const prefix = join(folder, 'prefix');
  const installed = join(prefix, 'lib', 'node_modules', 'touchstone');
  const touchstone = (args: readonly string[]) =>
    runBuilt(args, { program: [join(prefix, 'bin', 'touchstone')], cwd: temporaryFolder() });

  // The driver of the readers may be compiled on the way.
  beforeAll(async () => {
    await run('npm', ['install', '--global', '--prefix', prefix, '--no-audit', tarball], {
      cwd: tmpdir(),
    });
  }, 300_000);

  test('tells its version', async () => {
    const { exit, stdout, stderr } = await touchstone(['--version']);
    expect([exit, stdout, stderr]).toEqual([0, `${manifest.version}\n`, '']);
  });

  test('runs the demo from an unrelated folder', async () => {
    const { exit, stdout } = await touchstone(['demo']);
    expect(exit).toBe(0);
    expect(stdout).toContain('Next: `touchstone readers`');
  });

  test('judges saved evidence from an unrelated folder', async () => {
    const registry = join(installed, 'certs', 'demo', 'registry.json');
    const path = await savedEvidence();
    const trusting = await touchstone(['verify', '--registry', registry, '--evidence', path]);
    expect(trusting.exit).toBe(3);
    expect(trusting.stdout).toContain('\nGENUINE WITH WARNINGS\n');
    const strict = await touchstone(['verify', '--evidence', path]);
    expect(strict.exit).toBe(5);
    expect(strict.stdout).toMatch(/^NOT GENUINE: STOP\n/);
  });

  test('finds out that no PC/SC service runs, or lists what it sees', async () => {
    const { exit, stderr } = await touchstone(['readers']);
    expect([0, 7]).toContain(exit);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
