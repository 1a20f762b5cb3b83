/** Where certificates of cards may lead, as far as the registry knows. */
import { equal } from '../bytes/bytes.ts';
import type { KnownRoot, LayeredEntry } from './registry-layer.ts';
import { type Certificate, parseCertificate } from './x509/certificate.ts';

/** A way from a card's certificate to a root, as far as the registry knows it. */
export interface KnownPath {
  /** Between the card's certificates and the root's, from the card outwards; may be none. */
  readonly between: readonly Certificate[];
  readonly root: KnownRoot;
  readonly anchor: Certificate;
  /** The only products whose cards may come by it; left out: any. */
  readonly products?: readonly string[] | undefined;
  /** What the certificate between is called. */
  readonly issuerName?: string | undefined;
}

/**
 * One path for each certificate that the registry holds below a root; where it holds none, the root
 * itself.
 *
 * @param layers the family's entries, lowest layer first
 */
export function pathsOf(layers: readonly LayeredEntry[]): readonly KnownPath[] {
  return layers.flatMap(({ entry, layer }) =>
    entry.roots.flatMap((root): KnownPath[] => {
      if (root.certificate === undefined) return [];
      const anchor = readCertificate(root.certificate);
      const direct = { between: [], root: refusing(layers, anchor) ?? { ...root, layer }, anchor };
      const over = entry.issuers.flatMap(({ certificate, root: above, products, name }) =>
        certificate === undefined || above !== root.id
          ? []
          : [{ ...direct, between: [readCertificate(certificate)], products, issuerName: name }],
      );
      return over.length > 0 ? over : [direct];
    }),
  );
}

/**
 * A root that is not the maker's and has the key of this certificate. It goes before any other:
 * pinning a published test key by overlay, in whatever certificate, does not un-refuse it.
 */
function refusing(
  layers: readonly LayeredEntry[],
  { publicKey }: Certificate,
): KnownRoot | undefined {
  for (const { entry, layer } of layers) {
    const found = entry.roots.find(
      ({ role, certificate }) =>
        role !== 'maker' &&
        certificate !== undefined &&
        equal(readCertificate(certificate).publicKey.hash, publicKey.hash),
    );
    if (found !== undefined) return { ...found, layer };
  }
  return undefined;
}

/** @param text base64 that was read once before, when the registry was */
function readCertificate(text: string): Certificate {
  return parseCertificate(new Uint8Array(Buffer.from(text, 'base64')));
}
