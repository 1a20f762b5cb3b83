/** The blocks of a PEM text as DER, whatever stands between them. */
export function fromPem(text: string): readonly Uint8Array[] {
  const blocks = text.matchAll(/-----BEGIN [A-Z0-9 ]+-----([^-]+)-----END [A-Z0-9 ]+-----/g);
  return [...blocks].map(([, base64]) => new Uint8Array(Buffer.from(base64 ?? '', 'base64')));
}

/** The first block of a PEM text. */
export function onePem(text: string): Uint8Array {
  const [der] = fromPem(text);
  if (der === undefined) throw new Error('no PEM');
  return der;
}
