/**
 * A receipt, `touchstone.receipt/1`: an entry, and the proof that a log holds it. It can be checked without
 * a network, by whoever has the policy that says which log and which witnesses are trusted.
 *
 *   { "schema": "touchstone.receipt/1",
 *     "entry":  { the entry },
 *     "proof":  "the text of a tlog-proof (C2SP), its checkpoint with all cosignatures at its end" }
 *
 * JSON, indented by two spaces, the entry's fields in the order of its canonical form, a line feed at the
 * end: one receipt, one file, byte for byte. (A field that stood in it twice would mean one thing to one
 * program and another to the next.)
 */
import { z } from 'zod';
import { canonicalJson, parseJson } from '../bytes/json.ts';
import { LogError } from '../errors/error.ts';
import { firstIssue } from '../errors/issue.ts';
import { isWitnessed, type Policy } from '../tlog/policy.ts';
import {
  encodeProof,
  type ProofRefusal,
  parseProof,
  type TlogProof,
  type VerifiedProof,
  verifyProof,
} from '../tlog/proof.ts';
import { type EntryFault, encodeEntry, parseEntryJson, verifyEntry } from './entry.ts';
import type { Entry } from './entry-schema.ts';

export const receiptSchemaId = 'touchstone.receipt/1';

/**
 * Room for the largest entry, and for a checkpoint with a hundred ML-DSA-44 cosignatures of 3.3 kB each.
 */
export const maxReceiptBytes = 2 * 1024 * 1024;

export interface Receipt {
  readonly entry: Entry;
  readonly proof: TlogProof;
}

const file = z.strictObject({
  schema: z.literal(receiptSchemaId),
  entry: z.unknown(),
  proof: z.string().min(1).max(maxReceiptBytes),
});

/**
 * Reads a receipt. Nothing in it is verified.
 *
 * @throws LogError LOG_MALFORMED for anything else than a whole receipt, ENTRY_INVALID where its entry is
 *   none
 */
export function parseReceipt(text: string): Receipt {
  if (text.length > maxReceiptBytes) throw malformed(`it is longer than ${maxReceiptBytes} bytes`);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw malformed('it is not one whole JSON value', cause);
  }
  const result = file.safeParse(json);
  if (!result.success) throw malformed(firstIssue(result.error), result.error);
  const receipt = {
    entry: parseEntryJson(result.data.entry),
    proof: readProof(result.data.proof),
  };
  // Nobody signed it, and we write none.
  if (receipt.proof.extra !== undefined) throw malformed('its proof has extra data');
  if (encodeReceipt(receipt) !== text) {
    throw malformed('it was written anew by some other program, or altered');
  }
  return receipt;
}

function readProof(text: string): TlogProof {
  try {
    return parseProof(text);
  } catch (error) {
    if (error instanceof LogError) throw malformed(error.message, error);
    throw error;
  }
}

/** The text of a receipt. */
export function encodeReceipt({ entry, proof }: Receipt): string {
  const ordered: unknown = JSON.parse(new TextDecoder().decode(canonicalJson(entry)));
  const value = { schema: receiptSchemaId, entry: ordered, proof: encodeProof(proof) };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What is verified, in this order; the first that fails ends it. */
export const receiptSteps = ['entry', 'log', 'quorum', 'inclusion'] as const;
export type ReceiptStep = (typeof receiptSteps)[number];

/** `not-checked`: not come to, or, for the quorum, not asked for by the policy. */
export type StepResult = 'held' | 'failed' | 'not-checked';

export type ReceiptFault = EntryFault | ProofRefusal;

interface Stepped {
  readonly steps: Readonly<Record<ReceiptStep, StepResult>>;
  readonly entry: Entry;
}

/** All of it held: the log that the policy names holds this very entry at this index. */
export interface VerifiedReceipt
  extends Stepped,
    Pick<VerifiedProof, 'checkpoint' | 'log' | 'cosignatures' | 'witnessed' | 'index'> {
  readonly kind: 'verified';
}

export interface RefusedReceipt extends Stepped {
  readonly kind: 'refused';
  readonly why: ReceiptFault;
  /** For experts. */
  readonly detail: string;
}

export type ReceiptResult = VerifiedReceipt | RefusedReceipt;

/**
 * Verifies a receipt in the order of C2SP tlog-proof: the leaf is made anew from the entry, then the log's
 * signature and origin, the quorum of witnesses, the inclusion. The `extra` of the proof is not looked at:
 * nobody signed it.
 *
 * @param input.at now, seconds since 1970: a cosignature from later is refused
 */
export function verifyReceipt(input: {
  readonly receipt: Receipt;
  readonly policy: Policy;
  readonly at: bigint;
}): ReceiptResult {
  const { receipt, policy, at } = input;
  const { entry, proof } = receipt;
  const leaf = encodeEntry(entry);
  const stepped = (failed: ReceiptStep | undefined) => ({
    entry,
    steps: stepsUpTo(failed, policy),
  });
  const check = verifyEntry(entry);
  if (!check.ok) {
    const { why } = check;
    return { kind: 'refused', why, detail: entryFaults[why], ...stepped('entry') };
  }
  const proven = verifyProof({ proof, entry: leaf, policy, at });
  if (proven.kind === 'refused') {
    const { why, detail } = proven;
    return { kind: 'refused', why, detail, ...stepped(failedStep(why)) };
  }
  const { checkpoint, log, cosignatures, witnessed, index } = proven;
  return {
    kind: 'verified',
    checkpoint,
    log,
    cosignatures,
    witnessed,
    index,
    ...stepped(undefined),
  };
}

const entryFaults: Readonly<Record<EntryFault, string>> = {
  'owner-unsigned': 'signatures.owner: none; expected: one, since the entry names an owner',
  'owner-key': "signatures.owner.key: another key than the owner's",
  'owner-signature': 'signatures.owner.signature: not by this key over this entry',
  'actor-signature': 'signatures.actor.signature: not by this key over this entry',
};

function failedStep(why: ProofRefusal): ReceiptStep {
  switch (why) {
    case 'malformed':
    case 'unknown-log':
    case 'wrong-signature':
      return 'log';
    case 'quorum-missing':
    case 'future-cosignature':
      return 'quorum';
    case 'not-included':
      return 'inclusion';
  }
}

/** All steps before the failed one held, none after it was taken. @param failed none: all held */
function stepsUpTo(failed: ReceiptStep | undefined, policy: Policy): Stepped['steps'] {
  const position = failed === undefined ? receiptSteps.length : receiptSteps.indexOf(failed);
  const result = (step: ReceiptStep): StepResult => {
    const own = receiptSteps.indexOf(step);
    if (own === position) return 'failed';
    if (step === 'quorum' && !isWitnessed(policy)) return 'not-checked';
    return own < position ? 'held' : 'not-checked';
  };
  return {
    entry: result('entry'),
    log: result('log'),
    quorum: result('quorum'),
    inclusion: result('inclusion'),
  };
}

function malformed(why: string, cause?: unknown): LogError {
  return new LogError('LOG_MALFORMED', `This is not a readable receipt: ${why}.`, { cause });
}
