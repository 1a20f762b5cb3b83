/** All rows, in the order in which they are run and shown. A new row is one line in this list. */
import type { Row } from '../harness/row.ts';
import { cliStart } from './cli-start.ts';
import { interviewKeycard, interviewSatochip, interviewTangem } from './interview.ts';
import { logAppendPostgres, logAppendSqlite } from './log-append.ts';
import { logCheck } from './log-check.ts';
import { logGrowth } from './log-growth.ts';
import { logMemory } from './log-memory.ts';
import { logOpen } from './log-open.ts';
import { logProve } from './log-prove.ts';
import { logReceiptHalf, logReceiptSlow } from './log-receipt.ts';
import { verifyHost } from './verify-host.ts';
import {
  verifyThroughput,
  verifyThroughputKeycard,
  verifyThroughputSatochip,
  verifyThroughputTangem,
} from './verify-throughput.ts';

export const rows: readonly Row[] = [
  verifyHost,
  verifyThroughput,
  verifyThroughputTangem,
  verifyThroughputKeycard,
  verifyThroughputSatochip,
  interviewTangem,
  interviewKeycard,
  interviewSatochip,
  logAppendSqlite,
  logAppendPostgres,
  logReceiptHalf,
  logReceiptSlow,
  logProve,
  logCheck,
  logMemory,
  logOpen,
  logGrowth,
  cliStart,
];
