/** Where certificates of cards may lead, as far as the registry knows. */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { KnownRoot, LayeredEntry } from './registry-layer.ts';
import type { Root } from './registry-schema.ts';
import { compressedSecp256k1 } from './signature.ts';
import { type Certificate, certificateFromBase64 } from './x509/certificate.ts';

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
      const anchor = certificateFromBase64(root.certificate);
      const way = (between: readonly Certificate[]): KnownPath => ({
        between,
        root: refusing(layers, [...between, anchor]) ?? { ...root, layer },
        anchor,
      });
      const below = entry.issuers.filter(({ root: above }) => above === root.id);
      const paths = below.flatMap(({ certificate, products, name }) =>
        certificate === undefined
          ? []
          : [{ ...way([certificateFromBase64(certificate)]), products, issuerName: name }],
      );
      return (below.length > 0 ? paths : [way([])]).filter(
        // What the pinned layer says of a key (its products, its exceptions), no overlay widens.
        ({ between, root: reached }) =>
          layer.role === 'pinned' ||
          reached.role !== 'maker' ||
          ![...between, anchor].some((each) => isPinned(layers, each)),
      );
    }),
  );
}

/** True when the pinned layer has this key, as a root or below one. */
function isPinned(layers: readonly LayeredEntry[], certificate: Certificate): boolean {
  return layers
    .filter(({ layer }) => layer.role === 'pinned')
    .flatMap(({ entry }) => [...entry.roots, ...entry.issuers])
    .some((listed) => isKeyOf(listed, certificate));
}

/**
 * A root that is not the maker's, where one of these certificates has its key, or the key of an issuer
 * below it. It goes before any other: pinning a published test key by overlay, in whatever certificate,
 * does not un-refuse it.
 */
function refusing(
  layers: readonly LayeredEntry[],
  certificates: readonly Certificate[],
): KnownRoot | undefined {
  for (const { entry, layer } of layers) {
    const found = entry.roots.find((root) => {
      if (root.role === 'maker') return false;
      const below = entry.issuers.filter(({ root: above }) => above === root.id);
      return [root, ...below].some((listed) => certificates.some((each) => isKeyOf(listed, each)));
    });
    if (found !== undefined) return { ...found, layer };
  }
  return undefined;
}

function isKeyOf(
  { key, certificate }: Pick<Root, 'key' | 'certificate'>,
  { publicKey }: Certificate,
): boolean {
  if (certificate !== undefined) {
    return equal(certificateFromBase64(certificate).publicKey.hash, publicKey.hash);
  }
  const compressed = compressedSecp256k1(publicKey);
  return compressed !== undefined && key === toHex(compressed);
}
