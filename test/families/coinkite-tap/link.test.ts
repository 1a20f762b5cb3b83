/** Tap links and card numbers of real cards, as published. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { appraise } from '../../../src/appraisal/appraise.ts';
import { fromHex } from '../../../src/bytes/hex.ts';
import { cardNumber } from '../../../src/families/coinkite-tap/identity.ts';
import { proveUrl } from '../../../src/families/coinkite-tap/prove.ts';
import { packagedRegistry, testNow } from '../../support/registry.ts';

interface Vectors {
  readonly urls: readonly {
    readonly id: string;
    readonly url: string;
    readonly expectedAddress?: string;
    readonly expectedIdent?: string;
  }[];
  readonly idents: readonly { readonly pubkey: string; readonly ident: string }[];
}

const path = new URL('../../vectors/coinkite-tap/urls.json', import.meta.url);
const { urls, idents }: Vectors = JSON.parse(readFileSync(path, 'utf8'));

const proveLink = (url: string) =>
  proveUrl({ kind: 'url', family: 'coinkite-tap', collectedAt: '2026-11-23T00:00:00Z', url });
const linkResult = (url: string) =>
  proveLink(url).checks.find((check) => check.role === 'side')?.result;

describe.each(urls)('link $id', ({ url, expectedAddress, expectedIdent }) => {
  it('is signed by the key that it names', () => {
    expect(linkResult(url)).toBe('held');
    const { number, facts } = proveLink(url);
    const address = facts.find(({ code }) => code === 'slot-address')?.params['address'];
    if (expectedAddress !== undefined) expect(address).toBe(expectedAddress);
    if (expectedIdent !== undefined) expect(number?.value).toBe(expectedIdent);
  });

  it('may stand behind any address: a factory can print its own', () => {
    expect(linkResult(url.replace(/^https:\/\/[^/]+/, 'https://example.com'))).toBe('held');
  });

  it('decides nothing: it could be replayed and chains to nobody', () => {
    const policy = { freshness: 'imported', expectNew: false, log: 'not-consulted' } as const;
    const verdict = appraise(proveLink(url), packagedRegistry, policy, testNow);
    expect(verdict).toMatchObject({ word: 'not decided', exit: 4, row: 'replayable' });
    const { number, facts } = proveLink(url);
    const authorities = [...facts, ...(number ? [number] : [])].map(({ authority }) => authority);
    expect(new Set(authorities)).toEqual(new Set(['reported']));
  });

  it.each([
    ['state', /u=S/, 'u=U'],
    ['nonce', /n=(.)/, 'n=f'],
    ['slot or product', /([to])=\d/, '$1=3'],
    ['key hint', /([rc])=(.)/, '$1=q'],
  ])('is not held with another %s', (_, from, to) => {
    const altered = url.replace(from, to);
    expect(altered).not.toBe(url);
    expect(linkResult(altered)).not.toBe('held');
  });

  it('is not held with any digit of the signature altered', () => {
    const start = url.length - 128;
    for (let index = start; index < url.length; index += 1) {
      const digit = url[index] === '0' ? '1' : '0';
      const altered = url.slice(0, index) + digit + url.slice(index + 1);
      expect(linkResult(altered), `digit ${index - start}`).toBe('contradicted');
    }
  });

  it.each([
    ['no fragment', (text: string) => text.replace('#', '?')],
    ['a field twice', (text: string) => text.replace('#', '#u=S&')],
    ['something after the signature', (text: string) => `${text}&x=1`],
    ['a short signature', (text: string) => text.slice(0, -2)],
    ['no text at all', () => ''],
  ])('is unreadable with %s', (_, alter) => {
    expect(linkResult(alter(url))).toBe('unreadable');
  });
});

describe('card number', () => {
  it.each(idents)('of $pubkey is $ident', ({ pubkey, ident }) => {
    expect(cardNumber(fromHex(pubkey))).toBe(ident);
  });

  it('of another key is another one', () => {
    const [first] = idents;
    expect(cardNumber(fromHex(`03${'ab'.repeat(32)}`))).not.toBe(first?.ident);
  });
});
