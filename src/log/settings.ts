/** The measures of a running log. */

/** How a log works; every one has a default. */
export interface LogSettings {
  /** Entries that may wait for their index. */
  readonly maxQueue: number;
  /** Entries that get their index in one transaction. */
  readonly maxBatch: number;
  /** Entries with an index that may wait to be integrated. */
  readonly maxBacklog: number;
  /** Shortest time between two checkpoints, milliseconds. */
  readonly checkpointMillis: number;
  /** Witnesses are asked again after this time, also when nothing was added, milliseconds. */
  readonly refreshMillis: number;
}

export const defaultSettings: LogSettings = {
  maxQueue: 4096,
  maxBatch: 1024,
  maxBacklog: 65_536,
  checkpointMillis: 1000,
  refreshMillis: 600_000,
};
