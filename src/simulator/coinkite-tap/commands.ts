/**
 * Answers to the commands that need no CVC (coinkite/coinkite-tap-proto docs/protocol.md).
 *
 * The card nonce: a command that signs uses the nonce that was current before it and answers with
 * the next one. `dump` renews it too, as real cards do (emulator/ecard.py, "bug compatible").
 * An error never changes it: since 1.0.0 it changes only when the answer shows the new one.
 */
import { TapError } from './errors.ts';
import type { SlotKeys } from './keys.ts';
import { nfcUrl } from './nfc-url.ts';
import { actualFirmware, isAtLeast, type SatscardProfile, slotCount } from './profile.ts';
import type { TapSession } from './session.ts';
import { challengeMessage, sign } from './signatures.ts';

/** A decoded request: text keys, values as CBOR gave them. */
export type TapRequest = Readonly<Record<string, unknown>>;

/** An answer before it is encoded. */
export type TapAnswer = Readonly<Record<string, unknown>>;

/** Entries in the answer of a card that sends far too much; 900 times 67 bytes. */
const oversizedChain = 900;

/**
 * Answers one command.
 *
 * @throws TapError with the code that the card reports
 */
export function answerCommand(name: string, request: TapRequest, session: TapSession): TapAnswer {
  const isSatscard = session.profile.product === 'satscard';
  switch (name) {
    case 'status':
      return answerStatus(session);
    case 'certs':
      return answerCerts(session);
    case 'check':
      return answerCheck(request, session);
    case 'read':
      return isSatscard ? answerRead(request, session) : refuseRead(request, session);
    case 'derive':
      if (!isSatscard) throw new TapError(403, 'needs auth');
      return answerDerive(request, session);
    case 'nfc':
      return answerNfc(session);
    case 'wait':
      return { success: true, auth_delay: 0 };
    case 'dump':
      if (session.profile.product === 'satscard') {
        return answerDump(request, session, session.profile);
      }
  }
  throw new TapError(404, 'unknown cmd');
}

/** The map of `status`, which is also the answer to SELECT. */
export function answerStatus({ profile, keys, cardNonce }: TapSession): TapAnswer {
  const common = {
    proto: 1,
    ver: profile.ver,
    birth: profile.birth,
    pubkey: keys.shownPublicKey,
    card_nonce: cardNonce,
    ...(profile.tampered ? { tampered: true } : {}),
  };
  if (profile.product === 'satscard') {
    const active = keys.slots[profile.activeSlot];
    return {
      ...common,
      slots: [profile.activeSlot, slotCount],
      ...(active ? { addr: blankAddress(active.address) } : {}),
    };
  }
  return {
    ...common,
    tapsigner: true,
    ...(profile.product === 'satschip'
      ? { satschip: true }
      : { num_backups: profile.numBackups ?? 0 }),
    ...(profile.path ? { path: profile.path } : {}),
  };
}

/** 12 characters of each end; the reader has to work out the middle. */
function blankAddress(address: string): string {
  return `${address.slice(0, 12)}___${address.slice(-12)}`;
}

function answerCerts({ profile, keys, cardNonce }: TapSession): TapAnswer {
  const answer = { cert_chain: presentedChain(profile.fault?.kind, keys.certChain) };
  // A slip of the first firmware: the nonce is shown although certs does not use it.
  return isAtLeast(actualFirmware(profile), '1.0.0')
    ? answer
    : { ...answer, card_nonce: cardNonce };
}

function presentedChain(
  fault: string | undefined,
  chain: readonly Uint8Array[],
): readonly Uint8Array[] {
  if (fault === 'cut-chain') return chain.slice(0, 1);
  const [batch] = chain;
  if (fault === 'oversized' && batch) return new Array<Uint8Array>(oversizedChain).fill(batch);
  return chain;
}

function answerCheck(request: TapRequest, session: TapSession): TapAnswer {
  const appNonce = requireNonce(request);
  const { profile, keys, cardNonce, recording } = session;
  const active =
    profile.product === 'satscard' && isAtLeast(actualFirmware(profile), '1.0.0')
      ? keys.slots[profile.activeSlot]
      : undefined;
  const attested = active ? [active.payment.publicKey] : [];
  const auth_sig =
    recording?.authSig ?? sign(challengeMessage(cardNonce, appNonce, ...attested), keys.signingKey);
  return { auth_sig, card_nonce: session.renewNonce() };
}

function answerRead(request: TapRequest, session: TapSession): TapAnswer {
  const appNonce = requireNonce(request);
  const { number, keys } = requireActiveSlot(session);
  const message = challengeMessage(session.cardNonce, appNonce, Uint8Array.of(number));
  return {
    sig: sign(message, keys.payment.privateKey),
    pubkey: keys.payment.publicKey,
    card_nonce: session.renewNonce(),
  };
}

/** On a TAPSIGNER the missing key is noticed before the missing CVC. */
function refuseRead(request: TapRequest, { profile }: TapSession): never {
  requireNonce(request);
  if (profile.product !== 'satscard' && profile.path === undefined) {
    throw new TapError(406, 'slot un-used');
  }
  throw new TapError(403, 'needs auth');
}

function answerDerive(request: TapRequest, session: TapSession): TapAnswer {
  const appNonce = requireNonce(request);
  const { keys } = requireActiveSlot(session);
  const message = challengeMessage(session.cardNonce, appNonce, keys.chainCode);
  return {
    sig: sign(message, keys.master.privateKey),
    chain_code: keys.chainCode,
    master_pubkey: keys.master.publicKey,
    card_nonce: session.renewNonce(),
  };
}

function answerDump(request: TapRequest, session: TapSession, profile: SatscardProfile): TapAnswer {
  const slot = request['slot'];
  if (typeof slot !== 'number' || !Number.isInteger(slot) || slot < 0 || slot >= slotCount) {
    throw new TapError(400, 'bad slot');
  }
  const answer = { slot, card_nonce: session.renewNonce() };
  const keys = session.keys.slots[slot];
  if (keys === undefined) return { ...answer, used: false };
  if (slot === profile.activeSlot) return { ...answer, sealed: true };
  return {
    ...answer,
    sealed: false,
    addr: keys.address,
    ...(isAtLeast(actualFirmware(profile), '1.0.3') ? { pubkey: keys.payment.publicKey } : {}),
  };
}

function answerNfc({ profile, keys, random, recording }: TapSession): TapAnswer {
  return { url: recording?.url ?? nfcUrl(profile, keys, random) };
}

/** 16 bytes, not all alike. */
function requireNonce(request: TapRequest): Uint8Array {
  const nonce = request['nonce'];
  if (!(nonce instanceof Uint8Array) || nonce.length !== 16) {
    throw new TapError(400, 'bad nonce size');
  }
  if (nonce.every((byte) => byte === nonce[0])) throw new TapError(417, 'weak nonce');
  return nonce;
}

function requireActiveSlot({ profile, keys }: TapSession): { number: number; keys: SlotKeys } {
  const number = profile.product === 'satscard' ? profile.activeSlot : 0;
  const active = keys.slots[number];
  if (active === undefined) throw new TapError(406, 'slot un-used');
  return { number, keys: active };
}
