/**
 * The maker's server: GET with the card's ID and key, answered by two signatures that never change.
 *
 *   {"manufacturer_signature": "<128 hex digits>", "issuer_signature": "<128 hex digits>"}
 *
 * It signs no challenge, so its answer is worth the same from a file. 403 and 404 mean that it does
 * not know the card or does not like the asker: that says nothing against a card.
 * Sources: tangem-sdk-ios Network/TangemEndpoint.swift, tangem-sdk-android network/TangemTechApi.kt.
 */
import { z } from 'zod';
import { utf8 } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { parseJson } from '../../bytes/json.ts';
import { EvidenceError } from '../../errors/error.ts';
import { firstIssue } from '../../errors/issue.ts';
import type { CardEvidence } from '../../evidence/evidence.ts';
import { attempt } from '../check.ts';
import type { Endorser } from '../endorser.ts';
import { attachmentKind } from './constants.ts';
import { readConversation } from './conversation.ts';

const signature = z
  .string()
  .regex(/^[0-9a-fA-F]{128}$/, '128 hexadecimal digits expected')
  .transform(fromHex);

/** What else the server may say is left alone. */
const answer = z.object({ manufacturer_signature: signature, issuer_signature: signature });

export const endorser: Endorser = {
  request(evidence: CardEvidence) {
    const conversation = attempt(() => readConversation(evidence.transcript));
    const card = typeof conversation === 'string' ? undefined : conversation.card;
    if (card?.key === undefined) return undefined;
    return {
      cardKey: card.key.compressed,
      headers: {
        'content-type': 'application/json',
        card_id: toHex(card.cardId).toUpperCase(),
        card_public_key: toHex(card.key.written).toUpperCase(),
      },
    };
  },
  parse(body) {
    let json: unknown;
    try {
      json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
    } catch (cause) {
      throw new EvidenceError("the maker's answer: not one JSON value", { cause });
    }
    const result = answer.safeParse(json);
    if (!result.success) {
      const why = firstIssue(result.error);
      throw new EvidenceError(`the maker's answer: ${why}`, { cause: result.error });
    }
    return [
      { kind: attachmentKind.issuerSignature, data: result.data.issuer_signature },
      { kind: attachmentKind.manufacturerSignature, data: result.data.manufacturer_signature },
    ];
  },
  refusal: (why) => ({ kind: attachmentKind.refusal, data: utf8(why) }),
};

/**
 * A refusal in words. What is not of our own making is not repeated.
 *
 * @returns `withheld`: the maker's server was reached and would not give its signatures for this card;
 *   otherwise it is as if it had not been asked, and worth another try
 */
export function explainRefusal(data: Uint8Array): { withheld: boolean; words: string } {
  const why = Buffer.from(data).toString('latin1');
  const http = /^http-([1-5]\d\d)$/.exec(why)?.[1];
  if (http !== undefined) {
    return { withheld: http === '403' || http === '404', words: httpWords(http) };
  }
  const words = Object.hasOwn(failures, why) ? failures[why] : undefined;
  return { withheld: false, words: words ?? "the maker's server gave no signatures" };
}

function httpWords(status: string): string {
  if (status === '404') return "the maker's server answered 404: it does not know this card";
  if (status === '403') return "the maker's server answered 403: it refuses to say";
  return `the maker's server answered ${status}`;
}

const failures: Readonly<Record<string, string>> = {
  'not-in-file': 'the attached file holds nothing about this card',
  empty: "the maker's server gave an empty answer",
  malformed: "the maker's server gave an answer that cannot be read",
  timeout: "the maker's server did not answer in time",
  unreachable: "the maker's server could not be reached",
  redirected: "the maker's server sent us elsewhere, and we do not follow",
  'refused-address': "the address of the maker's server is not one that may be called",
  'too-large': "the maker's server gave an answer that is far too long",
};
