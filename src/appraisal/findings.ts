/**
 * Findings: one statement a subject, each with what it rests on. They explain a verdict; they do
 * not make it (table.ts does). `code` names the sentence in the texts, `params` fill it.
 */
import { type Facts, productIdOf, productOf } from './facts.ts';
import {
  type AppraisalInput,
  type Finding,
  type FindingStatus,
  isVouched,
  productClaim,
} from './finding.ts';
import { numberSignatureFinding, originFindings } from './origin-findings.ts';

/** All findings, in the order in which they are shown. */
export function findingsOf(input: AppraisalInput): readonly Finding[] {
  return [
    ...originFindings(input),
    ...productFinding(input),
    ...numberFinding(input),
    ...numberSignatureFinding(input),
    firmwareFinding(input),
    ...advisoryFindings(input),
    ...usageFindings(input),
    ...factFindings(input),
    ...platformFinding(input),
    ...consistencyFindings(input),
    freshnessFinding(input),
    registryFinding(input),
    logFinding(input),
  ];
}

function productFinding({ proof, registry, facts, origin }: AppraisalInput): Finding[] {
  const claim = productClaim(proof, facts, origin) ?? proof.batch;
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
    unread: 'skipped',
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
    .filter(({ advice }) => advice !== 'note' || isCalm(facts))
    .map(({ id, advice, title, meaning, action }) => ({
      ...(advice === 'note'
        ? { subject: 'note', status: 'affirmed' }
        : { subject: 'firmware', status: 'warned' }),
      code: 'advisory',
      params: { id, title, meaning, action },
    }));
}

/** True of a card that nothing speaks against: notes for its owner would only comfort others. */
function isCalm(facts: Facts): boolean {
  return isVouched(facts) && facts.usage !== 'unexpected' && facts.consistency !== 'contradicted';
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
    'set-up': 'warned',
    unusual: 'warned',
    unexpected: 'failed',
    unknown: 'skipped',
  } as const;
  // A card that is as sold, but for its trouble, and one that nothing can be held against.
  const asSold = facts.usage === 'unexpected' && facts.trouble && usage.value === 'new';
  const noProduct = facts.usage === 'unknown' && product === undefined;
  const state: Finding = {
    subject: 'usage',
    status: asSold || noProduct ? 'affirmed' : status[facts.usage],
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
      const weighed = signal.weight === 'trouble' ? 'failed' : heavy ? 'warned' : 'affirmed';
      return { subject: 'usage', status: weighed, code, params, authority };
    });
  const unheld: Finding = {
    subject: 'usage',
    status: 'skipped',
    code: 'usage-no-product',
    params: {},
  };
  return [state, ...signals, ...(noProduct ? [unheld] : [])];
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

/** Told of every card that says it, genuine or not: it lends no credit to any. */
function platformFinding({ proof, registry }: AppraisalInput): Finding[] {
  if (proof.platform === undefined) return [];
  const { value, authority } = proof.platform;
  const name = registry.platformName(value);
  const code = name === undefined ? 'platform-unnamed' : 'platform-named';
  const params = { platform: value, name: name ?? '' };
  return [{ subject: 'platform', status: 'affirmed', code, params, authority }];
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
