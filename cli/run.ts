/**
 * The command line: commander parses, one file a command acts, ui/ prints. Each action gives back
 * its exit code; nothing below calls process.exit.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { TouchstoneError, UsageError } from '../src/errors/error.ts';
import { Exit } from '../src/errors/exit.ts';
import type { Deps } from './deps.ts';
import { packageVersion } from './package.ts';
import { printError } from './ui/error.ts';

/**
 * Runs one command.
 *
 * @param args the words after the program's name
 * @returns the exit code; see src/errors/exit.ts
 */
export async function run(args: readonly string[], deps: Deps): Promise<Exit> {
  let exit: Exit = Exit.internal;
  const program = buildProgram(deps, (code) => {
    exit = code;
  });
  // Ends a wait for standard input; what waits for a card listens by itself.
  const interrupt = () => void deps.stdin.destroy();
  deps.signal.addEventListener('abort', interrupt);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    // Help and version are printed by commander itself and are no errors.
    if (error instanceof CommanderError && error.exitCode === 0) return Exit.genuine;
    if (error instanceof CommanderError && error.code === 'commander.help') return Exit.usage;
    const shown = asShown(error, deps.signal.aborted);
    printError(shown, deps, args.includes('--debug'));
    return shown instanceof TouchstoneError ? shown.entry.exit : Exit.internal;
  } finally {
    deps.signal.removeEventListener('abort', interrupt);
  }
}

/** Errors of commander, and those that Ctrl-C brings about, in our own words. */
function asShown(error: unknown, interrupted: boolean): unknown {
  if (error instanceof TouchstoneError) return error;
  if (interrupted) {
    return new TouchstoneError('INTERRUPTED', 'Interrupted. Nothing was recorded.', {
      cause: error,
    });
  }
  return error instanceof CommanderError ? commandLineError(error) : error;
}

/** "error: unknown option '--x'\n(Did you mean --y?)" as two sentences. */
function commandLineError(error: CommanderError): UsageError {
  const [what = '', hint = ''] = error.message
    .replace(/^error: /, '')
    .split(/\n(?=\(Did you mean )/);
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/\.$/, '')}.`;
  const suggestion = hint.replace(/^\((.*)\)$/s, ' $1');
  return new UsageError('USAGE', `${sentence}${suggestion}`, { cause: error });
}

function buildProgram(deps: Deps, finish: (exit: Exit) => void): Command {
  const program = new Command('touchstone')
    .description('Tells a genuine, untouched NFC card from a substitute.')
    .version(packageVersion(), '-V, --version')
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      // Printed by run, in the form of all errors.
      outputError: () => undefined,
    })
    .exitOverride();
  program.addHelpText('after', exitCodeHelp);

  const verify = program
    .command('verify')
    .description('Check a card on the reader, or evidence that was saved before')
    .option('--reader <name>', 'use the reader whose name contains this')
    .option('--family <id>', 'take the card as one of this family, without finding out')
    .option('--expect <number>', 'the number that the card should have')
    .option('--fresh', 'the card should be new: say so when it is not')
    .option('--registry <file>', 'add a local registry to the built-in one', once)
    .option('--crl <file...>', "ask a maker's revocation lists, too (DER or PEM)")
    .option('--online', "fetch what the card's maker keeps on its server (once a card)")
    .option('--attach <file>', 'take the signatures of the maker from a file instead')
    .option('--no-input', 'never ask anything')
    .option('--pin-stdin', "read your card's code from standard input; it is tried once")
    .option('--save <file>', 'write the evidence to a new file')
    .option('--receipt <file>', 'record the check on this computer, and write a receipt of it')
    .option('--timeout <seconds>', 'wait this long for a card', seconds, 60)
    .option('--allow-warnings', 'exit with 0 for a genuine card with mere warnings')
    .option('--evidence <file...>', 'judge saved evidence instead of a card')
    .option('--url <link>', 'judge the link that a card shows to phones')
    .addHelpText('after', verifyExamples);
  screenOptions(verify).action(async (options) =>
    finish(await (await import('./verify.ts')).verify(options, deps)),
  );

  screenOptions(program.command('readers'))
    .description('List the NFC readers, and say what is missing when there are none')
    .action(async (options) => finish(await (await import('./readers.ts')).readers(options, deps)));

  const evidence = program.command('evidence').description('Look into evidence files');
  screenOptions(evidence.command('show'))
    .description('Explain every exchange of an evidence file in words')
    .argument('<file>', 'an evidence file, - for standard input')
    .action(async (file, options) =>
      finish(await (await import('./evidence.ts')).showEvidence(file, options, deps)),
    );

  const receipt = program.command('receipt').description('Look into receipts of an activation log');
  screenOptions(receipt.command('verify'))
    .description('Check receipts without a network, and with --tap the card against them')
    .argument('<file...>', 'receipts, - for standard input')
    .option('--policy <file>', 'the log and witnesses to trust; left out: the log on this computer')
    .option('--tap', 'is the card on the reader the one of the receipt?')
    .option('--reader <name>', 'with --tap: use the reader whose name contains this')
    .option('--registry <file>', 'with --tap: add a local registry to the built-in one', once)
    .option('--online', "with --tap: fetch what the card's maker keeps on its server")
    .option('--attach <file>', 'with --tap: take the signatures of the maker from a file instead')
    .option('--no-input', 'never ask anything')
    .option(
      '--pin-stdin',
      "with --tap: read your card's code from standard input; it is tried once",
    )
    .option('--timeout <seconds>', 'with --tap: wait this long for a card (60)', seconds)
    .action(async (files, options) =>
      finish(await (await import('./receipt.ts')).verifyReceipts(files, options, deps)),
    );

  logCommands(program, deps, finish);

  program
    .command('witness')
    .description('Cosign the checkpoints of logs, so that none can show two histories')
    .option('--log <vkey...>', 'the verifier keys of the logs')
    .option('--policy <file>', 'take the logs from a policy file instead', once)
    .option('--name <name>', 'the name of a new key, such as example.org/w1')
    .option('--key <file>', 'keep the secret key there (default: witness.key in the data folder)')
    .option('--data <folder>', 'what must never be lost or set back to an older copy')
    .option('--listen <host:port>', 'where logs submit their checkpoints', '127.0.0.1:8377')
    .option('--debug', 'show the technical cause of an error')
    .action(async (options) => finish(await (await import('./witness.ts')).witness(options, deps)));

  program
    .command('simulate')
    .description('Serve a virtual card to a virtual PC/SC reader (vsmartcard-vpcd)')
    .argument('[family]', 'card family, for example coinkite-tap')
    .option('--case <name>', 'which card: see --list', 'genuine')
    .option('--unit <name>', 'give the card the same keys each time')
    .option('--vpcd <host:port>', 'the virtual reader', '127.0.0.1:35963')
    .option('--maker <host:port>', "stand in for the maker's server, too; on this computer only")
    .option('--list', 'list the cards that there are')
    .option('--debug', 'show the technical cause of an error')
    .action(async (family, options) =>
      finish(await (await import('./simulate.ts')).simulate(family, options, deps)),
    );

  screenOptions(program.command('demo'))
    .description('See what Touchstone does, on virtual cards')
    .action(async (options) => finish(await (await import('./demo.ts')).demo(options, deps)));

  return program;
}

function logCommands(program: Command, deps: Deps, finish: (exit: Exit) => void): void {
  const log = program.command('log').description('Keep a log of activations that only grows');
  const logOption = ['--log <folder>', "the log's folder; left out: this computer's own"] as const;
  const policyOption = ['--policy <file>', 'who may sign it, in place of its own policy'] as const;

  screenOptions(log.command('init'))
    .description('Make a new log')
    .option(...logOption)
    .option('--origin <name>', 'its name for ever, such as log.example.org/cards')
    .option('--database <url>', 'keep its rows in PostgreSQL')
    .action(async (options) =>
      finish(await (await import('./log/init.ts')).initLog(options, deps)),
    );
  screenOptions(log.command('show'))
    .description('Say what a log is, how large, and who stands behind it')
    .argument('[place]', 'a folder or a URL; left out: --log')
    .option(...logOption)
    .option(...policyOption)
    .action(async (place, options) =>
      finish(await (await import('./log/show.ts')).showLog(place, options, deps)),
    );
  screenOptions(log.command('append'))
    .description('Record entries, and wait until they are published')
    .argument('[file...]', 'entries, - for standard input')
    .option(...logOption)
    .option('--notice <text>', 'record a notice of who runs the log')
    .option('--raw', 'record any bytes, not only activation entries')
    .option('--receipt <file>', 'write the receipt to a new file')
    .option('--proof <file>', 'write the offline proof to a new file (C2SP tlog-proof)')
    .action(async (files, options) =>
      finish(await (await import('./log/append.ts')).appendToLog(files, options, deps)),
    );
  screenOptions(log.command('prove'))
    .description('Prove that an entry is in the log, or that the log only grew')
    .argument('[index]', 'of the entry, counted from 0')
    .option(...logOption)
    .option(...policyOption)
    .option('--entry <file>', 'find the entry by its bytes instead')
    .option('--consistency <size>', 'prove that this older size is the beginning of the log')
    .option('--out <file>', 'write the proof to a new file, not to standard output')
    .option('--receipt <file>', 'write a receipt to a new file instead')
    .action(async (index, options) =>
      finish(await (await import('./log/prove.ts')).proveFromLog(index, options, deps)),
    );
  screenOptions(log.command('history'))
    .description('Show what the log holds about one card')
    .argument('<card>', 'a receipt about it, or its index key in hex')
    .option(...logOption)
    .option(...policyOption)
    .action(async (card, options) =>
      finish(await (await import('./log/history.ts')).showHistory(card, options, deps)),
    );
  screenOptions(log.command('check'))
    .description('Read all of a log and say whether it adds up')
    .argument('[place]', 'a folder or a URL; left out: --log')
    .option(...logOption)
    .option(...policyOption)
    .action(async (place, options) =>
      finish(await (await import('./log/check.ts')).checkWholeLog(place, options, deps)),
    );
  screenOptions(log.command('export'))
    .description('Write what is published as plain files, for any web server')
    .argument('<folder>', 'a new one, or an earlier export of this log')
    .option(...logOption)
    .action(async (folder, options) =>
      finish(await (await import('./log/transfer.ts')).exportToFolder(folder, options, deps)),
    );
  screenOptions(log.command('import'))
    .description('Make or renew a copy of a log, and verify all of it on the way')
    .argument('<place>', 'plain files in a folder, or a URL')
    .option('--log <folder>', 'folder of the copy')
    .option('--policy <file>', 'who may sign it; needed for a new copy')
    .action(async (place, options) =>
      finish(await (await import('./log/transfer.ts')).importToFolder(place, options, deps)),
    );
}

function screenOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON, one object a line')
    .option('--plain', 'no symbols or colour, one fact a line')
    .option('--no-color', 'no colour')
    .option('--debug', 'show the technical cause of an error');
}

/** A second value would silently take the place of the first: refused. */
function once(value: string, earlier: string | undefined): string {
  if (earlier === undefined) return value;
  throw new InvalidArgumentError('Give it once.');
}

/** Seconds to wait: more than 0, at most a day. */
function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > 86_400) {
    throw new InvalidArgumentError('Give seconds, more than 0 and at most 86400.');
  }
  return value;
}

const exitCodeHelp = `
Exit codes:
  0 genuine                          5 not genuine
  1 internal error                   6 stop, although genuine (not new, refused firmware)
  2 wrong command line or file       7 no reader, no card, card removed, time-out
  3 genuine with warnings            8 log or server not reachable, or wrong; bad proof
  4 not decided                    130 interrupted

Start with: touchstone demo`;

const verifyExamples = `
Examples:
  touchstone verify --fresh                     a card that was sold as new
  touchstone verify --expect BUI6V-4UOGA-3MNXK-75YD2
  touchstone verify --save card.json            keep the evidence
  touchstone verify --evidence card.json        judge it again, any time, anywhere
  touchstone verify --fresh --online            a Tangem card: its maker's signatures are fetched
  touchstone verify --fresh --pin-stdin         a Satochip or SeedKeeper that you gave a PIN

Exit codes: touchstone --help`;
