/**
 * Is there a PC/SC service? Asked before anything else, because the PC/SC library would wait for
 * one for ever. On Linux the service is pcscd behind a Unix socket (LudovicRousseau/PCSC
 * src/winscard_msg.c: PCSCLITE_CSOCK_NAME, else /run/pcscd/pcscd.comm). macOS and Windows bring
 * the service with the system.
 */
import { connect } from 'node:net';
import { ReaderError } from '../../errors/error.ts';

const defaultSocket = '/run/pcscd/pcscd.comm';
const connectMs = 1_000;

/**
 * Returns when the service takes connections, within 1 second.
 *
 * @param socketPath another socket than the one the environment or the system names
 * @throws ReaderError READER_NO_SERVICE, READER_FORBIDDEN
 */
export async function requireService(socketPath?: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const path = socketPath ?? process.env['PCSCLITE_CSOCK_NAME'] ?? defaultSocket;
  await new Promise<void>((resolve, reject) => {
    const socket = connect(path);
    const settle = (problem?: ReaderError) => {
      socket.destroy();
      if (problem === undefined) resolve();
      else reject(problem);
    };
    socket.setTimeout(connectMs, () =>
      settle(
        new ReaderError('READER_NO_SERVICE', `The PC/SC service (pcscd) is silent at ${path}.`),
      ),
    );
    socket.once('connect', () => settle());
    socket.once('error', (error) => settle(connectError(path, error)));
  });
}

function connectError(path: string, cause: NodeJS.ErrnoException): ReaderError {
  const forbidden = cause.code === 'EACCES' || cause.code === 'EPERM';
  return forbidden
    ? new ReaderError('READER_FORBIDDEN', `This user may not use the PC/SC service at ${path}.`, {
        cause,
      })
    : new ReaderError(
        'READER_NO_SERVICE',
        `The PC/SC service (pcscd) is not running: nothing listens at ${path}.`,
        { cause },
      );
}
