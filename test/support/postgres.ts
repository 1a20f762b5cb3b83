/** A PostgreSQL of our own for one test file; the benchmark uses the same. */
export {
  type PostgresServer,
  postgresMissing,
  startPostgres,
} from '../../bench/subjects/postgres.ts';
