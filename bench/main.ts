/** `npm run bench`: see harness/run.ts for its options, rows/ for what is measured. */
import { run } from './harness/run.ts';
import { rows } from './rows/index.ts';

process.exitCode = await run(process.argv.slice(2), rows, process);
