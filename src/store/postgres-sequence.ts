/**
 * Gives a batch of entries their indexes, in a transaction that has the row `log` locked: no other one
 * adds entries or counts quotas meanwhile. A handful of statements for the whole batch, whatever its size.
 *
 * Which entries are over their quota depends on those before them in the batch, so that is counted here,
 * from what the counters say at the start; what comes out is written at the end.
 */
import { toHex } from '../bytes/hex.ts';
import type { NewEntry, Quota, Sequenced } from './log-store.ts';
import type { Query } from './postgres.ts';

/** Of entries in one statement. They travel as hex, and the server holds them several times over. */
const maxStatementBytes = 8 * 1024 * 1024;

/**
 * @param schema as `schemaName` gives it
 * @param start how many entries have an index
 */
export async function sequenceBatch(
  query: Query,
  schema: string,
  start: bigint,
  entries: readonly NewEntry[],
): Promise<Sequenced[]> {
  const indexes = await knownIndexes(query, schema, entries);
  const counters = await Counters.of(
    query,
    schema,
    entries.filter(({ leaf }) => !indexes.has(toHex(leaf))),
  );
  const added: NewEntry[] = [];
  const results = entries.map((entry): Sequenced => {
    const leaf = toHex(entry.leaf);
    const known = indexes.get(leaf);
    if (known !== undefined) return { kind: 'known', index: known };
    if (!counters.use(entry.quotas)) return { kind: 'over-quota' };
    const index = start + BigInt(added.length);
    added.push(entry);
    indexes.set(leaf, index);
    return { kind: 'new', index };
  });
  if (added.length === 0) return results;
  await insert(query, schema, start, added);
  await counters.write(query, schema);
  const next = start + BigInt(added.length);
  await query(`UPDATE "${schema}".log SET next = $1`, [next]);
  return results;
}

/** By leaf hash, hex. */
async function knownIndexes(
  query: Query,
  schema: string,
  entries: readonly NewEntry[],
): Promise<Map<string, bigint>> {
  const rows = await query<{ leaf: Uint8Array; idx: bigint }>(
    `SELECT leaf, idx FROM "${schema}".entry WHERE leaf = ANY ($1::bytea[])`,
    [entries.map(({ leaf }) => leaf)],
  );
  return new Map(rows.map(({ leaf, idx }) => [toHex(leaf), idx]));
}

async function insert(
  query: Query,
  schema: string,
  start: bigint,
  entries: readonly NewEntry[],
): Promise<void> {
  let index = start;
  for (const part of partsOf(entries)) {
    await query(
      `INSERT INTO "${schema}".entry (idx, leaf, key, bytes)
       SELECT $1::bigint + place - 1, leaf, key, bytes
       FROM unnest($2::bytea[], $3::bytea[], $4::bytea[]) WITH ORDINALITY
         AS given (leaf, key, bytes, place)`,
      [
        index,
        part.map(({ leaf }) => leaf),
        part.map(({ key }) => key ?? null),
        part.map(({ bytes }) => bytes),
      ],
    );
    index += BigInt(part.length);
  }
}

/** Runs of entries that fit one statement; an entry alone always does. */
function* partsOf(entries: readonly NewEntry[]): Generator<readonly NewEntry[]> {
  let from = 0;
  let length = 0;
  for (const [at, { bytes }] of entries.entries()) {
    length += bytes.length;
    if (length > maxStatementBytes && at > from) {
      yield entries.slice(from, at);
      from = at;
      length = bytes.length;
    }
  }
  yield entries.slice(from);
}

interface Counter {
  readonly key: Uint8Array;
  readonly window: string;
  used: bigint;
  changed: boolean;
}

/** The counters that a batch needs. */
class Counters {
  readonly #counters: ReadonlyMap<string, Counter>;

  private constructor(counters: ReadonlyMap<string, Counter>) {
    this.#counters = counters;
  }

  /** Reads those that the entries name; one that has no row yet stands at 0. */
  static async of(query: Query, schema: string, entries: readonly NewEntry[]): Promise<Counters> {
    const counters = new Map<string, Counter>();
    for (const { key, window } of entries.flatMap(({ quotas }) => quotas)) {
      counters.set(nameOf({ key, window }), { key, window, used: 0n, changed: false });
    }
    if (counters.size === 0) return new Counters(counters);
    const named = [...counters.values()];
    const rows = await query<{ key: Uint8Array; span: string; used: bigint }>(
      `SELECT key, span, used FROM "${schema}".quota
       JOIN unnest($1::bytea[], $2::text[]) AS named (key, span) USING (key, span)`,
      [named.map(({ key }) => key), named.map(({ window }) => window)],
    );
    for (const { key, span, used } of rows) {
      counters.set(nameOf({ key, window: span }), { key, window: span, used, changed: false });
    }
    return new Counters(counters);
  }

  /** Counts an entry against all its quotas, or, where one of them is used up, against none. */
  use(quotas: readonly Quota[]): boolean {
    const found = quotas.flatMap((quota) => {
      const counter = this.#counters.get(nameOf(quota));
      return counter === undefined ? [] : [{ counter, limit: BigInt(quota.limit) }];
    });
    // One that was not read would count as unlimited.
    if (found.length !== quotas.length) throw new RangeError('a counter was not read');
    if (found.some(({ counter, limit }) => counter.used >= limit)) return false;
    for (const { counter } of found) {
      counter.used += 1n;
      counter.changed = true;
    }
    return true;
  }

  async write(query: Query, schema: string): Promise<void> {
    const changed = [...this.#counters.values()].filter((counter) => counter.changed);
    if (changed.length === 0) return;
    await query(
      `INSERT INTO "${schema}".quota (key, span, used)
       SELECT key, span, used FROM unnest($1::bytea[], $2::text[], $3::bigint[])
         AS counted (key, span, used)
       ON CONFLICT (key, span) DO UPDATE SET used = excluded.used`,
      [
        changed.map(({ key }) => key),
        changed.map(({ window }) => window),
        changed.map(({ used }) => used),
      ],
    );
  }
}

const nameOf = ({ key, window }: { key: Uint8Array; window: string }) => `${toHex(key)} ${window}`;
