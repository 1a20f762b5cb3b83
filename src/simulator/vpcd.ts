/**
 * Puts a virtual card into a virtual PC/SC reader: the client side of vsmartcard's vpcd
 * (frankmorgner/vsmartcard virtualsmartcard/src/vpcd/vpcd.h, vpcd.c).
 *
 *   frame = length (2 bytes, big-endian), payload
 *
 * From the reader, a payload of one byte is a control code: 00 power off, 01 power on, 02 reset
 * (none is answered), 04 asks for the ATR. Any other payload is a command, answered by one frame
 * of data and status bytes. Connecting lays the card down, closing the socket takes it away.
 */
import { connect, type Socket } from 'node:net';
import { concat } from '../bytes/bytes.ts';
import { UsageError } from '../errors/error.ts';
import type { VirtualCard } from '../reader/virtual.ts';

export interface VpcdOptions {
  readonly host?: string;
  /** 35963 for the first virtual reader of the Debian package, 35964 for the second. */
  readonly port: number;
  /** Takes the card away. */
  readonly signal?: AbortSignal;
  /** Called when the connection stands; a reader with a card on it lets others wait unseen. */
  readonly onConnect?: () => void;
  /** Called when the reader first speaks to this card: now it lies there. */
  readonly onSeen?: () => void;
}

/**
 * Why a card no longer lies on the reader: `aborted` by the signal, `removed` by the card's own
 * reply, `reader-closed` by the other side (the service stopped or dropped the card).
 */
export type VpcdEnd = 'aborted' | 'removed' | 'reader-closed';

const Control = { powerOff: 0x00, powerOn: 0x01, reset: 0x02, atr: 0x04 } as const;

/** After each of these the card's volatile state is gone. */
const restarts = new Set<number | undefined>([Control.powerOff, Control.powerOn, Control.reset]);

/** The length field has 16 bits. */
const maxFrameBytes = 65_535;
const connectMs = 5_000;

/** ISO/IEC 7816-4 table 6: wrong length. For commands too short to reach any card. */
const wrongLength = Uint8Array.of(0x67, 0x00);

/**
 * Serves the card until it leaves the reader.
 *
 * @returns why it left
 * @throws UsageError when nothing listens at host and port
 * @throws RangeError when the card answers with no bytes (the driver would block for ever) or with
 *   more than 65535; and whatever the card itself throws
 */
export async function serveVpcd(card: VirtualCard, options: VpcdOptions): Promise<VpcdEnd> {
  const { host = '127.0.0.1', port, signal, onConnect, onSeen } = options;
  if (signal?.aborted === true) return 'aborted';
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    let connected = false;
    let seen = false;
    const finish = (settle: () => void) => {
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      settle();
    };
    const abort = () => finish(() => resolve('aborted'));
    const unreachable = (cause?: Error) => finish(() => reject(noReader(host, port, cause)));
    const frames = new FrameReader();

    signal?.addEventListener('abort', abort);
    socket.setTimeout(connectMs, () => unreachable());
    socket.once('connect', () => {
      connected = true;
      socket.setTimeout(0);
      card.reset();
      onConnect?.();
    });
    socket.on('data', (chunk) => {
      try {
        for (const frame of frames.push(chunk)) {
          if (!seen) onSeen?.();
          seen = true;
          if (!serveFrame(card, frame, socket)) return finish(() => resolve('removed'));
        }
      } catch (error) {
        finish(() => reject(error));
      }
    });
    socket.on('error', (error) => {
      if (!connected) unreachable(error);
      // An error of an open connection is followed by `close`.
    });
    socket.on('close', () => finish(() => resolve('reader-closed')));
  });
}

/** @returns false when the card leaves the reader */
function serveFrame(card: VirtualCard, frame: Uint8Array, socket: Socket): boolean {
  if (frame.length === 1) {
    if (frame[0] === Control.atr) socket.write(encodeFrame(card.atr));
    else if (restarts.has(frame[0])) card.reset();
    return true;
  }
  if (frame.length < 4) {
    socket.write(encodeFrame(wrongLength));
    return true;
  }
  const reply = card.respond(frame);
  switch (reply.kind) {
    case 'answer':
      socket.write(encodeFrame(reply.bytes));
      return true;
    case 'silence':
      return true;
    case 'removed':
      return false;
  }
}

/**
 * @param payload 1 to 65535 bytes
 * @throws RangeError for other lengths
 */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  if (payload.length < 1 || payload.length > maxFrameBytes) {
    throw new RangeError(`frame: ${payload.length} bytes, 1 to ${maxFrameBytes} allowed`);
  }
  const frame = new Uint8Array(2 + payload.length);
  new DataView(frame.buffer).setUint16(0, payload.length);
  frame.set(payload, 2);
  return frame;
}

/** Cuts a stream of bytes into frames, wherever the network has split or joined them. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array();

  /** Takes in the next bytes and gives the payloads that are whole now. */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = concat(this.#rest, chunk);
    const payloads: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= 2) {
      const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
      if (end > bytes.length) break;
      payloads.push(bytes.slice(at + 2, end));
      at = end;
    }
    this.#rest = bytes.slice(at);
    return payloads;
  }
}

function noReader(host: string, port: number, cause: Error | undefined): UsageError {
  return new UsageError(
    'USAGE',
    `No virtual reader listens at ${host}:${port}. Start pcscd with the vsmartcard-vpcd driver, or give the address of one that runs.`,
    { cause },
  );
}
