/** What there is to say about one receipt, for screen and JSON alike. */

import { provenIndexKey } from '../activation/card-entry.ts';
import type { CardEntry, Entry } from '../activation/entry-schema.ts';
import { type ReceiptResult, receiptSteps } from '../activation/receipt.ts';
import type { Verdict } from '../appraisal/appraise.ts';
import { toHex } from '../bytes/hex.ts';
import type { Json } from '../bytes/json.ts';
import { Exit, worstExit } from '../errors/exit.ts';
import { fill, wordTexts } from './texts.ts';
import {
  type changedTexts,
  declaredHeadlines,
  receiptFaultTexts,
  receiptHeadlines,
  receiptTodo,
  receiptWords,
  tapTexts,
  tapTodo,
  tapWords,
} from './texts-log.ts';
import { rowSentences } from './verdict-json.ts';

/** The card on the reader, held against the one of a receipt. */
export type Comparison =
  | { readonly kind: 'same'; readonly verdict: Verdict; readonly changes: readonly Change[] }
  | { readonly kind: 'other'; readonly verdict: Verdict; readonly keyHex: string }
  /** The card did not prove itself: it may be that one, or not. */
  | { readonly kind: 'unproven'; readonly verdict: Verdict }
  /** It did, and has no key of its own. */
  | { readonly kind: 'unkeyed'; readonly verdict: Verdict }
  /** The receipt is about no card. */
  | { readonly kind: 'no-card' };

/** What the card shows otherwise than the entry says. */
export interface Change {
  readonly what: keyof typeof changedTexts;
  readonly before: string;
  readonly now: string;
}

export interface ReceiptReport {
  readonly result: ReceiptResult;
  /** True when the policy is that of this computer's own log. */
  readonly ownRecord: boolean;
  /** Where a card was asked for. Of a receipt that does not hold, nothing is compared. */
  readonly comparison?: Comparison | undefined;
}

/** Holds the verdict on a card against the entry of a receipt. */
export function compareCard(entry: CardEntry, verdict: Verdict): Comparison {
  const proven = provenIndexKey(verdict);
  if (proven.kind === 'none') {
    const unkeyed = verdict.word === 'genuine' || verdict.word === 'genuine with warnings';
    return { kind: unkeyed ? 'unkeyed' : 'unproven', verdict };
  }
  const { keyHex } = proven;
  return keyHex === entry.card.key
    ? { kind: 'same', verdict, changes: changesSince(entry, verdict) }
    : { kind: 'other', verdict, keyHex };
}

function changesSince(entry: CardEntry, { firmware, usage, proof }: Verdict): readonly Change[] {
  if (!('word' in entry)) return [];
  const pairs = [
    ['usage', entry.usage?.state, usage?.value],
    ['firmware', entry.firmware?.id, firmware?.value],
    ['product', entry.product, proof.product?.value],
    ['family', entry.card.family, proof.family],
  ] as const;
  return pairs.flatMap(([what, before, now]) =>
    before === undefined || now === undefined || before === now ? [] : [{ what, before, now }],
  );
}

/** The exit code of the report: the worst of receipt and comparison. */
export function receiptExit({ result, comparison }: ReceiptReport): Exit {
  if (result.kind === 'refused') return Exit.remote;
  const own = worstExit([
    result.witnessed ? Exit.genuine : Exit.warnings,
    declaredExit(result.entry),
  ]);
  return comparison === undefined ? own : worstExit([own, comparisonExit(comparison)]);
}

/** A card that its owner gave up or complains about is not one to go on with unasked. */
function declaredExit(entry: Entry): Exit {
  if (entry.kind !== 'card') return Exit.genuine;
  if (entry.type === 'disputed') return Exit.stop;
  return entry.type === 'retired' ? Exit.warnings : Exit.genuine;
}

function comparisonExit(comparison: Comparison): Exit {
  switch (comparison.kind) {
    case 'same':
      // It is that card; where its own check says to stop, nobody may go on.
      if (comparison.verdict.exit === Exit.stop) return Exit.stop;
      return comparison.changes.length > 0 || comparison.verdict.exit === Exit.warnings
        ? Exit.warnings
        : Exit.genuine;
    case 'other':
      return Exit.stop;
    case 'unproven':
      return comparison.verdict.exit;
    case 'unkeyed':
    case 'no-card':
      return Exit.notDecided;
  }
}

export interface ReceiptSentences {
  /** Of the card on the reader, where one was compared: nobody may read "holds" and miss that. */
  readonly word: string;
  readonly headline: string;
  readonly todo: string;
}

export function receiptSentences({ result, comparison }: ReceiptReport): ReceiptSentences {
  if (result.kind === 'refused') {
    const headline = receiptFaultTexts[result.why];
    const todo = receiptTodo[result.why === 'quorum-missing' ? result.why : 'refused'];
    return { word: receiptWords.refused, headline, todo };
  }
  const standing = result.witnessed ? 'verified' : 'unwitnessed';
  const { entry, checkpoint } = result;
  const declared =
    entry.kind === 'card' && (entry.type === 'retired' || entry.type === 'disputed')
      ? `${declaredHeadlines[entry.type]} `
      : '';
  const headline = `${declared}${fill(receiptHeadlines[standing], { origin: checkpoint.origin })}`;
  if (comparison === undefined) {
    return { word: receiptWords[standing], headline, todo: receiptTodo[standing] };
  }
  const { said, todo } = comparedSentences(comparison);
  return {
    word: tapWords[comparison.kind],
    headline: `${said} ${headline}`,
    todo: todo === '' ? receiptTodo[standing] : todo,
  };
}

/** One receipt for machines, `touchstone.receipt-result/1`. Sizes and indexes are decimal strings. */
export function receiptJson(report: ReceiptReport, file: string, exit: Exit): Json {
  const { result, ownRecord, comparison } = report;
  const { headline, todo } = receiptSentences(report);
  const { entry, steps } = result;
  const held = result.kind === 'verified' ? result : undefined;
  return {
    touchstone: {
      schema: 'touchstone.receipt-result/1',
      demo: isDemo(report),
      file,
      result: result.kind,
      reason: result.kind === 'refused' ? result.why : null,
      detail: result.kind === 'refused' ? result.detail : null,
      headline,
      todo,
      exit,
      steps: receiptSteps.map((step) => ({ step, result: steps[step] })),
      entry: JSON.parse(JSON.stringify(entry)),
      log: held === undefined ? null : logJson(held, ownRecord),
      card:
        comparison === undefined
          ? null
          : {
              result: comparison.kind,
              verdict: comparison.kind === 'no-card' ? null : comparison.verdict.word,
              reason: comparison.kind === 'no-card' ? null : comparison.verdict.row,
              key: comparison.kind === 'other' ? comparison.keyHex : null,
              changes:
                comparison.kind === 'same'
                  ? comparison.changes.map((change) => ({ ...change }))
                  : [],
            },
    },
  };
}

/** True where any key that is not secret took part. */
export function isDemo({ result, comparison }: ReceiptReport): boolean {
  const compared = comparison !== undefined && comparison.kind !== 'no-card';
  return result.entry.demo === true || (compared && comparison.verdict.demo);
}

/** POSIX seconds as ISO 8601, UTC. */
export function timeOf(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

function comparedSentences(comparison: Comparison): { said: string; todo: string } {
  const { kind } = comparison;
  if (kind !== 'unproven') return { said: tapTexts[kind], todo: tapTodo[kind] };
  const { headline, todo } = rowSentences(comparison.verdict);
  const params = { word: wordTexts[comparison.verdict.word], headline, todo };
  return { said: fill(tapTexts[kind], params), todo: fill(tapTodo[kind], params) };
}

function logJson(
  {
    checkpoint,
    index,
    witnessed,
    cosignatures,
  }: Extract<ReceiptResult, { readonly kind: 'verified' }>,
  ownRecord: boolean,
): Json {
  return {
    origin: checkpoint.origin,
    ownRecord,
    index: `${index}`,
    size: `${checkpoint.size}`,
    root: toHex(checkpoint.root),
    witnessed,
    cosignatures: cosignatures.map(({ name, time }) => ({ name, time: timeOf(time) })),
  };
}
