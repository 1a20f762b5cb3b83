/** `touchstone log init`: a new log in a folder. */
import { join } from 'node:path';
import { toHex } from '../../src/bytes/hex.ts';
import { UsageError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { createLogFolder, readPolicy } from '../../src/log/folder.ts';
import { fill } from '../../src/report/texts.ts';
import { unwitnessedNote } from '../../src/report/texts-log.ts';
import { initText, initTodo } from '../../src/report/texts-log-screen.ts';
import { makeStateFolder, stateUnusable } from '../../src/state/folder.ts';
import { encodeKey } from '../../src/tlog/key.ts';
import type { Deps } from '../deps.ts';
import { renderFacts } from '../ui/facts.ts';
import { jsonLine } from '../ui/printable.ts';
import { type ScreenOptions, styleFor } from '../ui/style.ts';
import { logFolder, type PlaceOptions } from './place.ts';

export interface InitOptions extends ScreenOptions, PlaceOptions {
  readonly origin?: string;
  readonly database?: string;
}

export async function initLog(options: InitOptions, deps: Deps): Promise<Exit> {
  const folder = logFolder(options, deps);
  const { origin = localOrigin(deps), database } = options;
  checkOrigin(origin);
  if (options.log === undefined) await makeState(deps);
  await createLogFolder({ folder, origin, seed: deps.random(32), database });
  const [log] = (await readPolicy(folder)).logs;
  const key = log === undefined ? '' : encodeKey(log.key);
  const policy = join(folder, 'policy');
  if (options.json) {
    deps.stdout.write(jsonLine({ origin, key, folder, policy, witnessed: false }));
  } else {
    const facts = [
      ['Folder', folder],
      ['Key', key],
      ['Policy', policy],
    ] as const;
    const screen = {
      headline: fill(initText, { origin }),
      facts,
      notes: [unwitnessedNote, initTodo],
    };
    deps.stdout.write(renderFacts(screen, styleFor(deps.stdout, deps, options)));
  }
  return Exit.genuine;
}

/** Makes the state folder, where the log of this computer is. @throws TouchstoneError STATE_UNUSABLE */
export async function makeState(deps: Deps): Promise<void> {
  const folder = deps.stateFolder();
  await makeStateFolder(folder).catch((cause: unknown) => {
    throw stateUnusable(folder, cause);
  });
}

/** The name of a log that only this computer knows. */
export function localOrigin(deps: Pick<Deps, 'random'>): string {
  return `local.touchstone.invalid/${toHex(deps.random(4))}`;
}

/** C2SP tlog-checkpoint, signed-note: it is the name of the key as well. */
function checkOrigin(origin: string): void {
  if (/^[\x21-\x2a\x2c-\x7e]{1,255}$/.test(origin)) return;
  throw new UsageError(
    'USAGE',
    '--origin takes 1 to 255 visible ASCII characters without spaces and "+", such as log.example.org/cards.',
  );
}
