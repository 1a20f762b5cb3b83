/** `touchstone evidence show`: what an evidence file holds, exchange by exchange, in words. */
import { toHex } from '../src/bytes/hex.ts';
import { Exit } from '../src/errors/exit.ts';
import type { Attachment, CardEvidence, Evidence } from '../src/evidence/evidence.ts';
import { maxEvidenceFileBytes, parseEvidence } from '../src/evidence/file.ts';
import { nameEvidence } from '../src/evidence/names.ts';
import { findFamily } from '../src/families/index.ts';
import { explainPlatform } from '../src/families/platform.ts';
import type { Deps } from './deps.ts';
import { readTextFile } from './files.ts';
import { jsonLine, printable } from './ui/printable.ts';
import { type ScreenOptions, type Style, styleFor, wrap } from './ui/style.ts';

export async function showEvidence(
  path: string,
  options: ScreenOptions,
  deps: Deps,
): Promise<Exit> {
  const evidence = parseEvidence(await readTextFile(path, maxEvidenceFileBytes, deps));
  const explained = evidence.kind === 'card' ? explain(evidence) : [];
  if (options.json) {
    const { id } = nameEvidence(evidence);
    const attachments = attachmentsOf(evidence).map(({ data, ...item }) => ({
      ...item,
      data: toHex(data),
    }));
    deps.stdout.write(jsonLine({ id, ...headOf(evidence), exchanges: explained, attachments }));
  } else {
    const style = styleFor(deps.stdout, deps, options);
    deps.stdout.write(render(evidence, explained, style));
  }
  return Exit.genuine;
}

/** Showing a forged file must not sound like vouching for it. */
const notJudged =
  'This is what the file says; nothing is judged here. `touchstone verify --evidence` does that.';

interface Explained {
  readonly words: string;
  readonly command: string;
  readonly response: string;
  readonly micros: number;
}

function explain(evidence: CardEvidence): readonly Explained[] {
  const family = findFamily(evidence.family);
  return evidence.transcript.map((exchange) => ({
    words:
      exchange.disclosure === 'private'
        ? 'Kept private: this file holds only its header and how it ended.'
        : (explainPlatform(exchange) ??
          family?.explain(exchange) ??
          'Touchstone does not know this kind of card.'),
    command: toHex(exchange.command),
    response: toHex(exchange.response),
    micros: exchange.micros,
  }));
}

/** Maker material that came with the evidence. */
function attachmentsOf(evidence: Evidence): readonly Attachment[] {
  return evidence.kind === 'card' ? evidence.attachments : [];
}

function headOf(evidence: Evidence): Record<string, string> {
  if (evidence.kind === 'url') {
    return { family: evidence.family, collectedAt: evidence.collectedAt, url: evidence.url };
  }
  const { context } = evidence;
  return {
    family: evidence.family,
    collectedAt: evidence.collectedAt,
    reader: evidence.readerName,
    atr: toHex(evidence.atr),
    nonce: toHex(evidence.nonce),
    verifier: context.origin,
    purpose: context.purpose,
    freshness: evidence.freshness,
  };
}

function render(evidence: Evidence, exchanges: readonly Explained[], style: Style): string {
  const { colors, width, plain } = style;
  const head = [
    `Evidence ${nameEvidence(evidence).id}`,
    wrap(notJudged, plain ? Number.POSITIVE_INFINITY : width, ''),
    ...Object.entries(headOf(evidence)).map(([name, value]) => `  ${name}: ${printable(value)}`),
  ].join('\n');
  const blocks = exchanges.map(({ words, command, response, micros }, index) => {
    const text = `${printable(words)} (${(micros / 1000).toFixed(1)} ms)`;
    const label = `${index + 1}. `;
    if (plain) return `${label}${text} | ${command} | ${response}`;
    return [
      wrap(text, width, label),
      colors.dim(`   > ${command}`),
      colors.dim(`   < ${response}`),
    ].join('\n');
  });
  const attached = attachmentsOf(evidence).map(({ kind, source, fetchedAt, data }) => {
    const text = `Not from the card: ${kind}, ${data.length} bytes, from ${printable(source)} at ${fetchedAt}`;
    return plain ? text : wrap(text, width, '+ ');
  });
  return `${[head, ...blocks, ...attached].join(plain ? '\n' : '\n\n')}\n`;
}
