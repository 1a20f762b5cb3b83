/**
 * A receipt for a person. Always in this order: the word and a sentence, of the card on the reader where one
 * was compared; what the entry says; what was proven; what was not checked; what to do.
 */
import { receiptSteps } from '../../src/activation/receipt.ts';
import { Exit } from '../../src/errors/exit.ts';
import {
  isDemo,
  type ReceiptReport,
  receiptExit,
  receiptSentences,
  timeOf,
} from '../../src/report/receipt-report.ts';
import { demoNote, fill, stopTitle, wordTexts } from '../../src/report/texts.ts';
import {
  changedTexts,
  comparedVerdict,
  evidenceNotInside,
  laterEntriesNote,
  ownRecordNote,
  receiptNeverChecked,
  receiptSkippedTexts,
  receiptStepTexts,
  unwitnessedNote,
  witnessedText,
} from '../../src/report/texts-log.ts';
import { entrySentences, isSigned } from './entry-sentences.ts';
import { printable } from './printable.ts';
import { type Style, wrap } from './style.ts';

type Mark = keyof Style['symbols'];

interface Line {
  readonly mark: Mark;
  readonly text: string;
}

interface Section {
  readonly title: string;
  /** What each of its lines begins with in plain mode. */
  readonly tag: string;
  readonly lines: readonly Line[];
}

export function renderReceipt(report: ReceiptReport, style: Style): string {
  const { word, headline, todo } = receiptSentences(report);
  const exit = receiptExit(report);
  const stop = exit === Exit.stop || exit === Exit.notGenuine;
  const title = stop ? fill(stopTitle, { word }) : word;
  const sections = sectionsOf(report).filter(({ lines }) => lines.length > 0);
  if (style.plain) {
    return [
      ...(isDemo(report) ? [demoNote] : []),
      `receipt: ${title}`,
      `meaning: ${printable(headline)}`,
      ...sections.flatMap(({ tag, lines }) =>
        lines.map(({ text }) => `${tag}: ${printable(text)}`),
      ),
      `do: ${printable(todo)}`,
      '',
    ].join('\n');
  }
  const { colors, symbols, width } = style;
  const paintMark = { ok: colors.green, warn: colors.yellow, bad: colors.red, skip: colors.dim };
  const bad = stop || report.result.kind === 'refused';
  const paint = bad ? colors.red : exit === Exit.genuine ? colors.green : colors.yellow;
  const blocks = [
    ...(isDemo(report) ? [colors.bold(wrap(demoNote, width, ''))] : []),
    `${colors.bold(paint(title))}\n${wrap(printable(headline), width, '')}`,
    ...sections.map((section) => {
      const items = section.lines.map(({ mark, text }) => {
        const symbol = symbols[mark];
        return wrap(printable(text), width, `  ${symbol} `).replace(symbol, () =>
          paintMark[mark](symbol),
        );
      });
      return [colors.bold(section.title), ...items].join('\n');
    }),
    `${colors.bold('What to do')}\n${wrap(printable(todo), width, '  ')}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function sectionsOf(report: ReceiptReport): readonly Section[] {
  const { result } = report;
  const verified = result.kind === 'verified';
  return [
    { title: 'What is wrong', tag: 'wrong', lines: wrongLines(report) },
    { title: 'The card on the reader', tag: 'card', lines: cardLines(report) },
    {
      title: verified ? 'The entry says' : 'What the entry would say',
      tag: verified ? 'entry' : 'would say',
      lines: entrySentences(result.entry).map((text) => ({ mark: 'skip', text })),
    },
    { title: 'Proven', tag: 'proven', lines: provenLines(report) },
    { title: 'Witnesses', tag: 'witness', lines: witnessLines(report) },
    { title: 'Not checked', tag: 'not checked', lines: uncheckedLines(report) },
  ];
}

function wrongLines({ result }: ReceiptReport): readonly Line[] {
  return result.kind === 'verified' ? [] : [{ mark: 'bad', text: `${result.detail}.` }];
}

/** Where it could not be compared, the headline has said why. */
function cardLines({ comparison }: ReceiptReport): readonly Line[] {
  if (comparison?.kind !== 'same' && comparison?.kind !== 'other') return [];
  const { word, exit } = comparison.verdict;
  const mark = exit === Exit.genuine ? 'ok' : 'warn';
  const changes = comparison.kind === 'same' ? comparison.changes : [];
  return [
    { mark, text: fill(comparedVerdict, { word: wordTexts[word] }) },
    ...changes.map(({ what, before, now }) => ({
      mark: 'warn' as const,
      text: fill(changedTexts[what], { before, now }),
    })),
  ];
}

function provenLines({ result }: ReceiptReport): readonly Line[] {
  const { steps, entry } = result;
  const verified = result.kind === 'verified' ? result : undefined;
  const place = { index: `${verified?.index}`, size: `${verified?.checkpoint.size}` };
  return receiptSteps
    .filter((step) => steps[step] === 'held')
    .filter((step) => step !== 'entry' || isSigned(entry))
    .map((step) => ({ mark: 'ok', text: fill(receiptStepTexts[step], place) }));
}

function witnessLines({ result, ownRecord }: ReceiptReport): readonly Line[] {
  if (result.kind === 'refused') return [];
  return [
    ...(result.witnessed ? [] : [{ mark: 'warn', text: unwitnessedNote } as const]),
    ...(ownRecord ? [{ mark: 'warn', text: ownRecordNote } as const] : []),
    ...result.cosignatures.map(({ name, time }) => ({
      mark: 'ok' as const,
      text: fill(witnessedText, { name, time: timeOf(time) }),
    })),
  ];
}

function uncheckedLines({ result, comparison }: ReceiptReport): readonly Line[] {
  const { steps, entry } = result;
  const ofCard = result.kind === 'verified' && entry.kind === 'card';
  const skipped = receiptSteps.filter((step) => steps[step] === 'not-checked');
  const texts = [
    ...skipped.map((step) => receiptSkippedTexts[step]),
    ...(ofCard && 'word' in entry ? [evidenceNotInside] : []),
    ...(ofCard && comparison === undefined ? [receiptNeverChecked] : []),
    ...(ofCard ? [laterEntriesNote] : []),
  ];
  return texts.map((text) => ({ mark: 'skip', text }));
}
