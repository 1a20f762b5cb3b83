/** From card to verdict, under a registry that pins the demo maker as the real one is pinned. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../../src/appraisal/appraise.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { products } from '../../../src/families/satochip/constants.ts';
import { encodeSatochipCommand } from '../../../src/families/satochip/messages.ts';
import { prove } from '../../../src/families/satochip/prove.ts';
import { satochipDemoCertificates as demo } from '../../../src/simulator/satochip/certificates.ts';
import { Registry } from '../../../src/trust/registry.ts';
import { parseRegistryLayer } from '../../../src/trust/registry-layer.ts';
import { testNow } from '../../support/registry.ts';
import { type Asked, talkTo } from './cards.ts';

const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64');
const source = 'this test';

const rootOf = (id: string, role: string, der: Uint8Array) => ({
  ...{ id, role, certificate: base64(der), name: id, source },
  exceptions: ['no-authority-key-id'],
});

function registryOf(role: 'maker' | 'test'): Registry {
  const file = {
    schema: 'touchstone.registry/1',
    name: 'demo maker',
    serial: 1,
    issued: '2026-11-22T00:00:00Z',
    expires: '2046-11-22T00:00:00Z',
    families: {
      satochip: {
        maker: 'Satochip',
        website: 'https://satochip.io',
        roots: [
          rootOf('root', role, demo.root),
          // Another maker by the same names: without any, no registry is one.
          ...(role === 'test' ? [rootOf('other', 'maker', demo.foreign.root)] : []),
        ],
        issuers: products.map((product) => ({
          ...{ id: product, root: 'root', products: [product], name: product, source },
          certificate: base64(demo[product]),
        })),
        products: products.map((id) => ({
          ...{ id, name: id, printedNumber: 'nowhere', source },
          expectedAtSale: { usage: ['new', 'pin-set'], attestableWhen: 'always', note: 'a note' },
        })),
      },
    },
  };
  return new Registry([parseRegistryLayer(JSON.stringify(file), 'pinned', 'demo')]);
}

const registry = registryOf('maker');
const policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted' } as const;
const pin: Asked = { accessCode: '123456' };

describe('the verdict on', () => {
  it.each([
    ['genuine', {}, 'proven', 'pinned', 'held', 'expected'],
    ['set-up-satochip', pin, 'proven', 'pinned', 'held', 'expected'],
    ['set-up-seedkeeper', pin, 'proven', 'pinned', 'held', 'expected'],
    ['seeded-satochip', pin, 'proven', 'pinned', 'held', 'unexpected'],
    ['reset-seedkeeper', pin, 'proven', 'pinned', 'held', 'unexpected'],
    ['labelled-satodime', {}, 'proven', 'pinned', 'held', 'unusual'],
    ['unsealed-satodime', {}, 'proven', 'pinned', 'held', 'unexpected'],
    ['new-satochip', {}, 'not-yet', 'missing', 'held', 'expected'],
    ['open-pki', {}, 'not-yet', 'missing', 'held', 'unexpected'],
    ['set-up-satochip', {}, 'locked', 'missing', 'held', 'expected'],
    ['set-up-satochip', { accessCode: '9999' }, 'code-refused', 'missing', 'held', 'expected'],
    ['last-try', pin, 'locked', 'missing', 'held', 'unusual'],
    ['fake-ca', {}, 'proven', 'refuted', 'held', 'expected'],
    ['wrong-product', {}, 'proven', 'refuted', 'held', 'expected'],
    ['other-chip', {}, 'proven', 'unfit', 'held', 'expected'],
    ['no-chip-data', {}, 'proven', 'missing', 'held', 'expected'],
    ['expired-certificate', {}, 'proven', 'undated', 'held', 'expected'],
    ['ca-leaf', {}, 'proven', 'refuted', 'held', 'expected'],
    ['cloned-certificate', {}, 'refuted', 'pinned', 'contradicted', 'expected'],
    ['channel-liar', {}, 'proven', 'pinned', 'contradicted', 'expected'],
  ])('%s %o', async (id, how, live, chain, consistency, usage) => {
    const { facts } = appraise(prove((await talkTo(id, how)).evidence), registry, policy, testNow);
    expect(facts).toMatchObject({ live, chain, consistency, usage });
  });

  it.each([
    ['other-chip', 'chain-unfit'],
    ['expired-certificate', 'chain-undated'],
    ['reset-seedkeeper', 'not-new'],
  ])('%s is decided by the row %s', async (id, row) => {
    const verdict = appraise(prove((await talkTo(id, pin)).evidence), registry, policy, testNow);
    expect(verdict.row).toBe(row);
    expect(verdict.word).toBe(row === 'not-new' ? 'genuine with warnings' : 'not decided');
  });

  it('a card that its maker signed for tests is not genuine', async () => {
    const proof = prove((await talkTo('genuine')).evidence);
    const verdict = appraise(proof, registryOf('test'), policy, testNow);
    expect(verdict.facts.chain).toBe('test');
    expect(verdict.word).not.toMatch(/^genuine/);
  });

  it('a product under the name of another is genuine in no way', async () => {
    for (const [own, id] of [
      ['satodime', 'genuine'],
      ['satochip', 'set-up-satochip'],
      ['seedkeeper', 'set-up-seedkeeper'],
    ] as const) {
      const { evidence } = await talkTo(id, pin);
      for (const product of products) {
        const transcript = evidence.transcript.map((exchange) => ({
          ...exchange,
          command: /^00a40400(08|0a)/.test(toHex(exchange.command))
            ? encodeSatochipCommand({ name: 'select', product })
            : exchange.command,
        }));
        const { facts } = appraise(prove({ ...evidence, transcript }), registry, policy, testNow);
        expect(facts.chain, `${own} as ${product}`).toBe(own === product ? 'pinned' : 'refuted');
      }
    }
  });
});
