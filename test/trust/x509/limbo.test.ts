/** All cases of x509-limbo; where Touchstone differs is a list of its own, with reasons. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { limbo, runLimbo } from './limbo.ts';

const deviations: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('limbo-deviations.json', import.meta.url), 'utf8'),
);

/** Cases that must be refused for what they are about, and not for something else in them. */
const rules: Readonly<Record<string, string>> = {
  'crl::revoked-certificate-with-crl': 'revocation',
  'crl::issuer-missing-crlsign': 'revocation',
  'pathlen::intermediate-violates-pathlen-0': 'path-length',
  'rfc5280::aki::critical-aki': 'critical-extension',
  'rfc5280::aki::leaf-missing-aki': 'key-id',
  'rfc5280::aki::cross-signed-root-missing-aki': 'key-id',
  'rfc5280::eku::ee-eku-empty': 'form',
  'rfc5280::nc::permitted-dns-match-noncritical': 'name-constraints',
  'rfc5280::nc::not-allowed-in-ee-critical': 'name-constraints',
  'rfc5280::san::malformed': 'form',
  'rfc5280::san::noncritical-with-empty-subject': 'subject',
  'rfc5280::san::underscore-dns': 'form',
  'rfc5280::san::ip-in-dns': 'form',
  'rfc5280::serial::too-long': 'form',
  'rfc5280::serial::zero': 'form',
  'rfc5280::ski::root-missing-ski': 'key-id',
  'rfc5280::ski::intermediate-missing-ski': 'key-id',
  'rfc5280::validity::expired-root': 'validity',
  'rfc5280::validity::expired-leaf': 'validity',
  'rfc5280::validity::notbefore-fractional': 'validity',
  'rfc5280::validity::expired-1-second': 'validity',
  'rfc5280::validity::not-yet-valid-1-second': 'validity',
  'rfc5280::validity::not-yet-valid-5-seconds': 'validity',
  'rfc5280::ee-empty-issuer': 'form',
  'rfc5280::unknown-critical-extension-ee': 'critical-extension',
  'rfc5280::unknown-critical-extension-root': 'critical-extension',
  'rfc5280::unknown-critical-extension-intermediate': 'critical-extension',
  'rfc5280::intermediate-ca-without-ca-bit': 'basic-constraints',
  'rfc5280::root-non-critical-basic-constraints': 'basic-constraints',
  'rfc5280::leaf-ku-keycertsign': 'leaf',
  'rfc5280::ee-critical-aia-invalid': 'critical-extension',
  'rfc5280::duplicate-extensions': 'form',
};

const caseOf = (id: string) => {
  const found = limbo.find((limboCase) => limboCase.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
};

describe('x509-limbo', () => {
  it.each(limbo.map(({ id }) => id))('%s', async (id) => {
    const limboCase = caseOf(id);
    const results = await runLimbo(limboCase);
    const held = results.some(({ result }) => result === 'held');
    const agrees = held === (limboCase.expected_result === 'SUCCESS');
    expect(agrees, deviations[id] ?? 'is no known deviation').toBe(!(id in deviations));
  });

  it('is never taken more lightly than it asks', () => {
    for (const id of Object.keys(deviations)) expect(caseOf(id).expected_result).toBe('SUCCESS');
  });

  it.each(Object.entries(rules))('%s is refused by the rule "%s"', async (id, rule) => {
    expect(caseOf(id).expected_result).toBe('FAILURE');
    const [result] = await runLimbo(caseOf(id));
    expect(result).toMatchObject({ fault: { rule } });
  });

  it('tells what was revoked from what could not be checked', async () => {
    const [revoked] = await runLimbo(caseOf('crl::revoked-certificate-with-crl'));
    const [unchecked] = await runLimbo(caseOf('crl::issuer-missing-crlsign'));
    expect([revoked?.result, unchecked?.result]).toEqual(['revoked', 'unchecked']);
  });
});
