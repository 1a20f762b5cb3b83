/**
 * The verdict for a person. Always in this order: the word and a sentence; what was proven and what
 * was only said; what a log knows; what was not checked; what to do, and an id to quote.
 */
import type { Verdict } from '../../src/appraisal/appraise.ts';
import { type Finding, isVouched } from '../../src/appraisal/finding.ts';
import type { Word } from '../../src/appraisal/table.ts';
import {
  demoNote,
  fill,
  neverChecked,
  reportedNote,
  stopTitle,
  wordTexts,
} from '../../src/report/texts.ts';
import { findingTexts } from '../../src/report/texts-findings.ts';
import { rowSentences } from '../../src/report/verdict-json.ts';
import { printable } from './printable.ts';
import { type Style, wrap } from './style.ts';

type Mark = keyof Style['symbols'];

interface Section {
  readonly title: string;
  /** What each of its lines begins with in plain mode. */
  readonly tag: string;
  readonly lines: readonly { readonly mark: Mark; readonly text: string }[];
}

/** The screen's content, before it is laid out. */
interface Page {
  readonly demo: boolean;
  readonly verdict: Word;
  readonly stop: boolean;
  /** The word, and STOP where the advice is to stop: nobody may read the word alone. */
  readonly title: string;
  readonly headline: string;
  readonly sections: readonly Section[];
  readonly todo: string;
  readonly id: string | undefined;
}

/** @param id names the evidence for support, where there is any */
export function renderVerdict(verdict: Verdict, id: string | undefined, style: Style): string {
  const { headline, todo } = rowSentences(verdict);
  const word = wordTexts[verdict.word];
  const page: Page = {
    demo: verdict.demo,
    verdict: verdict.word,
    stop: verdict.advice === 'stop',
    title: verdict.advice === 'stop' ? fill(stopTitle, { word }) : word,
    headline: printable(headline),
    sections: sectionsOf(verdict),
    todo: printable(todo),
    id,
  };
  return style.plain ? layOutPlain(page) : layOut(page, style);
}

function sectionsOf(verdict: Verdict): readonly Section[] {
  const { findings } = verdict;
  const notes = findings.filter((finding) => finding.subject === 'note');
  const judged = findings.filter(({ subject }) => subject !== 'log' && subject !== 'note');
  const lines = (mark: Mark, wanted: (finding: Finding) => boolean) =>
    judged.filter(wanted).map((finding) => ({ mark, text: sentence(finding) }));
  const affirmed = (authority: Finding['authority']) => (finding: Finding) =>
    finding.status === 'affirmed' && finding.authority === authority;
  const claims: Section[] =
    verdict.word === 'not genuine'
      ? [
          {
            title: 'What it shows, vouched for by nobody',
            tag: 'shows',
            lines: lines('skip', (f) => f.status === 'affirmed' && f.authority !== undefined),
          },
        ]
      : [
          { title: 'The card proved', tag: 'proved', lines: lines('ok', affirmed('live')) },
          { title: 'The maker signed', tag: 'signed', lines: lines('ok', affirmed('maker')) },
          {
            title: 'The card only says',
            tag: 'says',
            lines: lines(isVouched(verdict.facts) ? 'ok' : 'skip', affirmed('reported')),
          },
        ];
  const sections: Section[] = [
    { title: 'What is wrong', tag: 'wrong', lines: lines('bad', (f) => f.status === 'failed') },
    { title: 'Warnings', tag: 'warning', lines: lines('warn', (f) => f.status === 'warned') },
    ...claims,
    {
      title: 'Good to know',
      tag: 'note',
      lines: notes.map((finding) => ({ mark: 'skip', text: sentence(finding) })),
    },
    { title: 'This check', tag: 'check', lines: lines('ok', affirmed(undefined)) },
    { title: 'The log', tag: 'log', lines: logLines(findings) },
    {
      title: 'Not checked',
      tag: 'not checked',
      lines: [
        ...lines('skip', (f) => f.status === 'skipped'),
        { mark: 'skip', text: neverChecked },
      ],
    },
  ];
  return sections.filter((section) => section.lines.length > 0);
}

function logLines(findings: readonly Finding[]): Section['lines'] {
  const marks = { affirmed: 'ok', warned: 'warn', failed: 'bad', skipped: 'skip' } as const;
  return findings
    .filter((finding) => finding.subject === 'log')
    .map((finding) => ({ mark: marks[finding.status], text: sentence(finding) }));
}

/** A warning about something the card merely says must not sound proven. */
function sentence({ code, params, authority, status, subject }: Finding): string {
  const text = printable(fill(findingTexts[code] ?? code, params));
  const outsideItsSection = status !== 'affirmed' && subject !== 'log' && subject !== 'number';
  return outsideItsSection && authority === 'reported' ? `${text} ${reportedNote}` : text;
}

function layOut(page: Page, style: Style): string {
  const { colors, symbols, width } = style;
  const paint = {
    genuine: colors.green,
    'genuine with warnings': colors.yellow,
    'not genuine': colors.red,
    'not decided': colors.yellow,
  }[page.verdict];
  const paintMark = { ok: colors.green, warn: colors.yellow, bad: colors.red, skip: colors.dim };
  const blocks = [
    ...(page.demo ? [colors.bold(wrap(demoNote, width, ''))] : []),
    `${colors.bold((page.stop ? colors.red : paint)(page.title))}\n${wrap(page.headline, width, '')}`,
    ...page.sections.map(({ title, lines }) => {
      const items = lines.map(({ mark, text }) => {
        const symbol = symbols[mark];
        return wrap(text, width, `  ${symbol} `).replace(symbol, () => paintMark[mark](symbol));
      });
      return [colors.bold(title), ...items].join('\n');
    }),
    [
      colors.bold('What to do'),
      wrap(page.todo, width, '  '),
      ...(page.id === undefined ? [] : [`  To quote this evidence: ${page.id}`]),
    ].join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function layOutPlain(page: Page): string {
  return [
    ...(page.demo ? [demoNote] : []),
    `verdict: ${page.title}`,
    `meaning: ${page.headline}`,
    ...page.sections.flatMap(({ tag, lines }) => lines.map(({ text }) => `${tag}: ${text}`)),
    `do: ${page.todo}`,
    ...(page.id === undefined ? [] : [`id: ${page.id}`]),
    '',
  ].join('\n');
}
