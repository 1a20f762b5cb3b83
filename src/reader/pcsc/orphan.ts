/**
 * A thread of the child process that ends it when the parent is gone. The main thread would see
 * its IPC channel close, but not while a stuck reader or a missing service blocks it.
 */
import { workerData } from 'node:worker_threads';

const checkMs = 1_000;
const parent: unknown = workerData;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, checkMs);
