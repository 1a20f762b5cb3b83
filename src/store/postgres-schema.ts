/**
 * The tables of a log in PostgreSQL, in a schema of their own.
 *
 *   log        one row: format, origin, key, and how many entries have an index. Sequencing locks it
 *   entry      idx, leaf (unique), key, bytes
 *   tile       level, idx, bytes: full tiles, and the last of each level as far as it goes
 *   tree       one row: the integrated head. Integrating and signing lock it
 *   signed     size, root, note: rows are added, larger ones only
 *   published  at most one row: the published checkpoint
 *   quota      key, span (the window), used
 */
import { LogError } from '../errors/error.ts';

/** Written into the row `log`; another number is another program's schema. */
export const format = 1n;

/**
 * The name of a schema, safe to be written between double quotes.
 *
 * @throws LogError LOG_UNSUITABLE for anything but 1 to 63 of a-z, 0-9 and _, not beginning with a digit,
 *   and for the names that PostgreSQL keeps for itself
 */
export function schemaName(name: string): string {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(name) && !/^(?:pg_|information_schema$)/.test(name)) {
    return name;
  }
  throw new LogError(
    'LOG_UNSUITABLE',
    'A schema is named by 1 to 63 of a to z, 0 to 9 and _, and pg_ is not its beginning.',
  );
}

/**
 * The statements that make the tables.
 *
 * Text is compared by its bytes (COLLATE "C"),
 * since windows are forgotten in that order. Tiles are hashes, which do not compress.
 *
 * @param name as `schemaName` gives it
 */
export function tablesOf(name: string): string {
  return `
    CREATE TABLE "${name}".log (
      one integer PRIMARY KEY CHECK (one = 1), format bigint NOT NULL, origin text NOT NULL,
      key text NOT NULL, next bigint NOT NULL
    );
    CREATE TABLE "${name}".entry (
      idx bigint PRIMARY KEY, leaf bytea NOT NULL UNIQUE, key bytea, bytes bytea NOT NULL
    );
    CREATE INDEX entry_key ON "${name}".entry (key, idx) WHERE key IS NOT NULL;
    CREATE TABLE "${name}".tile (
      level integer NOT NULL, idx bigint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (level, idx)
    );
    ALTER TABLE "${name}".tile ALTER COLUMN bytes SET STORAGE EXTERNAL;
    CREATE TABLE "${name}".tree (
      one integer PRIMARY KEY CHECK (one = 1), size bigint NOT NULL, root bytea NOT NULL
    );
    CREATE TABLE "${name}".signed (size bigint PRIMARY KEY, root bytea NOT NULL, note text NOT NULL);
    CREATE TABLE "${name}".published (
      one integer PRIMARY KEY CHECK (one = 1), size bigint NOT NULL, root bytea NOT NULL,
      note text NOT NULL
    );
    CREATE TABLE "${name}".quota (
      key bytea NOT NULL, span text COLLATE "C" NOT NULL, used bigint NOT NULL,
      PRIMARY KEY (key, span)
    );
  `;
}

/**
 * A query with one row where the log goes as far as its entries and its tree do. It fails where a table or
 * a column is missing.
 */
export function soundOf(name: string): string {
  return `
    SELECT 1 AS sound FROM "${name}".log, "${name}".tree
    WHERE tree.size BETWEEN 0 AND log.next
      AND NOT EXISTS (SELECT idx, leaf, key, bytes FROM "${name}".entry WHERE idx >= log.next)
      AND NOT EXISTS (SELECT level, idx, bytes FROM "${name}".tile WHERE false)
      AND NOT EXISTS (SELECT size, root, note FROM "${name}".signed WHERE false)
      AND NOT EXISTS (SELECT one, size, root, note FROM "${name}".published WHERE false)
      AND NOT EXISTS (SELECT key, span, used FROM "${name}".quota WHERE false)
  `;
}
