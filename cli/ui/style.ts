/** How to print: colour, symbols, width. Judged for each stream apart, as each may be a file. */
import picocolors from 'picocolors';
import type { Deps, Output } from '../deps.ts';

/** Options that every command that prints for people understands. */
export interface ScreenOptions {
  readonly json?: boolean;
  readonly plain?: boolean;
  /** False by --no-color. */
  readonly color?: boolean;
}

export interface Style {
  readonly plain: boolean;
  /** A terminal that can be redrawn. */
  readonly live: boolean;
  readonly width: number;
  readonly colors: ReturnType<typeof picocolors.createColors>;
  readonly symbols: { readonly [Mark in 'ok' | 'warn' | 'bad' | 'skip']: string };
}

const unicode = { ok: '✓', warn: '!', bad: '✗', skip: '–' } as const;
const ascii = { ok: '+', warn: '!', bad: 'x', skip: '-' } as const;

const maxWidth = 80;

export function styleFor(output: Output, deps: Deps, options: ScreenOptions): Style {
  const plain = options.plain === true;
  const terminal = output.isTTY === true && deps.env['TERM'] !== 'dumb';
  const wanted = deps.env['FORCE_COLOR'] ? deps.env['FORCE_COLOR'] !== '0' : terminal;
  const color = wanted && !plain && options.color !== false && !deps.env['NO_COLOR'];
  return {
    plain,
    live: terminal && !plain,
    // Terminals that do not know their size say 0.
    width: Math.min(maxWidth, Math.max(40, output.columns || maxWidth)),
    colors: picocolors.createColors(color),
    symbols: speaksUtf8(deps) ? unicode : ascii,
  };
}

/** By the locale's own order of precedence (POSIX 8.2); nothing set means nothing to doubt. */
function speaksUtf8({ env }: Deps): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return locale === undefined || locale === '' || /utf-?8/i.test(locale);
}

/**
 * Breaks a text into lines.
 *
 * @param first what stands before the first line; the others are indented as far
 */
export function wrap(text: string, width: number, first: string): string {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (line !== '' && first.length + joined.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = joined;
    }
  }
  lines.push(line);
  return lines.map((part, index) => `${index === 0 ? first : indent}${part}`).join('\n');
}
