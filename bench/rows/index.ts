/** All rows, in the order in which they are run and shown. A new row is one line in this list. */
import type { Row } from '../harness/row.ts';
import { cliStart } from './cli-start.ts';
import { interviewTangem } from './interview-tangem.ts';
import { verifyHost } from './verify-host.ts';
import { verifyThroughput, verifyThroughputTangem } from './verify-throughput.ts';

export const rows: readonly Row[] = [
  verifyHost,
  verifyThroughput,
  verifyThroughputTangem,
  interviewTangem,
  cliStart,
];
