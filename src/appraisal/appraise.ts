/** Appraisal (RFC 9334): a proof held against the registry, at one moment, under one policy. */

import type { Exit } from '../errors/exit.ts';
import type { Claim, Proof, Usage } from '../families/family.ts';
import type { Registry, RegistryAge } from '../trust/registry.ts';
import { type Facts, gatherFacts, type Policy } from './facts.ts';
import { type Finding, productClaim } from './finding.ts';
import { findingsOf } from './findings.ts';
import { traceOrigin } from './origin.ts';
import { type Advice, decide, type Word } from './table.ts';

export interface Verdict {
  readonly word: Word;
  readonly advice: Advice;
  readonly exit: Exit;
  /** The row of the verdict table that decided. */
  readonly row: string;
  readonly facts: Facts;
  readonly findings: readonly Finding[];
  /** Moment of judging, milliseconds since 1970, UTC. */
  readonly at: number;
  /** True where any key that is not secret took part. */
  readonly demo: boolean;
  readonly family: string;
  readonly maker?: string | undefined;
  readonly product?: Claim | undefined;
  readonly number?: Claim | undefined;
  readonly firmware?: Claim | undefined;
  readonly usage?: Usage | undefined;
  readonly proof: Proof;
  readonly registry: {
    readonly age: RegistryAge;
    readonly layers: readonly {
      readonly name: string;
      readonly role: 'pinned' | 'overlay';
      readonly serial: number;
      readonly hash: string;
      readonly expires: string;
    }[];
  };
}

/**
 * @param at milliseconds since 1970, UTC. Revocation and registry age are judged at this moment,
 *   never at the moment the evidence says it was collected
 */
export function appraise(proof: Proof, registry: Registry, policy: Policy, at: number): Verdict {
  const origin = traceOrigin(proof, registry, at, policy.crls);
  const facts = gatherFacts(proof, registry, origin, policy, at);
  const { id, word, advice, exit } = decide(facts);
  return {
    word,
    advice,
    exit,
    row: id,
    facts,
    findings: findingsOf({ proof, registry, policy, facts, origin, at }),
    at,
    demo: registry.demo,
    family: proof.family,
    maker: registry.maker(proof.family),
    product: productClaim(proof, facts, origin),
    number: proof.number,
    firmware: proof.firmware,
    usage: proof.usage,
    proof,
    registry: {
      age: facts.registry,
      layers: registry.layers.map(({ file, role, hash }) => ({
        name: file.name,
        role,
        serial: file.serial,
        hash,
        expires: file.expires,
      })),
    },
  };
}
