/** Chains that a card shows, traced by a registry, and what is told of them in a word or three. */
import { type ChainOutcome, traceChain } from '../../src/trust/chain.ts';
import type { KnownPath } from '../../src/trust/registry-paths.ts';
import { parseCrl } from '../../src/trust/x509/crl.ts';
import type { PathProfile } from '../../src/trust/x509/path.ts';
import { revocationList, type TestKey } from '../support/certificates.ts';
import { family, keys, leaf, profile, registryWith } from '../support/pki.ts';
import { testNow } from '../support/registry.ts';

/** What departs from a card of product card-a with a good chain, at the time of the tests. */
export interface Case {
  readonly shown?: readonly Uint8Array[];
  readonly registry?: ReturnType<typeof registryWith>;
  /** Left out: card-a; null: the card tells none. */
  readonly product?: string | null;
  readonly at?: number;
  readonly lists?: readonly Uint8Array[];
  readonly demands?: PathProfile;
  /** Left out: those of the registry. */
  readonly paths?: readonly KnownPath[];
}

/** Traces the chain that is good but for what is given. */
export async function trace(given: Case): Promise<ChainOutcome> {
  const { shown = [leaf()], registry = registryWith(), product = 'card-a', at = testNow } = given;
  const crls = await Promise.all((given.lists ?? []).map(parseCrl));
  const { paths = registry.paths(family), demands = profile } = given;
  return traceChain({
    ...{ certificates: shown, profile: demands, paths, at, crls },
    product: product ?? undefined,
  });
}

/** Outcome, and the rule that was broken or the layer that was reached. */
export async function told(given: Case): Promise<string> {
  const outcome = await trace(given);
  const { result } = outcome;
  if (outcome.result === 'held') return `${result} ${outcome.root.role} ${outcome.root.layer.role}`;
  return `${result} ${outcome.fault.rule}`;
}

/** A list of the issuer of card-a, in time, with these serial numbers in hex. */
export const listOf = (...revoked: string[]) =>
  revocationList({ issuer: 'Cards A', signer: keys.a, revoked });
/** A list of that issuer that is out of date, but for its signer. */
export const oldList = { issuer: 'Cards A', revoked: [], from: '260901', until: '261101' } as const;
/** Signed by a key that is nobody’s in the registry. */
export const ofForeigner = { signer: keys.foreign } as const;
export const stale = revocationList({ ...oldList, signer: keys.a });
/** A certificate whose own key signs it. */
export const sameKey = (key: TestKey) => ({ key, signer: key });
