/**
 * The talk with the card: status, channel, certificate, public key, challenge, and what shows its use.
 * Nothing here changes a card, but that a wrong PIN costs one of its tries.
 *
 * A Satodime answers everybody. A Satochip or SeedKeeper that is not set up answers nobody: there, one
 * question shows whether its personalisation was ever closed. One that is set up asks for its PIN: sent
 * once if its owner gave it, and never when it might be the last try, whatever it is needed for. No run
 * sets a card up: that is for its owner to do.
 */
import { parseResponse, Sw } from '../../apdu/response.ts';
import { utf8 } from '../../bytes/bytes.ts';
import type { Card } from '../../reader/card.ts';
import { attempt, untilUnreadable } from '../check.ts';
import type { Interview } from '../family.ts';
import { openChannel } from './channel.ts';
import { challengeLabel, displayNames, type Product, products, satochip } from './constants.ts';
import {
  encodeSatochipCommand,
  encodeVerifyPin,
  nextPiece,
  parseCertificateSize,
  parsePiece,
  parseSatochipCommand,
  type SatochipCommand,
} from './messages.ts';
import { redactLabel, redactPin } from './redaction.ts';
import { type CardStatus, isTooOld, needsPin, parseStatus } from './status.ts';

/** A refusal is no error here; it stays in the transcript for `prove` to judge. */
export function interview(card: Card, talk: Interview): Promise<void> {
  return untilUnreadable(() => ask(card, talk));
}

interface Opened {
  readonly product: Product;
  readonly status: CardStatus;
}

async function ask(card: Card, talk: Interview): Promise<void> {
  const { onStep, random } = talk;
  onStep('status');
  const opened = await openApplication(card, talk.probed);
  if (opened === undefined) return;
  const { product, status } = opened;
  if (status.version === undefined || isTooOld(product, status)) return;
  onStep('channel');
  const inside = await openChannel(card, random);
  if (inside === undefined) return;
  if (needsPin(product)) {
    // Open to everybody on a card that can still be personalised; closed on one that is for sale.
    if (!status.setUp) {
      if (talk.accessCode !== undefined) onStep('code-unneeded');
      return void (await send(inside, { name: 'public-key' }));
    }
    if (!(await verifyPin(inside, opened, talk))) return;
  } else if (talk.accessCode !== undefined) {
    onStep('code-unneeded');
  }
  await attest(inside, talk);
  await askUse(inside, product, talk);
}

/** The first of the three applications that answers with a status. */
async function openApplication(
  card: Card,
  probed: Uint8Array | undefined,
): Promise<Opened | undefined> {
  if (probed !== undefined) {
    const product = lastSelected(card);
    return product && { product, status: parseStatus(probed) };
  }
  for (const product of products) {
    await card.transmit(encodeSatochipCommand({ name: 'manager' }), 'state');
    const selected = await card.transmit(
      encodeSatochipCommand({ name: 'select', product }),
      'proof',
    );
    if (parseResponse(selected).sw !== Sw.ok) continue;
    const answer = await card.transmit(encodeSatochipCommand({ name: 'status' }), 'proof');
    const status = attempt(() => parseStatus(answer));
    if (typeof status !== 'string') return { product, status };
  }
  return undefined;
}

function lastSelected({ recorded }: Card): Product | undefined {
  for (const { command } of recorded.toReversed()) {
    const parsed = attempt(() => parseSatochipCommand(command));
    if (typeof parsed !== 'string' && parsed.name === 'select') return parsed.product;
  }
  return undefined;
}

/** @returns true when the card took the PIN */
async function verifyPin(
  card: Card,
  { product, status: { tries } }: Opened,
  { accessCode, onStep }: Interview,
): Promise<boolean> {
  if (accessCode === undefined) return false;
  const pin = utf8(accessCode);
  if (pin.length < satochip.minPinLength || pin.length > satochip.maxPinLength) {
    onStep('code-unfit');
    return false;
  }
  onStep('code-tries', { tries: `${tries}`, product: displayNames[product] });
  if (tries <= 1) {
    onStep('code-last-try');
    return false;
  }
  onStep('code');
  const answer = await card.transmit(encodeVerifyPin(pin), 'state', redactPin);
  return parseResponse(answer).sw === Sw.ok;
}

async function attest(card: Card, { onStep, challenges }: Interview): Promise<void> {
  onStep('certificates');
  const size = await readCertificate(card);
  await send(card, { name: 'public-key' });
  // Without a certificate no signature leads to the maker.
  if (size === undefined || size === 0) return;
  onStep('challenge');
  const challenge = challenges(challengeLabel, satochip.challengeLength);
  await send(card, { name: 'challenge', challenge });
}

/** @returns how long the certificate is; undefined where the card keeps it back */
async function readCertificate(card: Card): Promise<number | undefined> {
  const answer = await send(card, { name: 'certificate-size' });
  if (answer === undefined) return undefined;
  const size = parseCertificateSize(answer);
  let received = 0;
  for (let piece = nextPiece(size, 0); piece !== undefined; piece = nextPiece(size, received)) {
    const data = await send(card, { name: 'certificate-piece', ...piece });
    if (data === undefined) return undefined;
    received += parsePiece(data, piece.size).length;
  }
  return size;
}

async function askUse(card: Card, product: Product, { onStep }: Interview): Promise<void> {
  switch (product) {
    case 'satodime':
      onStep('slots');
      await send(card, { name: 'slots' }, 'state');
      await card.transmit(encodeSatochipCommand({ name: 'label' }), 'state', redactLabel);
      return;
    case 'seedkeeper':
      onStep('secrets');
      await send(card, { name: 'secrets' }, 'state');
      return;
    case 'satochip':
  }
}

/** @returns the data of the answer; undefined when the card refuses */
async function send(
  card: Card,
  command: SatochipCommand,
  disclosure: 'proof' | 'state' = 'proof',
): Promise<Uint8Array | undefined> {
  const { data, sw } = parseResponse(
    await card.transmit(encodeSatochipCommand(command), disclosure),
  );
  return sw === Sw.ok ? data : undefined;
}
