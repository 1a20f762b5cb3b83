#!/usr/bin/env node
import { systemDeps } from './deps.ts';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), systemDeps());
