/** Where a check may get the maker's signatures from: options, state folder, network, the person. */

import { TouchstoneError } from '../src/errors/error.ts';
import {
  type Endorsements,
  maxEndorsementsFileBytes,
  parseEndorsements,
} from '../src/evidence/endorsements.ts';
import type { CardFamily } from '../src/families/family.ts';
import { createHttpGet } from '../src/net/http.ts';
import { fill, mayAskMaker, mayAskOther } from '../src/report/texts.ts';
import { createEndorsementCache, type EndorsementCache } from '../src/state/endorsement-cache.ts';
import type { Registry } from '../src/trust/registry.ts';
import type { EndorsementSources } from '../src/verifier/endorse.ts';
import type { Deps } from './deps.ts';
import { readTextFile } from './files.ts';
import { printable } from './ui/printable.ts';

export interface EndorsementOptions {
  readonly attach?: string;
  readonly online?: boolean;
  /** False by --no-input. */
  readonly input?: boolean;
  readonly json?: boolean;
}

/** Long enough for a slow line, short enough to wait for. */
const timeoutMs = 20_000;

/** The answer is a few hundred bytes. */
const maxAnswerBytes = 65_536;

/**
 * @returns the sources for a card of the given family
 * @throws TouchstoneError ENDORSEMENTS_INVALID, UsageError FILE_UNREADABLE, FILE_UNSUITABLE
 */
export async function endorsementSources(
  options: EndorsementOptions,
  registry: Registry,
  deps: Deps,
): Promise<(family: CardFamily) => Omit<EndorsementSources, 'now' | 'onStep'>> {
  const attached = await loadAttached(options.attach, deps);
  const cache = openCache(deps);
  const get = createHttpGet({
    fetch: deps.fetch,
    timeoutMs,
    maxBytes: maxAnswerBytes,
    signal: deps.signal,
  });
  return (family) => ({
    attached,
    cache,
    get,
    registry,
    mayAsk: async (server) => {
      if (options.online === true) return true;
      if (options.attach !== undefined || !isInteractive(options, deps)) return false;
      const params = { maker: registry.maker(family.id) ?? '', host: new URL(server).host };
      const question = registry.namesOwnServer(family.id) ? mayAskOther : mayAskMaker;
      return deps.confirm(printable(fill(question, params)));
    },
  });
}

/** Without a place to keep answers, the maker is asked each time; the verdict is the same. */
function openCache({ stateFolder }: Deps): EndorsementCache {
  try {
    return createEndorsementCache(stateFolder());
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    return { find: async () => undefined, keep: () => Promise.reject(error) };
  }
}

async function loadAttached(
  path: string | undefined,
  deps: Deps,
): Promise<Endorsements | undefined> {
  if (path === undefined) return undefined;
  const text = await readTextFile(path, maxEndorsementsFileBytes, deps);
  return parseEndorsements(text, path);
}

/** Somebody sits there, reads along and can answer: not where the input was read for something else. */
function isInteractive({ json, input }: EndorsementOptions, { stdin, stderr }: Deps): boolean {
  const typed = 'isTTY' in stdin && stdin.isTTY === true && !stdin.destroyed;
  return typed && stderr.isTTY === true && json !== true && input !== false;
}
