/** Building blocks that every family uses. */
import { EvidenceError } from '../errors/error.ts';
import type { CheckResult, CheckRole, ProofCheck, UsageSignal } from './family.ts';

/** One line of a proof. */
export function check(
  id: string,
  role: CheckRole,
  result: CheckResult,
  detail: string,
): ProofCheck {
  return { id, role, result, detail };
}

/** A fact that the card reports and that says nothing about use. */
export function fact(code: string, params: Readonly<Record<string, string>>): UsageSignal {
  return { code, params, authority: 'reported', weight: 'neutral' };
}

/** The value, or why the bytes could not be read. Faults of ours are thrown on. */
export function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
}

/** A sentence about an exchange, or why there is none. Faults of ours are thrown on. */
export function inWords(say: () => string): string {
  try {
    return say();
  } catch (error) {
    if (error instanceof EvidenceError) return `This cannot be read: ${error.message}.`;
    throw error;
  }
}

/**
 * Runs a part of an interview. An answer that cannot be read ends it; that is no error, since the
 * transcript shows it and `prove` judges it.
 */
export async function untilUnreadable(talk: () => Promise<void>): Promise<void> {
  try {
    await talk();
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
  }
}
