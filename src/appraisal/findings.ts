/**
 * Findings: one statement a subject, each with what it rests on. They explain a verdict; they do
 * not make it (table.ts does). `code` names the sentence in the texts, `params` fill it.
 */
import { toHex } from '../bytes/hex.ts';
import type { Authority, Proof, ProofCheck } from '../families/family.ts';
import type { Registry } from '../trust/registry.ts';
import { type Facts, type Policy, revokedKeys } from './facts.ts';

export type Subject =
  | 'model'
  | 'unit'
  | 'number'
  | 'product'
  | 'firmware'
  | 'usage'
  | 'consistency'
  | 'freshness'
  | 'registry'
  | 'log';

/** `affirmed`, `warned`, `failed`, or `skipped`: not checked, with the reason as its code. */
export type FindingStatus = 'affirmed' | 'warned' | 'failed' | 'skipped';

export interface Finding {
  readonly subject: Subject;
  readonly status: FindingStatus;
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
  /** What the statement rests on; left out where it is ours and not the card's. */
  readonly authority?: Authority;
}

export interface AppraisalInput {
  readonly proof: Proof;
  readonly registry: Registry;
  readonly policy: Policy;
  readonly facts: Facts;
  readonly at: number;
}

/** All findings, in the order in which they are shown. */
export function findingsOf(input: AppraisalInput): readonly Finding[] {
  return [
    unitFinding(input),
    modelFinding(input),
    ...revocationFindings(input),
    ...productFinding(input),
    ...numberFinding(input),
    firmwareFinding(input),
    ...advisoryFindings(input),
    ...usageFindings(input),
    ...factFindings(input),
    ...consistencyFindings(input),
    freshnessFinding(input),
    registryFinding(input),
    logFinding(input),
  ];
}

function unitFinding({ proof, facts }: AppraisalInput): Finding {
  const detail = { detail: detailOf(proof, 'live') };
  // Whether a challenge was new to the card, only the judge who made it in this session knows.
  const recorded = facts.freshness !== 'verifier';
  const make = (status: FindingStatus, code: string, params = {}): Finding => ({
    subject: 'unit',
    status,
    code,
    params,
  });
  switch (facts.live) {
    case 'proven':
      return facts.unit === 'per-card'
        ? { ...make('affirmed', recorded ? 'unit-recorded' : 'unit-proven'), authority: 'live' }
        : { ...make('warned', 'unit-model-only'), authority: 'live' };
    case 'refuted':
      return make('failed', 'unit-signature-wrong', detail);
    case 'foreign':
      return make('failed', 'unit-foreign-challenge', detail);
    case 'unreadable':
      return make('failed', 'unit-unreadable', detail);
    case 'not-yet':
      return make('skipped', 'unit-not-yet', detail);
    case 'replayable':
      return make('skipped', 'unit-replayable', detail);
    case 'missing':
      return make('skipped', 'unit-no-answer', detail);
  }
}

function modelFinding({ proof, registry, facts }: AppraisalInput): Finding {
  const anchorHex = proof.issuers?.at(-1);
  const root = anchorHex && registry.root(proof.family, toHex(anchorHex));
  const params = {
    maker: registry.maker(proof.family) ?? '',
    root: root ? root.name : anchorHex ? toHex(anchorHex) : '',
    layer: root ? root.layer.file.name : '',
    detail: detailOf(proof, 'chain'),
  };
  const make = (status: FindingStatus, code: string): Finding => ({
    subject: 'model',
    status,
    code,
    params,
  });
  // Without a live proof the key is only shown: it may be copied from a genuine card.
  if (isReached(facts) && !isVouched(facts)) return make('skipped', 'model-not-proven');
  switch (facts.chain) {
    case 'pinned':
      return { ...make('affirmed', 'model-pinned'), authority: 'maker' };
    case 'overlay':
      return make('affirmed', 'model-overlay');
    case 'refuted':
      return make('failed', 'model-chain-wrong');
    case 'test':
      return make('failed', 'model-test-root');
    case 'elsewhere':
      return make('failed', 'model-foreign-root');
    case 'unknown-issuer':
      return make('skipped', 'model-unknown-issuer');
    case 'missing':
      return make('skipped', 'model-no-chain');
  }
}

function revocationFindings({ proof, registry }: AppraisalInput): Finding[] {
  return revokedKeys(proof, registry).map((key) => ({
    subject: 'unit',
    status: 'failed',
    code: 'revoked',
    params: { key, reason: registry.revocation(proof.family, key)?.reason ?? '' },
  }));
}

function productFinding({ proof, registry }: AppraisalInput): Finding[] {
  if (proof.product === undefined) return [];
  const { value, authority } = proof.product;
  const known = registry.product(proof.family, value);
  return [
    {
      subject: 'product',
      status: known === undefined ? 'warned' : 'affirmed',
      code: known === undefined ? 'product-unknown' : 'product-known',
      params: { product: known?.name ?? value },
      authority,
    },
  ];
}

function numberFinding({ proof, policy, facts, registry }: AppraisalInput): Finding[] {
  const { number } = proof;
  if (number === undefined) return [];
  const product = proof.product && registry.product(proof.family, proof.product.value);
  const params = {
    number: number.value,
    expected: policy.expectedNumber ?? '',
    printed: product?.printedNumber ?? '',
  };
  const vouched = number.authority === 'live' && isVouched(facts);
  const make = (status: FindingStatus, code: string): Finding[] => [
    { subject: 'number', status, code, params, authority: number.authority },
  ];
  switch (facts.number) {
    case 'matches':
      return make('affirmed', 'number-matches');
    case 'differs':
      return make('failed', 'number-differs');
    case 'not-comparable':
      return make('skipped', 'number-not-comparable');
    case 'not-asked':
      // Comparing a number is worth the trouble only where card and maker vouch for its key.
      return make('affirmed', vouched && product ? 'number-compare' : 'number-shown');
  }
}

function firmwareFinding({ proof, facts }: AppraisalInput): Finding {
  if (proof.firmware === undefined) {
    return { subject: 'firmware', status: 'skipped', code: 'firmware-not-read', params: {} };
  }
  const { value, authority } = proof.firmware;
  const params = { firmware: value };
  // A verdict on the firmware of a card that proved nothing would lend it credit.
  if (!isVouched(facts)) {
    return { subject: 'firmware', status: 'affirmed', code: 'firmware-shown', params, authority };
  }
  const status = {
    approved: 'affirmed',
    superseded: 'warned',
    advised: 'warned',
    unknown: 'warned',
    refused: 'failed',
  } as const;
  return {
    subject: 'firmware',
    status: status[facts.firmware],
    code: `firmware-${facts.firmware}`,
    params,
    authority,
  };
}

function advisoryFindings({ proof, registry }: AppraisalInput): Finding[] {
  const { family, firmware, product } = proof;
  const standing = firmware && registry.firmware(family, firmware.value, product?.value);
  return (standing?.advisories ?? []).map(({ id, title, meaning, action }) => ({
    subject: 'firmware',
    status: 'warned',
    code: 'advisory',
    params: { id, title, meaning, action },
  }));
}

function usageFindings({ proof, facts, registry }: AppraisalInput): Finding[] {
  const { usage } = proof;
  if (usage === undefined) {
    return [{ subject: 'usage', status: 'skipped', code: 'usage-not-read', params: {} }];
  }
  const product = proof.product && registry.product(proof.family, proof.product.value);
  const status = {
    'not-asked': 'affirmed',
    'in-use': 'warned',
    expected: 'affirmed',
    unusual: 'warned',
    unexpected: 'failed',
    unknown: 'skipped',
  } as const;
  const state: Finding = {
    subject: 'usage',
    status: status[facts.usage],
    code: `usage-${usage.value}`,
    params: { note: product?.expectedAtSale.note ?? '' },
    authority: usage.authority,
  };
  const calm = ['not-asked', 'expected'];
  const signals = usage.signals
    .filter((signal) => signal.weight !== 'neutral' && signal.code !== usage.value)
    .map((signal): Finding => {
      const heavy = signal.weight === 'trouble' || !calm.includes(facts.usage);
      const { code, params, authority } = signal;
      return { subject: 'usage', status: heavy ? 'warned' : 'affirmed', code, params, authority };
    });
  return [state, ...signals];
}

function factFindings({ proof }: AppraisalInput): Finding[] {
  return proof.facts.map(({ code, params, authority }) => ({
    subject: 'product',
    status: 'affirmed',
    code,
    params,
    authority,
  }));
}

function consistencyFindings({ proof }: AppraisalInput): Finding[] {
  return proof.checks
    .filter((check) => check.role === 'side' && check.result !== 'held')
    .map((check) => ({
      subject: 'consistency',
      status: check.result === 'missing' ? 'skipped' : 'failed',
      code: `part-${check.result}`,
      params: { detail: check.detail },
    }));
}

function freshnessFinding({ facts }: AppraisalInput): Finding {
  const make = (status: FindingStatus, code: string): Finding => ({
    subject: 'freshness',
    status,
    code,
    params: {},
  });
  if (facts.live === 'replayable') return make('warned', 'fresh-replayable');
  if (facts.freshness !== 'verifier') return make('warned', `fresh-${facts.freshness}`);
  // Only a signature over our challenge shows that anything happened just now.
  return facts.live === 'proven'
    ? make('affirmed', 'fresh-verifier')
    : make('skipped', 'fresh-unproven');
}

function registryFinding({ registry, facts, at }: AppraisalInput): Finding {
  const { daysPast } = registry.age(at);
  const oldest = registry.layers.toSorted(
    (a, b) => Date.parse(a.file.expires) - Date.parse(b.file.expires),
  )[0];
  const layers = registry.layers.map(
    ({ file, role }) =>
      `${file.name}${role === 'overlay' ? ' (yours)' : ''}, edition ${file.serial}`,
  );
  const status = {
    early: 'warned',
    valid: 'affirmed',
    expired: 'warned',
    ancient: 'failed',
  } as const;
  return {
    subject: 'registry',
    status: status[facts.registry],
    code: `registry-${facts.registry}`,
    params: { layers: layers.join(' + '), oldest: oldest?.file.name ?? '', days: `${daysPast}` },
  };
}

function logFinding({ facts }: AppraisalInput): Finding {
  const status = {
    'not-consulted': 'skipped',
    'no-other-owner': 'affirmed',
    'other-owner': 'failed',
  } as const;
  return { subject: 'log', status: status[facts.log], code: `log-${facts.log}`, params: {} };
}

function isReached(facts: Facts): boolean {
  return facts.chain === 'pinned' || facts.chain === 'overlay';
}

/** True when the card proved its key and the key leads to a root that is trusted. */
export function isVouched(facts: Facts): boolean {
  return facts.live === 'proven' && isReached(facts);
}

/** The expert's detail of the first check of a role that did not hold. */
function detailOf(proof: Proof, role: ProofCheck['role']): string {
  const checks = proof.checks.filter((check) => check.role === role);
  return (checks.find((check) => check.result !== 'held') ?? checks.at(-1))?.detail ?? '';
}
