/**
 * Makes a fresh clone ready: packages, then the build. Run by `npm run demo`, `npm test` and
 * `npm pack`; does nothing when nothing has changed. Plain JavaScript without packages, because it
 * is what installs them.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quiet = process.argv.includes('--quiet');
const tell = (text) => quiet || process.stderr.write(`${text}\n`);

requireNode();
installPackages();
build();

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Touchstone needs Node.js 20.19 or newer; this is ${process.versions.node}.`,
    'Install a newer one from https://nodejs.org and repeat.',
  );
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.touchstone-packages');
  const wanted = hash([join(root, 'package-lock.json')], process.versions.modules);
  if (read(stamp) === wanted) return;
  tell(
    'Installing packages. The reader driver is compiled on the way, which can take a minute ...',
  );
  const { status, stdout, stderr, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    fail(
      `The packages could not be installed${error === undefined ? '' : `: ${error.message}`}.`,
      'Check the network connection to the npm registry, and repeat.',
    );
  }
  writeFileSync(stamp, wanted);
  if (!existsSync(join(root, 'node_modules', 'nfc-pcsc'))) {
    tell('Without the reader driver (it needs a C++ toolchain, and on Linux libpcsclite-dev):');
    tell(
      'everything but real readers works. On Debian: apt-get install build-essential libpcsclite-dev',
    );
  }
}

function build() {
  const stamp = join(root, 'dist', '.touchstone-build');
  const sources = ['src', 'server', 'cli', 'bench'].flatMap((folder) =>
    filesBelow(join(root, folder)),
  );
  const configs = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];
  const wanted = hash([...sources, ...configs.map((name) => join(root, name))], '');
  if (read(stamp) === wanted) return;
  tell('Building ...');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail('The build failed.', 'Correct what is said above, and repeat.');
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, wanted);
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function hash(files, more) {
  const sum = createHash('sha256').update(more);
  for (const file of files) sum.update(file).update('\0').update(readFileSync(file));
  return sum.digest('hex');
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function fail(what, todo) {
  process.stderr.write(`${what}\n${todo}\n`);
  process.exit(1);
}
