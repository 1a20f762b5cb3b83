/** `touchstone log show`: what a log is, how large, and who stands behind it. */
import { encodeBase64 } from '../../src/bytes/base64.ts';
import { LogError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { fill } from '../../src/report/texts.ts';
import { unwitnessedNote, witnessedText } from '../../src/report/texts-log.ts';
import { modeTexts, placeTexts } from '../../src/report/texts-log-screen.ts';
import { encodeKey } from '../../src/tlog/key.ts';
import { isWitnessed } from '../../src/tlog/policy.ts';
import type { VerifiedCheckpoint } from '../../src/tlog/witnessed.ts';
import type { Deps } from '../deps.ts';
import { renderFacts } from '../ui/facts.ts';
import { jsonLine } from '../ui/printable.ts';
import { type ScreenOptions, styleFor } from '../ui/style.ts';
import {
  type Place,
  type PlaceOptions,
  problemOf,
  readOnlyText,
  requirePolicy,
  withPlace,
} from './place.ts';
import { publishedOf } from './published.ts';
import { isoOf } from './time.ts';

export async function showLog(
  where: string | undefined,
  options: ScreenOptions & PlaceOptions,
  deps: Deps,
): Promise<Exit> {
  return withPlace(where, options, deps, async (place) => {
    const checkpoint = await publishedOf(place, deps);
    const sizes = await sizesOf(place, checkpoint);
    const problem = await problemOf(place);
    const policy = requirePolicy(place);
    const { origin, key } = await logOf(place, checkpoint);
    const exit = problem === undefined ? Exit.genuine : Exit.remote;
    const cosigned = checkpoint?.cosignatures ?? [];
    if (options.json) {
      const root = checkpoint && encodeBase64(checkpoint.checkpoint.root);
      deps.stdout.write(
        jsonLine({
          kind: place.kind,
          place: place.source.place,
          origin,
          key,
          ...Object.fromEntries(sizes.map(([name, size]) => [name.toLowerCase(), size.toString()])),
          root: root ?? null,
          witnessed: isWitnessed(policy),
          cosignatures: cosigned.map(({ name, time }) => ({ name, time: isoOf(time) })),
          mode: problem === undefined ? (place.kind === 'log' ? 'writable' : 'copy') : 'read-only',
          problem: problem?.message ?? null,
          exit,
        }),
      );
      return exit;
    }
    const facts: (readonly [string, string])[] = [
      ['Place', place.source.place],
      ['Key', key],
      ...sizes.map(([name, size]) => [name, size.toString()] as const),
    ];
    if (checkpoint !== undefined) facts.push(['Root', encodeBase64(checkpoint.checkpoint.root)]);
    const notes = [
      ...(isWitnessed(policy)
        ? cosigned.map(({ name, time }) => fill(witnessedText, { name, time: isoOf(time) }))
        : [unwitnessedNote]),
      ...(problem !== undefined
        ? [readOnlyText(problem)]
        : place.kind === 'log'
          ? [modeTexts.writable]
          : []),
    ];
    const headline = fill(placeTexts[place.kind], { origin });
    deps.stdout.write(
      renderFacts({ headline, facts, notes }, styleFor(deps.stdout, deps, options)),
    );
    return exit;
  });
}

async function sizesOf(
  place: Place,
  checkpoint: VerifiedCheckpoint | undefined,
): Promise<(readonly [name: string, size: bigint])[]> {
  const published = ['Published', checkpoint?.checkpoint.size ?? 0n] as const;
  if (place.kind === 'export') return [published];
  const { store } = place;
  return [
    ['Sequenced', await store.sequenced()],
    ['Integrated', (await store.head()).size],
    ['Signed', (await store.latestSigned())?.size ?? 0n],
    published,
  ];
}

/** @throws LogError LOG_UNSUITABLE when the policy is of another log */
async function logOf(
  place: Place,
  checkpoint: VerifiedCheckpoint | undefined,
): Promise<{ readonly origin: string; readonly key: string }> {
  const { logs } = requirePolicy(place);
  if (place.kind === 'export') {
    const [first] = logs;
    const key = checkpoint?.log ?? first?.key;
    return {
      origin: checkpoint?.checkpoint.origin ?? first?.origin ?? '',
      key: key === undefined ? '' : encodeKey(key),
    };
  }
  const own = await place.store.identity();
  if (logs.some(({ origin, key }) => origin === own.origin && encodeKey(key) === own.key))
    return own;
  throw new LogError(
    'LOG_UNSUITABLE',
    `The policy does not name the log of ${place.source.place}, whose origin is ${own.origin}.`,
  );
}
