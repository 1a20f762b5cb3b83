/**
 * Findings: one statement a subject, each with what it rests on. They explain a verdict; they do
 * not make it (table.ts does). `code` names the sentence in the texts, `params` fill it.
 */
import { toHex } from '../bytes/hex.ts';
import type { Authority, Proof, ProofCheck } from '../families/family.ts';
import { setName } from '../families/set.ts';
import type { Registry } from '../trust/registry.ts';
import {
  anchorOf,
  type Facts,
  numberSignerOf,
  type Policy,
  productIdOf,
  productOf,
  revokedKeys,
  testKeyOf,
} from './facts.ts';

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
  | 'note'
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
    ...issuerFinding(input),
    ...testKeyFinding(input),
    ...revocationFindings(input),
    ...setFinding(input),
    ...productFinding(input),
    ...numberFinding(input),
    ...numberSignatureFinding(input),
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
    case 'locked':
      return make('skipped', 'unit-locked', detail);
    case 'replayable':
      return make('skipped', 'unit-replayable', detail);
    case 'missing':
      return make('skipped', 'unit-no-answer', detail);
  }
}

function modelFinding({ proof, registry, facts }: AppraisalInput): Finding {
  const issuer = proof.issuers?.at(-1);
  const root = anchorOf(proof, registry);
  const params = {
    maker: registry.maker(proof.family) ?? '',
    root: root?.name ?? (issuer === undefined ? '' : toHex(issuer)),
    layer: root === undefined ? '' : root.layer.file.name,
    detail: detailOf(proof, 'chain'),
  };
  // A signature that does not tell its signer leaves the issuer below it as the last known key.
  const end = proof.topSignature === undefined ? 'root' : 'signer';
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
      return root === undefined
        ? make('skipped', 'model-no-chain')
        : make('failed', 'model-test-root');
    case 'elsewhere':
      return make('failed', `model-foreign-${end}`);
    case 'unknown-issuer':
      return make('skipped', `model-unknown-${end === 'root' ? 'issuer' : 'signer'}`);
    case 'unattached':
    case 'withheld':
      return make('skipped', 'model-unattached');
    case 'missing':
      return make('skipped', 'model-no-chain');
  }
}

/** The key between maker and card, where it is one that was seen before. */
function issuerFinding({ proof, registry, facts }: AppraisalInput): Finding[] {
  const key = proof.issuers?.at(-1);
  const issuer = key && registry.issuerName(proof.family, toHex(key));
  if (issuer === undefined || !isVouched(facts)) return [];
  const finding = { subject: 'model', status: 'affirmed', code: 'model-issuer' } as const;
  return [
    {
      ...finding,
      params: { issuer },
      ...(facts.chain === 'pinned' && { authority: 'maker' as const }),
    },
  ];
}

/** A published key that the card goes by in another way than by its chain. */
function testKeyFinding({ proof, registry }: AppraisalInput): Finding[] {
  const key = testKeyOf(proof, registry);
  if (key === undefined || key.key === anchorOf(proof, registry)?.key) return [];
  return [
    { subject: 'model', status: 'failed', code: 'model-test-key', params: { root: key.name } },
  ];
}

/** Shown for a genuine card alone: a set of anybody's own making means nothing. */
function setFinding({ proof, facts }: AppraisalInput): Finding[] {
  if (proof.set === undefined || !isVouched(facts)) return [];
  const params = { count: `${proof.set.length}`, name: setName(proof.set) };
  return [{ subject: 'unit', status: 'affirmed', code: 'set', params, authority: 'live' }];
}

function numberSignatureFinding({ proof, registry }: AppraisalInput): Finding[] {
  const signer = numberSignerOf(proof, registry);
  const maker = registry.maker(proof.family) ?? '';
  if (signer === 'unknown') {
    return [
      { subject: 'number', status: 'warned', code: 'number-signer-unknown', params: { maker } },
    ];
  }
  if (signer === 'none' || signer.role !== 'maker') return [];
  const params = { maker, number: proof.number?.value ?? '', root: signer.name };
  return signer.layer.role === 'pinned'
    ? [{ subject: 'number', status: 'affirmed', code: 'number-issued', params, authority: 'maker' }]
    : [{ subject: 'number', status: 'affirmed', code: 'number-issued-overlay', params }];
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
  const claim = proof.product ?? proof.batch;
  if (claim === undefined) return [];
  const known = productOf(proof, registry);
  const unknown = proof.product === undefined ? 'product-unknown-batch' : 'product-unknown';
  return [
    {
      subject: 'product',
      status: known === undefined ? 'warned' : 'affirmed',
      code: known === undefined ? unknown : 'product-known',
      params: { product: known?.name ?? claim.value },
      authority: claim.authority,
    },
  ];
}

function numberFinding({ proof, policy, facts, registry }: AppraisalInput): Finding[] {
  const { number } = proof;
  if (number === undefined) return [];
  const product = productOf(proof, registry);
  const params = {
    number: number.value,
    expected: policy.expectedNumber ?? '',
    printed: product?.printedNumber ?? '',
  };
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
      // Comparing a number is worth the trouble only where card and maker vouch for the card.
      return make('affirmed', isVouched(facts) && product ? 'number-compare' : 'number-shown');
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

function advisoryFindings({ proof, registry, facts }: AppraisalInput): Finding[] {
  const { family, firmware } = proof;
  const standing =
    firmware && registry.firmware(family, firmware.value, productIdOf(proof, registry));
  return (standing?.advisories ?? [])
    .filter(({ advice }) => advice !== 'note' || isVouched(facts))
    .map(({ id, advice, title, meaning, action }) => ({
      ...(advice === 'note'
        ? { subject: 'note', status: 'affirmed' }
        : { subject: 'firmware', status: 'warned' }),
      code: 'advisory',
      params: { id, title, meaning, action },
    }));
}

function usageFindings({ proof, facts, registry }: AppraisalInput): Finding[] {
  const { usage } = proof;
  if (usage === undefined) {
    return [{ subject: 'usage', status: 'skipped', code: 'usage-not-read', params: {} }];
  }
  const product = productOf(proof, registry);
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
      if (signal.weight === 'blind') return { subject: 'usage', status: 'skipped', code, params };
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
