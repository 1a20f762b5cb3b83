/** `touchstone log history`: what a log holds about one card, and what its silence is worth. */
import { type CardHistory, cardHistory, otherOwners } from '../../src/activation/history.ts';
import { maxReceiptBytes, parseReceipt } from '../../src/activation/receipt.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { LogError, UsageError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { scanHistory } from '../../src/log/history.ts';
import { fill } from '../../src/report/texts.ts';
import { absenceTexts, ownRecordAbsence, unwitnessedNote } from '../../src/report/texts-log.ts';
import { historyTexts, setAsideTexts } from '../../src/report/texts-log-screen.ts';
import { findOwner } from '../../src/state/owner.ts';
import type { Deps } from '../deps.ts';
import { readTextFile } from '../files.ts';
import { cardSentence, short } from '../ui/entry-sentences.ts';
import { jsonLine, printable } from '../ui/printable.ts';
import { type ScreenOptions, styleFor, wrap } from '../ui/style.ts';
import { cardKeyOf } from './card-key.ts';
import { type Place, type PlaceOptions, problemOf, withPlace } from './place.ts';
import { refusalError } from './published.ts';

/** A card index key, as an entry writes it. */
const indexKeyForm = /^[0-9a-f]{64}$/i;

/** @param card a receipt about the card, or its index key in hex */
export async function showHistory(
  card: string,
  options: ScreenOptions & PlaceOptions,
  deps: Deps,
): Promise<Exit> {
  const keyHex = indexKeyForm.test(card) ? card.toLowerCase() : await keyOfReceipt(card, deps);
  const owner = await findOwner(deps.stateFolder());
  return withPlace(undefined, options, deps, async (place) => {
    const history = await historyOf(place, keyHex, deps);
    const others = otherOwners(history, owner?.hashHex);
    const exit = others.length > 0 ? Exit.stop : Exit.genuine;
    const silence =
      others.length > 0
        ? undefined
        : place.kind === 'log'
          ? ownRecordAbsence
          : absenceTexts[history.absence];
    if (options.json) {
      deps.stdout.write(jsonLine(historyJson(keyHex, history, others.length, exit)));
      return exit;
    }
    const { width, plain } = styleFor(deps.stdout, deps, options);
    const [headline = '', ...lines] = sentences(keyHex, history, others.length, silence);
    const shown = plain
      ? [`result: ${printable(headline)}`, ...lines.map((line) => `note: ${printable(line)}`)]
      : [
          wrap(printable(headline), width, ''),
          ...lines.map((line) => wrap(printable(line), width, '  ')),
        ];
    deps.stdout.write(`${shown.join('\n')}\n`);
    return exit;
  });
}

async function keyOfReceipt(path: string, deps: Deps): Promise<string> {
  if (/^[0-9a-f]{8,}$/i.test(path)) {
    throw new UsageError(
      'USAGE',
      'The key of a card in a log has 64 hex digits; --json shows it. Or give a receipt of the card.',
    );
  }
  const { entry } = parseReceipt(await readTextFile(path, maxReceiptBytes, deps));
  if (entry.kind === 'card') return entry.card.key;
  throw new UsageError('USAGE', 'This receipt is about no card.');
}

/** Verified as a stranger would. */
async function historyOf(
  place: Place,
  keyHex: string,
  { now, signal }: Deps,
): Promise<CardHistory> {
  if (place.kind === 'export') {
    throw new LogError(
      'LOG_UNSUITABLE',
      'Cards are looked up in a log or a copy: import it first.',
    );
  }
  const { store, policy, source } = place;
  const problem = await problemOf(place);
  // Rows that are known to be older than the log must not deny what it holds.
  if (problem !== undefined) throw problem;
  const published = await store.published();
  if (published === undefined) {
    throw new LogError('LOG_UNSUITABLE', `${place.source.place} has published nothing yet.`);
  }
  const indexKey = fromHex(keyHex);
  const result = cardHistory({
    indexKey,
    entries: await scanHistory(source, published, (entry) => cardKeyOf(entry) === keyHex, signal),
    checkpoint: published.note,
    scanned: published,
    policy,
    at: BigInt(Math.floor(now() / 1000)),
  });
  if (result.kind === 'verified') return result;
  throw refusalError(
    result.why,
    `What the log holds about this card does not hold: ${result.detail}.`,
  );
}

function sentences(
  keyHex: string,
  { items, setAside, checkpoint, witnessed }: CardHistory,
  others: number,
  silence: string | undefined,
): string[] {
  const params = {
    origin: checkpoint.origin,
    card: short(keyHex),
    count: items.length === 1 ? '1 entry' : `${items.length} entries`,
  };
  // To have been seen under a key is less than to have been taken over.
  const isTaken = items.some(({ entry }) => entry.type !== 'observed');
  const which = others > 0 ? (isTaken ? 'others' : 'seen') : items.length > 0 ? 'some' : 'none';
  return [
    fill(historyTexts[which], params),
    ...items.map(({ index, entry }) =>
      fill(historyTexts.item, {
        index: `${index}`,
        hour: entry.hour,
        sentence: cardSentence(entry),
      }),
    ),
    ...setAside.map(({ index, why }) =>
      fill(historyTexts.setAside, { index: `${index}`, why: setAsideTexts[why] }),
    ),
    ...(silence === undefined ? [] : [silence]),
    ...(witnessed ? [] : [unwitnessedNote]),
  ];
}

function historyJson(
  keyHex: string,
  { items, setAside, checkpoint, witnessed, absence }: CardHistory,
  others: number,
  exit: Exit,
) {
  return {
    card: keyHex,
    origin: checkpoint.origin,
    size: `${checkpoint.size}`,
    witnessed,
    absence,
    otherOwners: others,
    entries: items.map(({ index, entry }) => ({ index: `${index}`, entry })),
    setAside: setAside.map(({ index, why }) => ({ index: `${index}`, why })),
    exit,
  };
}
