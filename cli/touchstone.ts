#!/usr/bin/env node
import { systemDeps } from './deps.ts';
import { run } from './run.ts';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads has had enough, as in `touchstone demo | head`: the exit code still tells.
    if (error.code === 'EPIPE') return;
    // A result that did not arrive must not look like one that did.
    process.stderr.write(`The output could not be written: ${error.code}.\n`);
    process.exit(1);
  });
}

process.exitCode = await run(process.argv.slice(2), systemDeps());
