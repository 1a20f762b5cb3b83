/** The certificates of the maker Toporin; test/vectors/satochip tells where they come from. */
import { readFileSync } from 'node:fs';
import { onePem } from './pem.ts';

const folder = new URL('../../vectors/satochip/', import.meta.url);

export const products = ['satochip', 'satodime', 'seedkeeper'] as const;

export const satochipFiles: readonly string[] = [
  'ca.cert',
  'test-ca.cert',
  ...products.flatMap((product) => [`subca-${product}.cert`, `test-subca-${product}.cert`]),
];

/** What the file holds: a dump, and PEM. */
export const satochipText = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

export const satochip = (file: string): Uint8Array => onePem(satochipText(file));
