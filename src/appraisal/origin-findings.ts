/**
 * Findings on where a card comes from: its key, its chain, the keys that it goes by, its set, and who
 * signed its number.
 */
import { toHex } from '../bytes/hex.ts';
import type { Proof, ProofCheck } from '../families/family.ts';
import { setName } from '../families/set.ts';
import { describeFault } from '../trust/chain.ts';
import {
  type AppraisalInput,
  type Finding,
  type FindingStatus,
  isReached,
  isVouched,
} from './finding.ts';

/** In the order in which they are shown. */
export function originFindings(input: AppraisalInput): readonly Finding[] {
  return [
    unitFinding(input),
    modelFinding(input),
    ...issuerFinding(input),
    ...exceptionFindings(input),
    ...testKeyFinding(input),
    ...revocationFindings(input),
    ...listFinding(input),
    ...setFinding(input),
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
    case 'code-refused':
      return make('skipped', 'unit-code-refused', detail);
    case 'incapable':
      return make('skipped', 'unit-incapable', detail);
    case 'replayable':
      return make('skipped', 'unit-replayable', detail);
    case 'missing':
      return make('skipped', 'unit-no-answer', detail);
  }
}

function modelFinding({ proof, registry, facts, origin }: AppraisalInput): Finding {
  const issuer = proof.issuers?.at(-1);
  const root = origin.anchor;
  const fault = origin.fault && describeFault(origin.fault);
  const params = {
    maker: registry.maker(proof.family) ?? '',
    root: root?.name ?? fault ?? (issuer === undefined ? '' : toHex(issuer)),
    layer: root === undefined ? '' : root.layer.file.name,
    detail: fault ?? detailOf(proof, 'chain'),
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
    case 'unchecked':
      return make('skipped', 'model-unchecked');
    case 'undated':
      return make('skipped', 'model-undated');
    case 'unfit':
      return make('skipped', 'model-unfit');
    case 'missing':
      return make('skipped', 'model-no-chain');
  }
}

/** The key between maker and card, where it is one that was seen before. */
function issuerFinding({ facts, origin }: AppraisalInput): Finding[] {
  const { issuerName: issuer } = origin;
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

/** What this maker's certificates are forgiven, by name: whoever reads the verdict shall know. */
function exceptionFindings({ origin, facts }: AppraisalInput): Finding[] {
  if (!isVouched(facts)) return [];
  return origin.exceptions.map((exception) => ({
    subject: 'model',
    status: 'affirmed',
    code: `exception-${exception}`,
    params: {},
  }));
}

/** A published key that the card goes by in another way than by its chain. */
function testKeyFinding({ origin: { testKey, anchor } }: AppraisalInput): Finding[] {
  if (testKey === undefined || testKey === anchor) return [];
  return [
    { subject: 'model', status: 'failed', code: 'model-test-key', params: { root: testKey.name } },
  ];
}

function revocationFindings({ origin }: AppraisalInput): Finding[] {
  return origin.revocations.map((revoked) => ({
    subject: 'unit',
    status: 'failed',
    code: 'revoked',
    params: revoked,
  }));
}

/** A list of another maker's says nothing about this card: whoever gave it must know. */
function listFinding({ policy, origin, facts }: AppraisalInput): Finding[] {
  const given = policy.crls?.length ?? 0;
  if (given === 0 || facts.revoked || !isReached(facts)) return [];
  const params = { asked: `${origin.listsAsked}`, given: `${given}` };
  return origin.listsAsked === 0
    ? [{ subject: 'model', status: 'skipped', code: 'lists-not-its-own', params }]
    : [{ subject: 'model', status: 'affirmed', code: 'lists-asked', params }];
}

/** Shown for a genuine card alone: a set of anybody's own making means nothing. */
function setFinding({ proof, facts }: AppraisalInput): Finding[] {
  if (proof.set === undefined || !isVouched(facts)) return [];
  const params = { count: `${proof.set.length}`, name: setName(proof.set) };
  return [{ subject: 'unit', status: 'affirmed', code: 'set', params, authority: 'live' }];
}

/** The maker's signature over the number that the card shows. */
export function numberSignatureFinding({ proof, registry, origin }: AppraisalInput): Finding[] {
  const signer = origin.numberSigner;
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

/** The expert's detail of the first check of a role that did not hold. */
function detailOf(proof: Proof, role: ProofCheck['role']): string {
  const checks = proof.checks.filter((check) => check.role === role);
  return (checks.find((check) => check.result !== 'held') ?? checks.at(-1))?.detail ?? '';
}
