/** What an entry of a log says, in sentences for a person. */
import type { CardEntry, Entry } from '../../src/activation/entry-schema.ts';
import { fill, wordTexts } from '../../src/report/texts.ts';
import {
  entryClaimTexts,
  entryHourText,
  entryTexts,
  judgedByTexts,
  noticeEntryText,
  recordedEntryText,
  registryEntryText,
  signerTexts,
  unsignedEntryText,
} from '../../src/report/texts-log.ts';

export function entrySentences(entry: Entry): readonly string[] {
  const when = [fill(entryHourText, { hour: entry.hour }), ...signerSentences(entry)];
  switch (entry.kind) {
    case 'card':
      return [cardSentence(entry), ...claimSentences(entry), ...when];
    case 'registry': {
      const { serial, hash } = entry.registry;
      return [fill(registryEntryText, { serial: `${serial}`, hash }), ...when];
    }
    case 'notice':
      return [fill(noticeEntryText, { text: entry.text }), ...when];
  }
}

export function cardSentence(entry: CardEntry): string {
  const { card, type, owner = '' } = entry;
  const word = 'word' in entry ? wordTexts[entry.word] : '';
  const params = { card: short(card.key), family: card.family, owner: short(owner), word };
  return fill(entryTexts[type], params);
}

function claimSentences(entry: CardEntry): readonly string[] {
  if (!('word' in entry)) return [];
  const { product, firmware, usage, freshness, registry } = entry;
  const judged = registry.overlays.length > 0 ? judgedByTexts.overlays : judgedByTexts.pinned;
  return [
    ...(freshness === 'verifier' ? [] : [recordedEntryText]),
    ...(product === undefined ? [] : [fill(entryClaimTexts.product, { value: product })]),
    ...(firmware === undefined
      ? []
      : [fill(entryClaimTexts.firmware[firmware.authority], { value: firmware.id })]),
    ...(usage === undefined
      ? []
      : [fill(entryClaimTexts.usage[usage.authority], { value: usage.state })]),
    fill(judged, { serial: `${registry.serial}`, count: `${registry.overlays.length}` }),
  ];
}

export function isSigned(entry: Entry): boolean {
  return entry.kind === 'card' && Object.keys(entry.signatures).length > 0;
}

/** Whose word it is. */
function signerSentences(entry: Entry): readonly string[] {
  if (!isSigned(entry) || entry.kind !== 'card') return [unsignedEntryText];
  const { owner, actor } = entry.signatures;
  return [
    ...(owner === undefined ? [] : [fill(signerTexts.owner, { key: short(entry.owner ?? '') })]),
    ...(actor === undefined ? [] : [fill(signerTexts.actor, { key: short(actor.key) })]),
  ];
}

/** Enough to tell two apart by eye. */
export function short(hashHex: string): string {
  return hashHex.slice(0, 10);
}
