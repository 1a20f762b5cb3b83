/**
 * Has anybody used this card? Read from unsigned fields, except where a SATSCARD signs its active
 * slot. Sources: coinkite-tap-proto docs/protocol.md "status", docs/best-practices.md.
 */
import type { Authority, Usage, UsageSignal } from '../family.ts';
import type { Conversation } from './conversation.ts';
import type { TapLink } from './link.ts';
import type { TapStatus } from './status.ts';

/**
 * @param slotAuthority what the active slot rests on: `live` when card and slot key signed it
 * @param link the tap link, when it could be read and its signature held
 */
export function proveUsage(
  conversation: Conversation,
  slotAuthority: Authority,
  link: TapLink | undefined,
): Usage {
  const { status } = conversation;
  const signals = [
    ...(status.product === 'satscard' ? slotSignals(status, slotAuthority) : keySignals(status)),
    ...alarmSignals(conversation, link),
  ];
  const broken = signals.some((signal) => signal.code === 'tampered');
  const state = broken
    ? 'tampered'
    : status.product === 'satscard'
      ? slotState(status)
      : keyState(status);
  const authority = state === 'sealed' || state === 'opened' ? slotAuthority : 'reported';
  return { value: state, authority, signals };
}

function slotState(status: TapStatus): string {
  const { activeSlot = 0, slotCount = 0, address } = status;
  if (activeSlot >= slotCount) return 'used-up';
  if (activeSlot > 0) return 'opened';
  return address === undefined ? 'blank' : 'sealed';
}

function keyState(status: TapStatus): string {
  if ((status.backups ?? 0) > 0) return 'backed-up';
  return status.path ? 'set-up' : 'new';
}

function slotSignals(status: TapStatus, authority: Authority): readonly UsageSignal[] {
  const { activeSlot = 0, address } = status;
  const state = address === undefined ? 'unsealed' : 'sealed';
  return [
    {
      code: `slot-${state}`,
      params: { slot: `${activeSlot + 1}` },
      authority: address === undefined ? 'reported' : authority,
      weight: activeSlot > 0 ? 'use' : 'neutral',
    },
  ];
}

function keySignals(status: TapStatus): readonly UsageSignal[] {
  const reported = (code: string, used: boolean, params = {}): UsageSignal => ({
    code,
    params,
    authority: 'reported',
    weight: used ? 'use' : 'neutral',
  });
  return [
    // The state already says it; the signal only counts.
    reported(status.path ? 'key-picked' : 'no-key', false),
    ...(status.backups === undefined
      ? []
      : status.backups > 0
        ? [reported('backups', true, { count: `${status.backups}` })]
        : [reported('no-backups', false)]),
  ];
}

function alarmSignals(conversation: Conversation, link: TapLink | undefined): UsageSignal[] {
  const { status, dumps } = conversation;
  const found: UsageSignal[] = [];
  const add = (code: string, weight: UsageSignal['weight'], params = {}) =>
    found.push({ code, params, authority: 'reported', weight });
  const tampered = status.tampered || dumps.some((dump) => dump.tampered) || link?.state === 'E';
  if (tampered) add('tampered', 'trouble');
  if (status.testnet) add('testnet', 'trouble');
  if (status.authDelay > 0) add('wrong-codes', 'use', { seconds: `${status.authDelay}` });
  return found;
}
