/**
 * The certificates of the demo maker, and the device certificates that it issues. The maker's own
 * are public (Toporin/pysatochip pysatochip/cert @6f3aa4e); these have their shape.
 *
 *   root     P-384, signed by itself with SHA-512; path length 1, serial 1
 *   product  secp256k1, signed by the root with SHA-512; path length 0, serial 2, 3, 4
 *   device   secp256k1, signed by the product with SHA-256
 *
 * Authorities: valid from 2020-12-01 to 2040-12-01, key usage certSign and cRLSign (critical),
 * subject key identifier, no authority key identifier. No device certificate is public: its
 * extensions and dates are of our own choice. Its common name is SHA-1 over what the chip says of
 * itself, as 40 hexadecimal digits (pysatochip CardConnector.py, card_verify_authenticity).
 */
import { p384 } from '@noble/curves/nist.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { concat } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import type { ChipData } from '../card-manager.ts';
import { type KeyPair, satochipDemo } from '../demo-keys.ts';
import type { Product } from './profile.ts';
import { sign, signAsRoot } from './signatures.ts';
import { buildCertificate, type Name, type Validity } from './x509.ts';

/** The certificates of one maker, DER. */
export interface MakersCertificates extends Readonly<Record<Product, Uint8Array>> {
  readonly root: Uint8Array;
}

interface Maker extends Readonly<Record<Product, KeyPair>> {
  readonly rootSeed: Uint8Array;
}

const authorityValidity: Validity = { from: '201201120000Z', until: '401201120000Z' };

/** Of cards whose certificate has run out. */
const pastValidity: Validity = { from: '210104120000Z', until: '211231120000Z' };
const deviceValidity: Validity = { from: '230515120000Z', until: '401201120000Z' };

const rootName: Name = {
  organization: 'Touchstone Demo',
  commonName: 'Demo Personalization Root CA 1',
};

const products: Readonly<Record<Product, { readonly serial: number; readonly unit: string }>> = {
  seedkeeper: { serial: 2, unit: 'SeedKeeper' },
  satochip: { serial: 3, unit: 'Satochip' },
  satodime: { serial: 4, unit: 'SatoDime' },
};

function productName(product: Product): Name {
  const { unit } = products[product];
  return {
    organization: 'Touchstone Demo',
    unit,
    commonName: `${unit} Demo Personalization SubCA 1`,
  };
}

const impostor: Maker = satochipDemo.foreign;

/** The demo maker's certificates, and those of an impostor under the same names. */
export const satochipDemoCertificates: MakersCertificates & {
  readonly foreign: MakersCertificates;
} = { ...issueAuthorities(satochipDemo), foreign: issueAuthorities(impostor) };

function issueAuthorities(maker: Maker): MakersCertificates {
  const rootKey = rootKeyFrom(maker.rootSeed);
  const issue = (serial: number, subject: Name, publicKey: Uint8Array, pathLength: number) =>
    buildCertificate({
      serial: Uint8Array.of(serial),
      issuer: rootName,
      subject,
      validity: authorityValidity,
      publicKey,
      authority: { pathLength },
      digest: 'sha512',
      sign: (message) => signAsRoot(message, rootKey),
    });
  const ofProduct = (product: Product) =>
    issue(products[product].serial, productName(product), maker[product].publicKey, 0);
  return {
    root: issue(1, rootName, p384.getPublicKey(rootKey), 1),
    satochip: ofProduct('satochip'),
    seedkeeper: ofProduct('seedkeeper'),
    satodime: ofProduct('satodime'),
  };
}

/** Like keys on secp256k1 in demo-keys.ts, with the order of P-384. */
function rootKeyFrom(seed: Uint8Array): Uint8Array {
  const { Fn } = p384.Point;
  const number = seed.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return Fn.toBytes((number % (Fn.ORDER - 1n)) + 1n);
}

export interface DeviceCertificate {
  /** The product whose authority signs. */
  readonly product: Product;
  readonly issuer: 'demo' | 'foreign';
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly chip: ChipData;
  readonly isExpired: boolean;
  /** Says of itself that it may sign certificates. */
  readonly isAuthority: boolean;
}

/** Issues the certificate of one card; DER. */
export function issueDevice(device: DeviceCertificate): Uint8Array {
  const maker: Maker = device.issuer === 'demo' ? satochipDemo : impostor;
  const serial = sha1(device.publicKey).subarray(0, 8);
  return buildCertificate({
    serial,
    issuer: productName(device.product),
    subject: { organization: rootName.organization, commonName: chipName(device.chip) },
    validity: device.isExpired ? pastValidity : deviceValidity,
    publicKey: device.publicKey,
    authority: device.isAuthority ? {} : undefined,
    digest: 'sha256',
    sign: (message) => sign(message, maker[device.product].privateKey),
  });
}

/** CPLC, IIN and CIN, whole; what the chip lacks adds nothing. */
const namingTags = [0x9f7f, 0x0042, 0x0045];

function chipName(chip: ChipData): string {
  const objects = namingTags.map((tag) => chip.get(tag) ?? new Uint8Array());
  return toHex(sha1(concat(...objects)));
}
