/** Tangem cards of any profile with answers altered on their way, and exchanges made by hand. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { parseCommand } from '../../src/apdu/command.ts';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { type CardEvidence, expectedChallenge } from '../../src/evidence/evidence.ts';
import type { Proof } from '../../src/families/family.ts';
import {
  attachmentKind,
  challengeLabel,
  defaultCodeHash,
  Ins,
  ReadMode,
  Tag,
} from '../../src/families/tangem/constants.ts';
import { encodeAttest, encodeRead, encodeSelect } from '../../src/families/tangem/messages.ts';
import { encodeElements, parseElements, type TlvElement } from '../../src/families/tangem/tlv.ts';
import type { RecordedExchange } from '../../src/reader/card.ts';
import { type KeyPair, keyPairFrom } from '../../src/simulator/demo-keys.ts';
import type { SimulatedCard } from '../../src/simulator/simulation.ts';
import { TangemCard } from '../../src/simulator/tangem/card.ts';
import type { TangemProfile } from '../../src/simulator/tangem/profile.ts';
import { importRead } from './tangem-evidence.ts';
import { seededRandom } from './tap-evidence.ts';

/** Fields by tag; a list stands for the same tag several times, undefined for none. */
export type Fields = Readonly<Record<number, Uint8Array | readonly Uint8Array[] | undefined>>;

export const bytes = (...values: number[]) => Uint8Array.from(values);
export const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
export const text = (value: string) => concat(utf8(value), bytes(0));

/** Some key pair; the same for the same name. */
export const keyPair = (name: string): KeyPair => keyPairFrom(sha256(utf8(`tangem test ${name}`)));
export const longForm = (key: Uint8Array) => secp256k1.Point.fromBytes(key).toBytes(false);
export const sign = (message: Uint8Array, { privateKey }: KeyPair) =>
  secp256k1.sign(message, privateKey, { lowS: false });

export const cardKey = keyPair('card');
export const issuerKey = keyPair('issuer');
export const makerKey = keyPair('maker');
export const cardId = bytes(0xaf, 0x07, 0, 0, 0, 0x12, 0x34, 0x56);
export const salt = filled(16, 0x5a);

export function tlv(fields: Fields): Uint8Array {
  return encodeElements(
    Object.entries(fields).flatMap(([tag, value]): TlvElement[] => {
      if (value === undefined) return [];
      const values = value instanceof Uint8Array ? [value] : value;
      return values.map((item) => [Number(tag), item]);
    }),
  );
}

/** One exchange; the answer is fields under 9000, or whole bytes. */
export function exchange(command: Uint8Array, answer: Fields | Uint8Array): RecordedExchange {
  const response = answer instanceof Uint8Array ? answer : concat(tlv(answer), bytes(0x90, 0x00));
  return { command, response, micros: 0, disclosure: 'proof' };
}

export const sw = (value: number) => bytes(value >> 8, value & 0xff);
export const select = (answer: Fields | Uint8Array = {}) => exchange(encodeSelect(), answer);

/** What a new card of COS 6.33 says of itself. */
export const cardFields = {
  [Tag.cardId]: cardId,
  [Tag.firmware]: text('6.33r'),
  [Tag.status]: bytes(1),
  [Tag.cardPublicKey]: cardKey.publicKey,
  [Tag.issuerDataPublicKey]: issuerKey.publicKey,
  [Tag.cardData]: tlv({
    [Tag.batch]: bytes(0xaf, 0x07),
    [Tag.manufactureDate]: bytes(0x07, 0xe8, 5, 14),
    [Tag.issuerName]: text('TANGEM AG'),
  }),
  [Tag.walletsCount]: bytes(2),
  [Tag.accessCodeIsDefault]: bytes(1),
  [Tag.passcodeIsDefault]: bytes(1),
  [Tag.backupStatus]: bytes(0),
} as const satisfies Fields;

export const read = (changes: Fields | Uint8Array = {}) =>
  exchange(
    encodeRead(ReadMode.card, defaultCodeHash),
    changes instanceof Uint8Array ? changes : { ...cardFields, ...changes },
  );

/** One record of the wallet list. */
export const slot = (status?: number, more: Fields = {}) =>
  tlv({ [Tag.status]: status === undefined ? undefined : bytes(status), ...more });

export const wallets = (records: readonly Uint8Array[] | Uint8Array, from = 0, more: Fields = {}) =>
  exchange(
    encodeRead(ReadMode.walletsList, defaultCodeHash, cardId, from),
    records instanceof Uint8Array
      ? records
      : { [Tag.cardId]: cardId, [Tag.wallet]: records, ...more },
  );

export const emptySlots = wallets([slot(1), slot(1)]);

const blank = importRead(new Uint8Array());
const { challenges: _, ...session } = blank;

/** What evidence of these exchanges must answer. */
export const challenge = expectedChallenge(session, challengeLabel, 16) ?? filled(16, 0);

/** ATTEST CARD KEY with a right signature, unless `changes` say otherwise. */
export function attest(
  changes: Fields | Uint8Array = {},
  { full = false, asked = challenge, signer = cardKey, linked = [] as readonly Uint8Array[] } = {},
): RecordedExchange {
  const marked = linked.length > 0 ? [utf8('BACKUP_CARDS'), ...linked] : [];
  const signed = sign(concat(asked, salt, ...marked), signer);
  return exchange(
    encodeAttest({ challenge: asked, cardId, full }),
    changes instanceof Uint8Array
      ? changes
      : {
          [Tag.cardId]: cardId,
          [Tag.salt]: salt,
          [Tag.cardSignature]: signed,
          [Tag.linkedCardPublicKey]: linked,
          ...changes,
        },
  );
}

export const attached = (kind: string, data: Uint8Array) => ({
  kind,
  source: 'a test',
  fetchedAt: '2026-11-24T09:00:00Z',
  data,
});
export const issuerSignature = attached(
  attachmentKind.issuerSignature,
  sign(cardKey.publicKey, issuerKey),
);
export const makerSignature = attached(
  attachmentKind.manufacturerSignature,
  sign(issuerKey.publicKey, makerKey),
);

/** Evidence of a session of ours with the maker's signatures. */
export function evidenceOf(...transcript: readonly RecordedExchange[]): CardEvidence {
  return { ...session, transcript, attachments: [issuerSignature, makerSignature] };
}

/** Every check as "id role result". */
export const linesOf = ({ checks }: Proof) =>
  checks.map(({ id, role, result }) => `${id} ${role} ${result}`);

/** What a command asks for, in one word or two. */
export function nameOf(command: Uint8Array): string {
  const { cla, ins, p1, p2, data = new Uint8Array() } = parseCommand(command);
  if (cla === 0xff) return 'uid';
  if (ins === Ins.select) return 'select';
  if (ins === Ins.openSession) return `open ${p2}`;
  if (ins === Ins.authorize) return 'authorize';
  if (ins === Ins.attestCardKey) return 'attest';
  if (ins !== Ins.read) return `other ${ins.toString(16)}`;
  const isList = p1 === 0 && Buffer.from(data).includes(Buffer.from([Tag.interactionMode, 1, 3]));
  return isList ? 'wallets' : 'read';
}

/** Gives another answer, whole response bytes, in place of the card's, or undefined to keep it. */
export type Alter = (
  name: string,
  response: Uint8Array,
  command: Uint8Array,
) => Uint8Array | undefined;

export interface WatchedCard extends SimulatedCard {
  readonly wrongCodes: number;
  /** The commands that it counted as tries of a wrong code. */
  readonly wrongTries: readonly Uint8Array[];
  /** Every command that came to it. */
  readonly heard: readonly Uint8Array[];
}

/** A plain answer to READ of the card with other fields; undefined, as it is, for any other answer. */
export const withFields =
  (change: (elements: readonly TlvElement[]) => readonly TlvElement[]): Alter =>
  (name, response, command) => {
    const isPlain = command[2] === 0 && response.at(-2) === 0x90;
    if (name !== 'read' || !isPlain) return undefined;
    return concat(encodeElements(change(parseElements(response.subarray(0, -2)))), sw(0x9000));
  };

/** A simulated card whose answers pass through `alter`, and which remembers what it was asked. */
export function tangemCard(
  profile: TangemProfile,
  alter: Alter = () => undefined,
  unit = 'a card for tests',
): WatchedCard {
  const card = new TangemCard(profile, seededRandom(`tangem card ${profile.model.firmware}`), unit);
  const heard: Uint8Array[] = [];
  const wrongTries: Uint8Array[] = [];
  return {
    wrongTries,
    atr: card.atr,
    heard,
    get forbiddenCommands() {
      return card.forbiddenCommands;
    },
    get wrongCodes() {
      return card.wrongCodes;
    },
    askMaker: (headers) => card.askMaker(headers),
    reset: () => card.reset(),
    respond(command) {
      heard.push(command);
      const before = card.wrongCodes;
      const reply = card.respond(command);
      if (card.wrongCodes > before) wrongTries.push(command);
      if (reply.kind !== 'answer') return reply;
      const altered = alter(nameOf(command), reply.bytes, command);
      return altered === undefined ? reply : { kind: 'answer', bytes: altered };
    },
  };
}
