/** A short result: a headline, facts by name, and sentences below them. */
import { printable } from './printable.ts';
import { type Style, wrap } from './style.ts';

export interface Facts {
  readonly headline: string;
  /** Name and value; values that are keys or paths are never broken. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly notes?: readonly string[];
}

export function renderFacts({ headline, facts, notes = [] }: Facts, style: Style): string {
  const { plain, width, colors } = style;
  if (plain) {
    return [
      `result: ${printable(headline)}`,
      ...facts.map(([name, value]) => `${name.toLowerCase()}: ${printable(value)}`),
      ...notes.map((note) => `note: ${printable(note)}`),
      '',
    ].join('\n');
  }
  const column = Math.max(...facts.map(([name]) => name.length)) + 2;
  return [
    colors.bold(wrap(printable(headline), width, '')),
    ...facts.map(([name, value]) => `  ${name.padEnd(column)}${printable(value)}`),
    ...notes.map((note) => wrap(printable(note), width, '  ')),
    '',
  ].join('\n');
}
