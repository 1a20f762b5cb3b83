/**
 * What the card is asked to sign.
 *
 *   challenge = SHA-256( "touchstone/challenge/v1" 00 family 00 label 00 SHA-256(context) nonce )
 *
 * cut to the length the family can sign. `nonce` is 32 random bytes from the verifier, used once.
 * `context` is fixed before the nonce is issued and says who asks and what for, so that an answer
 * given to one verifier, or for one purpose, is worth nothing to another. It does not stop a relay.
 *
 * Worked example (checked by a test): family "coinkite-tap", label "check", context
 * {"origin":"embedded","purpose":"verify"}, nonce of 32 zero bytes, 16 bytes:
 * c7e612ed63857fbbcc31bf6f560bd3d3
 */
import { concat, utf8 } from '../bytes/bytes.ts';
import { canonicalJson } from '../bytes/json.ts';
import { sha256 } from '../bytes/sha256.ts';

/** What the answer will be used for. Signed, so it cannot be changed afterwards. */
export const purposes = ['verify', 'observed', 'activated', 'reverified', 'retired'] as const;
export type Purpose = (typeof purposes)[number];

/** A recent log checkpoint: shows that the challenge was not made before it. */
export interface Beacon {
  readonly origin: string;
  /** Entries in the log at that checkpoint. */
  readonly size: number;
  /** Root hash, 32 bytes as hex. */
  readonly root: string;
}

export interface ChallengeContext {
  /** The verifier that the client dialled; the client fills it in, never the server. */
  readonly origin: string;
  readonly purpose: Purpose;
  /** SHA-256 of the owner's public key, hex; only where an owner key takes part. */
  readonly owner?: string | undefined;
  readonly beacon?: Beacon | undefined;
}

/** The nonce of a session: 32 bytes. */
export const nonceLength = 32;

/** The origin that the verifier inside this process calls itself. */
export const embeddedOrigin = 'embedded';

/** SHA-256 of the context's canonical JSON, 32 bytes. */
export function contextHash(context: ChallengeContext): Uint8Array {
  return sha256(canonicalJson(context));
}

/**
 * The challenge for one signature of the card.
 *
 * @param family card family id; with `label` it keeps the signatures of one session apart
 * @param length bytes the family can sign, 1 to 32
 * @throws RangeError when the nonce is not 32 bytes or the length is out of range
 */
export function deriveChallenge(input: {
  readonly family: string;
  readonly label: string;
  readonly context: ChallengeContext;
  readonly nonce: Uint8Array;
  readonly length: number;
}): Uint8Array {
  const { family, label, context, nonce, length } = input;
  if (nonce.length !== nonceLength) throw new RangeError(`nonce: ${nonce.length} bytes, not 32`);
  if (!Number.isInteger(length) || length < 1 || length > 32) throw new RangeError('length');
  const separator = Uint8Array.of(0);
  const preimage = concat(
    utf8('touchstone/challenge/v1'),
    separator,
    utf8(family),
    separator,
    utf8(label),
    separator,
    contextHash(context),
    nonce,
  );
  return sha256(preimage).slice(0, length);
}
