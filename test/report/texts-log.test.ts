import { describe, expect, it } from 'vitest';
import * as texts from '../../src/report/texts-log.ts';

/** Every sentence of the file, with the path to it. */
const sentences = Object.entries(texts).flatMap(([name, value]) => flatten(name, value));

function flatten(path: string, value: unknown): (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value as object).flatMap(([name, inner]) =>
    flatten(`${path}/${name}`, inner),
  );
}

describe('the sentences about logs', () => {
  it('are many', () => expect(sentences.length).toBeGreaterThan(50));

  it.each(sentences)('%s: whole, calm, in visible ASCII', (path, text) => {
    if (path.startsWith('tapTodo/') && text === '') return;
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    const isTitle = /Words\//.test(path);
    if (!isTitle) expect(text).toMatch(/^(?:[A-Z{]).*(?:[.:}])$/);
    // "Never first": no log can tell that, and "fake" is for the card's own check to say.
    expect(text).not.toMatch(/\bfirst\b|\bfake\b|!/i);
  });

  it('absence is never said without what it rests on', () => {
    expect(texts.absenceTexts.reported).toMatch(/The log reports/);
    expect(texts.absenceTexts.scanned).toMatch(/every entry .* was read, .*witnesses/);
    expect(texts.ownRecordAbsence).toMatch(/This computer's own record/);
    expect(texts.unwitnessedNote).toMatch(/unwitnessed/);
  });
});
