/**
 * What the applets say when they are selected. Nothing of it is signed, except for the certificate.
 *
 *   Keycard, up to 3.2, blank   80 41 point
 *   Keycard, up to 3.2          A4 L { 8F 10 instance, 80 41 point, 02 02 version, 02 01 free slots,
 *                                      8E 00 | 8E 20 key UID, [8D 01 capabilities] }
 *   Keycard, 4.0                A4 L { 02 02 version, 8C 01 status, 8E 00 | 8E 20 key UID,
 *                                      8D 01 capabilities, [8A 62 certificate] }
 *   cash                        A4 L { 80 41 point, 02 02 version, 82 any data }
 *   identification              the certificate, or nothing
 *
 * In the 4.0 form the outer length may be one less than the content: the applet computes it so
 * (selectApplet in KeycardApplet.java at a61616a). Tags come in this order and no others do.
 */
import { parseResponse, Sw } from '../../apdu/response.ts';
import { type DataObject, parseDataObject, parseDataObjects } from '../../apdu/tlv.ts';
import { EvidenceError } from '../../errors/error.ts';
import { compressSecp256k1 } from '../../trust/signature.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { keycard, Status, StatusBit, Tag } from './constants.ts';
import type { Version } from './version.ts';

export type Selected =
  /** Up to 3.2, before anybody has set it up: not even the version is told. */
  | { readonly form: 'blank' }
  | {
      readonly form: 'three';
      readonly version: Version;
      readonly freeSlots: number;
      readonly hasKey: boolean;
    }
  | {
      readonly form: 'four';
      readonly version: Version;
      readonly initialised: boolean;
      readonly pinTries: number;
      readonly hasKey: boolean;
      readonly certificate?: Certificate | undefined;
    }
  /** A 4.0 applet whose maker has loaded no certificate. */
  | { readonly form: 'uncertified' }
  | { readonly form: 'refused'; readonly sw: number };

/**
 * @param response a whole answer, status bytes included
 * @throws EvidenceError for an answer that no Keycard gives
 */
export function parseSelected(response: Uint8Array): Selected {
  const { data, sw } = parseResponse(response);
  if (sw !== Sw.ok) {
    if (data.length > 0) throw new EvidenceError('SELECT: data beside a refusal');
    return sw === Status.conditions ? { form: 'uncertified' } : { form: 'refused', sw };
  }
  checkSize(data);
  if (data[0] === Tag.publicKey) {
    const fields = new Fields(parseDataObjects(data));
    fields.point();
    fields.end();
    return { form: 'blank' };
  }
  const { content, isShort } = openTemplate(data);
  const objects = parseDataObjects(content);
  if (objects[0]?.tag === Tag.number) return parseFour(new Fields(objects));
  if (isShort) throw new EvidenceError('object A4: bytes after it');
  return parseThree(new Fields(objects));
}

/**
 * The inside of the outer object, as a view into `data`.
 *
 * @returns `isShort` where the length counts one byte less than there is
 * @throws EvidenceError for anything but one object A4
 */
export function openTemplate(data: Uint8Array): { content: Uint8Array; isShort: boolean } {
  const [object, rest] = parseDataObject(data);
  if (object.tag !== Tag.template) throw new EvidenceError('object A4 expected');
  if (rest.length > 1) throw new EvidenceError('object A4: bytes after it');
  const content = data.subarray(data.length - object.value.length - rest.length);
  return { content, isShort: rest.length === 1 };
}

/**
 * The version that the cash applet tells; undefined where it is not there.
 *
 * @throws EvidenceError for an answer of another form
 */
export function parseCash(response: Uint8Array): Version | undefined {
  const { data, sw } = parseResponse(response);
  if (sw !== Sw.ok) return undefined;
  checkSize(data);
  const { content, isShort } = openTemplate(data);
  if (isShort) throw new EvidenceError('object A4: bytes after it');
  const fields = new Fields(parseDataObjects(content));
  // Any 65 bytes: it is a wallet's key, and a transcript does not keep it.
  fields.next(Tag.publicKey, [keycard.pointLength]);
  const version = fields.version();
  fields.next(Tag.cashData);
  fields.end();
  return version;
}

/**
 * The certificate of the identification applet; undefined where the applet or its certificate is not
 * there.
 *
 * @throws EvidenceError for any other answer
 */
export function parseIdent(response: Uint8Array): Certificate | undefined {
  const { data, sw } = parseResponse(response);
  return sw !== Sw.ok || data.length === 0 ? undefined : parseCertificate(data);
}

function parseThree(fields: Fields): Selected {
  fields.next(Tag.instanceUid, [keycard.instanceUidLength]);
  fields.point();
  const version = fields.version();
  const freeSlots = fields.byte(Tag.number);
  const hasKey = fields.keyUid();
  // Some applets of 2.x tell no capabilities.
  if (fields.isNext(Tag.capabilities)) fields.byte(Tag.capabilities);
  fields.end();
  return { form: 'three', version, freeSlots, hasKey };
}

function parseFour(fields: Fields): Selected {
  const version = fields.version();
  const status = fields.byte(Tag.status);
  const hasKey = fields.keyUid();
  fields.byte(Tag.capabilities);
  const certificate = fields.isNext(Tag.certificate)
    ? parseCertificate(fields.next(Tag.certificate))
    : undefined;
  fields.end();
  return {
    form: 'four',
    version,
    initialised: (status & StatusBit.initialised) !== 0,
    pinTries: status & StatusBit.tries,
    hasKey,
    certificate,
  };
}

function checkSize(data: Uint8Array): void {
  if (data.length > keycard.maxAnswerBytes) {
    throw new EvidenceError(
      `answer: ${data.length} bytes, at most ${keycard.maxAnswerBytes} expected`,
    );
  }
}

/** Objects taken one after the other, each with the tag and the length that it must have. */
class Fields {
  private readonly objects: readonly DataObject[];
  private position = 0;

  constructor(objects: readonly DataObject[]) {
    this.objects = objects;
  }

  isNext(tag: number): boolean {
    return this.objects[this.position]?.tag === tag;
  }

  /** @throws EvidenceError for another tag, or a length that is not one of `lengths` */
  next(tag: number, lengths?: readonly number[]): Uint8Array {
    const object = this.objects[this.position];
    const name = `object ${tag.toString(16).toUpperCase().padStart(2, '0')}`;
    if (object?.tag !== tag) throw new EvidenceError(`${name} expected`);
    if (lengths !== undefined && !lengths.includes(object.value.length)) {
      throw new EvidenceError(
        `${name}: ${object.value.length} bytes, ${lengths.join(' or ')} expected`,
      );
    }
    this.position += 1;
    return object.value;
  }

  byte(tag: number): number {
    return this.next(tag, [1])[0] ?? 0;
  }

  version(): Version {
    const [major = 0, minor = 0] = this.next(Tag.number, [2]);
    return { major, minor };
  }

  /** True where a key is loaded. Its UID would tell whose card it is: only that there is one counts. */
  keyUid(): boolean {
    return this.next(Tag.keyUid, [0, keycard.keyUidLength]).length > 0;
  }

  point(): void {
    const value = this.next(Tag.publicKey, [keycard.pointLength]);
    if (compressSecp256k1(value) === undefined) {
      throw new EvidenceError('object 80: no point on the curve');
    }
  }

  end(): void {
    const object = this.objects[this.position];
    if (object !== undefined) {
      throw new EvidenceError(`object ${object.tag.toString(16).toUpperCase()}: not expected`);
    }
  }
}
