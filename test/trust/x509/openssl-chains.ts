/**
 * Chains made and judged by the openssl command: keys, requests and signatures are all its own, so
 * that nothing here shares code with what is tested. One key a kind and place is made once; each
 * certificate is one call.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is missing for these tests, or undefined. */
export async function opensslMissing(): Promise<string | undefined> {
  try {
    const { stdout } = await run('openssl', ['version']);
    return /^OpenSSL 3\./.test(stdout) ? undefined : `${stdout.trim()} is not OpenSSL 3`;
  } catch {
    return 'the command openssl is not there; install the package openssl';
  }
}

export const keyKinds = {
  'P-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  secp256k1: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  brainpoolP256r1: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:brainpoolP256r1'],
  Ed25519: ['-algorithm', 'ED25519'],
  RSA: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
} as const;

export type KeyKind = keyof typeof keyKinds;

export interface Form {
  /** Common name. */
  readonly subject: string;
  /** Name of the key; each name is another key. */
  readonly key: string;
  /** The certificate that signs, as `make` names it; its own key where it is left out. */
  readonly by?: string;
  /** Lines of an extension section; none makes a certificate of version 1. */
  readonly extensions: readonly string[];
  /** YYYYMMDDHHMMSSZ. */
  readonly from?: string;
  readonly until?: string;
  readonly digest?: string;
}

export interface Made {
  readonly id: string;
  readonly der: Uint8Array;
}

/** A folder of keys and certificates of one kind of key. */
export class Workshop {
  readonly #folder: string;
  readonly #kind: KeyKind;
  readonly #keys = new Map<string, Promise<string>>();
  readonly #forms = new Map<string, Form>();
  readonly #made = new Map<string, Promise<Made>>();
  #verified = 0;

  private constructor(folder: string, kind: KeyKind) {
    this.#folder = folder;
    this.#kind = kind;
  }

  static async open(kind: KeyKind): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'touchstone-openssl-')), kind);
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The certificate of that form; the same one when it is asked for again. */
  make(form: Form): Promise<Made> {
    const text = JSON.stringify(form);
    const known = this.#made.get(text);
    if (known !== undefined) return known;
    const made = this.#make(`certificate-${this.#made.size}`, form);
    this.#made.set(text, made);
    return made;
  }

  /**
   * What `openssl verify -x509_strict` says.
   *
   * @param certificates PEM or DER, the leaf first
   */
  async accepts(
    certificates: readonly Uint8Array[],
    anchor: Uint8Array,
    at: number,
  ): Promise<boolean> {
    this.#verified += 1;
    const name = join(this.#folder, `verify-${this.#verified}`);
    const [leaf, ...between] = certificates.map(toPem);
    await Promise.all([
      writeFile(`${name}.leaf`, leaf ?? ''),
      writeFile(`${name}.between`, between.join('')),
      writeFile(`${name}.anchor`, toPem(anchor)),
    ]);
    const untrusted = between.length > 0 ? ['-untrusted', `${name}.between`] : [];
    try {
      await run('openssl', [
        ...['verify', '-x509_strict', '-attime', `${at / 1000}`, '-trusted', `${name}.anchor`],
        ...[...untrusted, `${name}.leaf`],
      ]);
      return true;
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') {
        throw error;
      }
      return false;
    }
  }

  async #make(id: string, form: Form): Promise<Made> {
    this.#forms.set(id, form);
    const key = await this.#key(form.key);
    const signer = form.by === undefined ? form : this.#forms.get(form.by);
    if (signer === undefined) throw new Error(`no certificate ${form.by}`);
    const { from = '20200101000000Z', until = '20400101000000Z' } = form;
    const config = join(this.#folder, `${id}.cnf`);
    await writeFile(config, this.#configOf(id, form));
    await writeFile(join(this.#folder, `${id}.index`), '');
    const request = join(this.#folder, `${id}.csr`);
    await run('openssl', [
      ...['req', '-new', '-config', config, '-key', key, '-out', request],
      ...['-subj', `/CN=${form.subject}`],
    ]);
    const by = form.by === undefined ? ['-selfsign'] : ['-cert', this.#file(form.by)];
    await run('openssl', [
      ...['ca', '-batch', '-notext', '-config', config, '-in', request, '-out', this.#file(id)],
      ...['-keyfile', await this.#key(signer.key), ...by, '-startdate', from, '-enddate', until],
      ...(form.extensions.length > 0 ? ['-extensions', 'extensions'] : []),
    ]);
    return { id, der: toDer(await readFile(this.#file(id), 'utf8')) };
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.pem`);
  }

  #key(name: string): Promise<string> {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const file = join(this.#folder, `${name}.key`);
    const made = run('openssl', ['genpkey', ...keyKinds[this.#kind], '-out', file]).then(
      () => file,
    );
    this.#keys.set(name, made);
    return made;
  }

  #configOf(id: string, { extensions, digest }: Form): string {
    const database = join(this.#folder, `${id}.index`);
    return [
      '[req]',
      'distinguished_name = name',
      '[name]',
      '[ca]',
      'default_ca = here',
      '[here]',
      `database = ${database}`,
      `new_certs_dir = ${this.#folder}`,
      'rand_serial = yes',
      'policy = any',
      'unique_subject = no',
      `default_md = ${digest ?? (this.#kind === 'Ed25519' ? 'null' : 'sha256')}`,
      '[any]',
      'commonName = supplied',
      '[extensions]',
      ...extensions,
      '',
    ].join('\n');
  }
}

function toDer(pem: string): Uint8Array {
  const base64 = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(pem)?.[1] ?? '';
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
