/** Stands between a program and a server on this computer, and breaks what goes through it. */
import { createServer, type Socket, connect as tcpConnect } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Cuts the next connection that sends this text, after the server has it and before its answer is passed on. */
  cutAfter(text: string): void;
  /** From now on passes on nothing and closes nothing. */
  freeze(): void;
  /** The same, after the server has this text and before its answer is passed on. */
  freezeAfter(text: string): void;
  readonly isFrozen: boolean;
  /** True once `cutAfter` has cut a connection. */
  readonly hasCut: boolean;
  close(): Promise<void>;
}

/** Passes every connection on to a port of 127.0.0.1. */
export async function startProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let lastWords: string | undefined;
  let chill: string | undefined;
  let frozen = false;
  let hasCut = false;
  const server = createServer((client) => {
    const upstream = tcpConnect(target, '127.0.0.1');
    let doomed = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        if (!frozen) (socket === client ? upstream : client).destroy();
      });
    }
    client.on('data', (bytes) => {
      if (frozen) return;
      if (lastWords !== undefined && bytes.includes(lastWords)) {
        lastWords = undefined;
        doomed = true;
      }
      upstream.write(bytes);
      frozen = chill !== undefined && bytes.includes(chill);
    });
    upstream.on('data', (bytes) => {
      if (frozen) return;
      if (!doomed) {
        client.write(bytes);
        return;
      }
      hasCut = true;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cutAfter(text) {
      lastWords = text;
    },
    freeze() {
      frozen = true;
    },
    freezeAfter(text) {
      chill = text;
    },
    get isFrozen() {
      return frozen;
    },
    get hasCut() {
      return hasCut;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
