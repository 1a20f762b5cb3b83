/** What `npm publish` would hand out, installed and used as a stranger would. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
        'dist/src/index.js',
        'dist/src/index.d.ts',
        'docs/examples/check-card.mjs',
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
      /^dist\/(cli|server|src)\/[a-z0-9/-]+(\.js|\.d\.ts)$/,
      /^(certs|docs)\/[A-Za-z0-9/-]+\.(json|md)$/,
      /^docs\/examples\/[a-z0-9-]+\.mjs$/,
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

  test('is a library by its name: from saved evidence to a verdict', async () => {
    const program = `
      import { appraise, families, interview, parseEvidence, parseRegistryLayer, prove, Registry }
        from 'touchstone';
      import { readFileSync } from 'node:fs';
      const read = (name) => readFileSync(new URL(import.meta.resolve(name)), 'utf8');
      const registry = new Registry([
        parseRegistryLayer(read('touchstone/registry.json'), 'pinned', 'built-in'),
        parseRegistryLayer(read('touchstone/demo-registry.json'), 'overlay', 'demo'),
      ]);
      const proof = prove(parseEvidence(readFileSync(process.argv[2], 'utf8')));
      const policy = { freshness: 'self', expectNew: true, log: 'not-consulted' };
      const { word, row } = appraise(proof, registry, policy, Date.now());
      console.log(word, row, typeof interview, families.length > 0);
    `;
    const path = stranger('library.mjs', program);
    const { exit, stdout, stderr } = await node(path, await savedEvidence());
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toBe('genuine with warnings recorded function true\n');
  });

  test('hides its inner rooms', async () => {
    const path = stranger('inner.mjs', "await import('touchstone/dist/src/trust/registry.js');");
    const { exit, stderr } = await node(path);
    expect(exit).toBe(1);
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test('runs its example on saved evidence, with the demo registry and without', async () => {
    const example = join(installed, 'docs', 'examples', 'check-card.mjs');
    const path = await savedEvidence();
    const demo = join(installed, 'certs', 'demo', 'registry.json');
    const trusting = await node(example, path, demo);
    expect([trusting.exit, trusting.stderr]).toEqual([3, '']);
    expect(trusting.stdout).toMatch(/^GENUINE WITH WARNINGS \(recorded\), advice: care\n/);
    expect(trusting.stdout).toContain('\n  model: affirmed, model-overlay\n');
    const strict = await node(example, path);
    expect([strict.exit, strict.stderr]).toEqual([5, '']);
    expect(strict.stdout).toMatch(/^NOT GENUINE \(foreign-root\), advice: stop\n/);
  });

  test.each([
    [
      'what it gives',
      'const evidence: CardEvidence | undefined = await interview(card, options);',
      '',
    ],
    [
      'and refuses what it does not take',
      "const evidence = await interview(card, { ...options, nonce: 'no bytes' });",
      'TS2322',
    ],
  ])('has types: %s', async (_, line, error) => {
    const path = stranger(
      'consumer.ts',
      `import { type Card, type CardEvidence, interview, type InterviewOptions } from 'touchstone';
       export async function ask(card: Card, options: InterviewOptions) {
         ${line} return evidence; }`,
    );
    const settings = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext'];
    const types = ['--types', 'node', '--typeRoots', repositoryFile('node_modules/@types')];
    const args = [...settings, ...types, '--pretty', 'false', path];
    const tsc = repositoryFile('node_modules/typescript/bin/tsc');
    const { exit, stdout } = await runBuilt(args, { program: [process.execPath, tsc] });
    if (error === '') expect([exit, stdout]).toEqual([0, '']);
    else expect(stdout).toContain(error);
  });

  /** A file of somebody who has installed the package. */
  function stranger(name: string, text: string): string {
    const path = join(prefix, 'lib', name);
    writeFileSync(path, text);
    return path;
  }

  function node(...args: [string, ...string[]]) {
    return runBuilt(args, { program: [process.execPath], cwd: temporaryFolder() });
  }
});
