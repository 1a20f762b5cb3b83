/**
 * The line to the card while an interview lasts: asks again after a pause, goes through an encrypted
 * channel once the card demands one, and keeps the owner's code, which is used once.
 */
import { utf8 } from '../../bytes/bytes.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { Card, Disclosure, Redaction, SecureChannel } from '../../reader/card.ts';
import type { Interview } from '../family.ts';
import { defaultCodeHash, Status, tangem } from './constants.ts';
import type { Handshake } from './handshake.ts';
import { type LegacyMode, openLegacyChannel } from './legacy-channel.ts';
import { type Answer, fieldsOf, parseTangemResponse } from './messages.ts';
import { redactCode } from './redaction.ts';
import type { Tlv } from './tlv.ts';

export class Line implements Handshake {
  private readonly plain: Card;
  private readonly talk: Interview;
  private card: Card;
  private mode: 'none' | LegacyMode | 'own' = 'none';
  private pauses = 0;
  private isCodeUsed = false;
  /** SHA-256 of the code that commands carry now: the one of every new card, or its owner's. */
  private code = defaultCodeHash;

  constructor(card: Card, talk: Interview) {
    this.plain = card;
    this.card = card;
    this.talk = talk;
  }

  get codeHash(): Uint8Array {
    return this.code;
  }

  /**
   * The owner's code takes the place of the default one, the only time that it may: where it was
   * given, and is another.
   *
   * @returns false when there is none to use, or it was used before
   */
  useOwnersCode(): boolean {
    const { accessCode, onStep } = this.talk;
    if (accessCode === undefined || this.isCodeUsed) return false;
    const hash = sha256(utf8(accessCode));
    this.isCodeUsed = true;
    if (Buffer.compare(hash, defaultCodeHash) === 0) return false;
    onStep('code');
    this.code = hash;
    return true;
  }

  /**
   * Sends a command, and sends it again where the card demands a channel for it.
   *
   * @param build makes the command with the code that holds when it is sent
   * @throws EvidenceError when an answer cannot be read, or a channel not be opened
   */
  async send(
    build: (codeHash: Uint8Array) => Uint8Array,
    disclosure: Disclosure,
    redact: Redaction,
  ): Promise<Answer> {
    for (;;) {
      const answer = await this.exchange(build(this.code), disclosure, redact);
      const demanded = answer.kind === 'refusal' && answer.sw === Status.encryptionNeeded;
      if (!demanded || this.mode === 'strong' || this.mode === 'own') return answer;
      // The owner's code was used, in the open or for a weaker channel: keying one would use it again.
      if (this.code !== defaultCodeHash) return answer;
      await this.encrypt(this.mode === 'none' ? 'fast' : 'strong');
    }
  }

  async ask(command: Uint8Array): Promise<Tlv> {
    return fieldsOf(await this.exchange(command, 'private'));
  }

  async askWithCode(command: Uint8Array): Promise<Tlv> {
    return fieldsOf(await this.exchange(command, 'state', redactCode));
  }

  askReader(command: Uint8Array): Promise<Uint8Array> {
    return this.plain.transmit(command, 'private');
  }

  /** From now on everything goes through this channel. */
  enter(channel: SecureChannel): void {
    this.card = this.plain.through(channel);
    this.mode = 'own';
  }

  /** After each pause that the card makes, the same command again. */
  private async exchange(
    command: Uint8Array,
    disclosure: Disclosure,
    redact?: Redaction,
  ): Promise<Answer> {
    for (;;) {
      const answer = parseTangemResponse(await this.card.transmit(command, disclosure, redact));
      if (answer.kind !== 'pause' || this.pauses >= tangem.maxPauses) return answer;
      this.pauses += 1;
      if (answer.hundredths === undefined) this.talk.onStep('pause-untold');
      else this.talk.onStep('pause', { seconds: `${Math.ceil(answer.hundredths / 100)}` });
    }
  }

  /** Keyed with the owner's code where he gave one: it is his card's, so its channel's too. */
  private async encrypt(mode: LegacyMode): Promise<void> {
    const { onStep, random } = this.talk;
    onStep('channel');
    // A channel is set up in the clear, also where a weaker one stands.
    this.card = this.plain;
    try {
      this.useOwnersCode();
      this.enter(await openLegacyChannel(this, mode, this.code, random));
      this.mode = mode;
    } catch (error) {
      // A card that demands the strong channel may already refuse to open the fast one.
      if (mode === 'strong' || !(error instanceof EvidenceError)) throw error;
      await this.encrypt('strong');
    }
  }
}
