/**
 * Commands and answers of Satochip, SeedKeeper and Satodime (Toporin/SatochipApplet CardEdge.java
 * @8cbaa1d, Toporin/Seedkeeper-Applet SeedKeeper.java @2e59f06, Toporin/Satodime-Applet
 * Satodime.java @81003bd).
 *
 *   B0 INS P1 P2 [Lc data] [Le]      short commands only
 */
import type { Product } from './profile.ts';

export const cla = 0xb0;

export const Ins = {
  setup: 0x2a,
  status: 0x3c,
  label: 0x3d,
  verifyPin: 0x42,
  listPins: 0x48,
  slotsStatus: 0x50,
  slotStatus: 0x51,
  slotPublicKey: 0x55,
  logOut: 0x60,
  walletAuthentikey: 0x73,
  openChannel: 0x81,
  wrapped: 0x82,
  importCertificate: 0x92,
  exportCertificate: 0x93,
  signRequest: 0x94,
  exportKey: 0x98,
  lockPki: 0x99,
  challenge: 0x9a,
  listSecrets: 0xa6,
  seedkeeperStatus: 0xa7,
  printLogs: 0xa9,
  trustedKey: 0xab,
  authentikey: 0xad,
} as const;

export const Status = {
  ok: 0x9000,
  wrongPin: 0x63c0,
  wrongLength: 0x6700,
  notFound: 0x6a82,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
  error: 0x6f00,
  notAllowed: 0x9c03,
  notSetUp: 0x9c04,
  unauthorized: 0x9c06,
  alreadySetUp: 0x9c07,
  pinBlocked: 0x9c0c,
  invalidParameter: 0x9c0f,
  wrongP1: 0x9c10,
  wrongP2: 0x9c11,
  channelRequired: 0x9c20,
  channelClosed: 0x9c21,
  wrongIv: 0x9c22,
  wrongMac: 0x9c23,
} as const;

/** What the simulated applets answer, by product; the label is read with P2 = 1 only. */
const answered: Readonly<Record<Product, ReadonlySet<number>>> = {
  satochip: new Set([
    ...[Ins.status, Ins.label, Ins.verifyPin, Ins.logOut],
    ...[Ins.exportCertificate, Ins.exportKey, Ins.challenge, Ins.authentikey],
  ]),
  seedkeeper: new Set([
    ...[Ins.status, Ins.label, Ins.verifyPin, Ins.logOut, Ins.seedkeeperStatus],
    ...[Ins.exportCertificate, Ins.exportKey, Ins.challenge, Ins.authentikey],
  ]),
  satodime: new Set([
    ...[Ins.status, Ins.label, Ins.slotsStatus, Ins.slotStatus],
    ...[Ins.exportCertificate, Ins.exportKey, Ins.challenge, Ins.authentikey],
  ]),
};

/** These change no card, but this one does without them. */
const readOnly = new Set<number>([
  ...[Ins.listPins, Ins.slotPublicKey, Ins.walletAuthentikey],
  ...[Ins.listSecrets, Ins.printLogs, Ins.trustedKey],
]);

const everyHarmless = new Set([...Object.values(answered).flatMap((set) => [...set]), ...readOnly]);

/** True when the applet of this product has an answer to the instruction. */
export function isAnswered(product: Product, ins: number): boolean {
  return answered[product].has(ins);
}

/**
 * True when a command would change a card, sign or hand out what only its owner may have, or
 * carries a PIN to an applet without one.
 */
export function isForbidden({ ins, p2 }: Command, hasPin: boolean): boolean {
  if (ins === Ins.verifyPin) return !hasPin;
  if (ins === Ins.label) return p2 !== 1;
  if (ins === Ins.openChannel || ins === Ins.wrapped) return false;
  return !everyHarmless.has(ins);
}

export interface Command {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
}

/** Reads a command, with or without data and Le; undefined when the lengths disagree. */
export function parseCommand(bytes: Uint8Array): Command | undefined {
  const [cla = 0, ins = 0, p1 = 0, p2 = 0, lc = 0] = bytes;
  if (bytes.length < 4) return undefined;
  const rest = bytes.length - 5 - lc;
  const isWhole = bytes.length <= 5 ? lc === 0 || ins === Ins.status : rest === 0 || rest === 1;
  if (!isWhole) return undefined;
  return { cla, ins, p1, p2, data: bytes.length <= 5 ? empty : bytes.subarray(5, 5 + lc) };
}

/** What a card does with a command, before it is turned into bytes. */
export type Outcome = Answer | { readonly kind: 'silence' } | { readonly kind: 'removed' };

export interface Answer {
  readonly kind: 'answer';
  readonly sw: number;
  readonly body: Uint8Array;
}

const empty = new Uint8Array();

/** A status word without data. */
export function bare(sw: number): Answer {
  return { kind: 'answer', sw, body: empty };
}

export function ok(body: Uint8Array = empty): Answer {
  return { kind: 'answer', sw: Status.ok, body };
}
