/**
 * HTTP with limits; the only way out. Whoever is called is not trusted: it may be slow, endless,
 * wrong or gone, and each of these is a result and not an exception.
 *
 * Limits, and what each is against:
 *   https only                  somebody on the way who reads or answers instead. Plain http only
 *                               to this computer (127.0.0.0/8, [::1], localhost)
 *   no credentials in the URL   a secret in a log, and a URL that looks like another host's
 *   redirects not followed      being sent to another host, or to one inside the network
 *   one time-out for the whole  a byte a minute, which no time-out between two bytes would end
 *   a limit on what is read     an endless body, also a small one that unpacks to a large one
 *
 * Only GET and POST, no cookies, no retries. No header is added here; Node's fetch itself sends host,
 * connection, accept, accept-language, accept-encoding, sec-fetch-mode and, where none is given,
 * the user-agent "node"; with a body content-length, too, and no content-type.
 */
import { concat } from '../bytes/bytes.ts';

/**
 * `answer`: the other side answered whole, whatever the status (200 to 599; 404 and 500 too).
 * `failed`: there is no answer to speak of, because
 *   `timeout`          it took longer than allowed, headers and body together
 *   `unreachable`      no such host, no connection, no valid certificate, or it broke off
 *   `redirected`       it pointed elsewhere (301, 302, 303, 307, 308)
 *   `too-large`        the body is longer than allowed
 *   `refused-address`  the URL is not one that is called; nothing was sent
 */
export type HttpReply = { kind: 'answer'; status: number; body: Uint8Array } | HttpFailure;

/** Why there is no answer. */
export interface HttpFailure {
  kind: 'failed';
  why: 'timeout' | 'unreachable' | 'redirected' | 'too-large' | 'refused-address';
}

/** The same, with the type that the other side gives its body; it is as untrusted as the body. */
export type HttpTypedReply =
  | { kind: 'answer'; status: number; contentType: string | undefined; body: Uint8Array }
  | HttpFailure;

/**
 * Fetches a URL.
 *
 * @param headers sent as they are
 * @throws TypeError for a header that HTTP cannot carry; the reason of `signal` when it is aborted
 */
export type HttpGet = (
  url: string,
  headers: Readonly<Record<string, string>>,
) => Promise<HttpReply>;

/**
 * Sends bytes to a URL.
 *
 * @param headers sent as they are, the type of the body among them
 * @param body 0 bytes or more; sent once, whatever comes back
 * @throws TypeError for a header that HTTP cannot carry; the reason of `signal` when it is aborted
 */
export type HttpPost = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
) => Promise<HttpTypedReply>;

/** Limits of calls, and what they go out by. */
export interface HttpOptions {
  /** The runtime's own; a test may give another. */
  readonly fetch: typeof fetch;
  /** For headers and body together, 1 to 2^31-1. */
  readonly timeoutMs: number;
  /** Of the unpacked body of the answer, 0 or more. */
  readonly maxBytes: number;
  /** Ends every call that is under way, with its reason. */
  readonly signal?: AbortSignal;
}

/** The longest time that a timer can hold, 24.8 days; a longer one would end at once. */
const maxTimeoutMs = 2 ** 31 - 1;

/** RFC 9110 section 15.4: those that name another place for the same request. */
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** @throws RangeError for a limit outside its range */
export function createHttpGet(options: HttpOptions): HttpGet {
  const call = createCall(options);
  return async (url, headers) => {
    const reply = await call(url, headers, { method: 'GET' });
    if (reply.kind === 'failed') return reply;
    return { kind: 'answer', status: reply.status, body: reply.body };
  };
}

/** @throws RangeError for a limit outside its range */
export function createHttpPost(options: HttpOptions): HttpPost {
  const call = createCall(options);
  return (url, headers, body) => call(url, headers, { method: 'POST', body });
}

function createCall(
  options: HttpOptions,
): (
  url: string,
  headers: Readonly<Record<string, string>>,
  request: { readonly method: 'GET' } | { readonly method: 'POST'; readonly body: Uint8Array },
) => Promise<HttpTypedReply> {
  const { timeoutMs, maxBytes, signal } = options;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > maxTimeoutMs) {
    throw new RangeError(`timeoutMs: ${timeoutMs}, expected 1 to ${maxTimeoutMs}`);
  }
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw new RangeError(`maxBytes: ${maxBytes}, expected 0 or more`);
  }

  return async (url, headers, request) => {
    signal?.throwIfAborted();
    // Outside the try below: a wrong header is our mistake, not the other side's.
    const sent = new Headers(headers);
    const address = acceptedAddress(url);
    if (address === undefined) return { kind: 'failed', why: 'refused-address' };

    const stop = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      stop.abort();
    }, timeoutMs);
    const abort = () => stop.abort();
    // Not AbortSignal.any: what it makes lives as long as the outer signal, one for every call.
    signal?.addEventListener('abort', abort);
    try {
      const response = await options.fetch(address, {
        ...request,
        headers: sent,
        redirect: 'manual',
        signal: stop.signal,
      });
      if (redirects.has(response.status) || response.type === 'opaqueredirect') {
        return { kind: 'failed', why: 'redirected' };
      }
      const body = await readBody(response, maxBytes);
      if (body === undefined) return { kind: 'failed', why: 'too-large' };
      const contentType = response.headers.get('content-type') ?? undefined;
      return { kind: 'answer', status: response.status, contentType, body };
    } catch {
      signal?.throwIfAborted();
      return { kind: 'failed', why: timedOut ? 'timeout' : 'unreachable' };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      // Closes the connection where the body was not read to its end.
      stop.abort();
    }
  };
}

/** The URL when it is one that may be called. */
function acceptedAddress(text: string): URL | undefined {
  // URL.parse would need Node 22.
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return undefined;
  if (url.protocol === 'https:') return url;
  return url.protocol === 'http:' && isLoopback(url.hostname) ? url : undefined;
}

/** @param hostname as URL gives it: lower case, IPv4 in four decimals, IPv6 in brackets */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * The body, or undefined when it is longer than `maxBytes`. Counted as it arrives: content-length
 * is what the other side says, and of the packed body.
 */
async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  if (response.body === null) return new Uint8Array();
  const reader = response.body.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(...pieces);
    length += value.length;
    if (length > maxBytes) return undefined;
    pieces.push(value);
  }
}
