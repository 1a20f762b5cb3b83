/**
 * A log on a web server, read by C2SP tlog-tiles. Whoever runs the server is not trusted; see net/http.ts
 * for what is called and what not.
 *
 *   200             the file
 *   403, 404, 410   there is none (object stores answer 403 where nobody may list them)
 *   429, 5xx        asked again, as after a time-out or a lost connection, then the log is unavailable
 */
import { LogError } from '../errors/error.ts';
import type { HttpGet, HttpReply } from '../net/http.ts';
import type { LogSource } from './source.ts';
import { staticSource } from './static-source.ts';

/** Pauses between tries, milliseconds: a server that stumbles once does not end an hour's reading. */
const pauses = [250, 1000, 4000] as const;

const missing: ReadonlySet<number> = new Set([403, 404, 410]);

/**
 * @param options.url prefix of the log: https, or http on this computer; neither query nor fragment
 * @param options.get its limit must allow the largest bundle, `maxBundleBytes`
 * @param options.sleep between tries
 * @throws LogError LOG_UNSUITABLE for another URL; nothing was sent
 */
export function openStaticUrl(options: {
  readonly url: string;
  readonly get: HttpGet;
  readonly sleep: (millis: number) => Promise<void>;
}): LogSource {
  const { get, sleep } = options;
  const prefix = prefixOf(options.url);
  const fetchOnce = async (address: string): Promise<HttpReply> => {
    const reply = await get(address, {});
    if (reply.kind === 'failed' && reply.why === 'refused-address') {
      throw unsuitable(options.url, 'https is needed, except on this computer');
    }
    return reply;
  };
  return staticSource({
    place: prefix,
    read: async (path, maxBytes) => {
      const address = `${prefix}/${path}`;
      let reply = await fetchOnce(address);
      for (const pause of pauses) {
        if (!isPassing(reply)) break;
        await sleep(pause);
        reply = await fetchOnce(address);
      }
      if (reply.kind === 'failed') {
        if (reply.why === 'too-large') throw tooLong(address);
        throw new LogError('LOG_UNREACHABLE', `The file ${address} cannot be read: ${reply.why}.`);
      }
      if (missing.has(reply.status)) return undefined;
      if (reply.status !== 200) {
        throw new LogError(
          'LOG_UNREACHABLE',
          `The file ${address} cannot be read: HTTP ${reply.status}.`,
        );
      }
      if (reply.body.length > maxBytes) throw tooLong(address);
      return reply.body;
    },
  });
}

/** Without the slash at its end. */
function prefixOf(text: string): string {
  if (!URL.canParse(text)) throw unsuitable(text, 'it is no URL');
  const url = new URL(text);
  // It could hold a password, and stands in every message from here on.
  if (url.username !== '' || url.password !== '') {
    throw unsuitable(`${url.protocol}//${url.host}`, 'a URL with a user name is not called');
  }
  if (/[?#]/.test(text)) throw unsuitable(text, 'the prefix of a log has no query and no fragment');
  return url.href.replace(/\/+$/, '');
}

function isPassing(reply: HttpReply): boolean {
  if (reply.kind === 'failed') return reply.why === 'timeout' || reply.why === 'unreachable';
  return reply.status === 429 || reply.status >= 500;
}

function tooLong(address: string): LogError {
  return new LogError('LOG_MALFORMED', `The file ${address} is longer than it can be.`);
}

function unsuitable(url: string, why: string): LogError {
  return new LogError('LOG_UNSUITABLE', `The URL ${url} cannot be used: ${why}.`);
}
