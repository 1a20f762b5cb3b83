/** Receipts in files, and what `receipt verify` says of them. */
import { type CliResult, runCli, temporaryFile } from './cli.ts';
import { alice, entryBy, noticeEntry, shop, smallLog, witnessedPolicyText } from './receipts.ts';

export const onOneLine = (text: string) => text.replace(/\s+/g, ' ');

export const entry = entryBy('activated', alice, shop);
export const receipt = smallLog([noticeEntry, entry, noticeEntry]).receipt(1, entry);
/** The same with one word of its entry changed: the signature of its owner does not hold. */
export const bad = receipt.replace('"state": "new"', '"state": "old"');

export const policyFile = (text = witnessedPolicyText) => temporaryFile(text, 'policy');
export const receiptFile = (text = receipt) => temporaryFile(text, 'receipt.json');
export const withPolicy = (text?: string) => ['--policy', policyFile(text)];

export const verify = (args: readonly string[], scene?: Parameters<typeof runCli>[1]) =>
  runCli(['receipt', 'verify', ...args], scene);

export const wordOf = ({ stdout }: CliResult) =>
  stdout.split('\n').find((line) => /^[A-Z, :]+$/.test(line) && line !== '');
