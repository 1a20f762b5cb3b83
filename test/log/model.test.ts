/**
 * Two logs on one store, in any order of appending, publishing, proving, closing and opening, against a
 * model: the list of what was acknowledged. FC_SEED repeats a run.
 */

import fc from 'fast-check';
import { describe, it } from 'vitest';
import { equal } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/hex.ts';
import type { Log } from '../../src/log/log.ts';
import { createReader } from '../../src/log/reader.ts';
import { audit, type Desk, entry, expectProven, newDesk } from '../support/running-logs.ts';

type Step =
  | { readonly kind: 'append'; readonly who: number; readonly numbers: readonly number[] }
  | { readonly kind: 'publish'; readonly who: number }
  | { readonly kind: 'prove'; readonly who: number; readonly at: number }
  | { readonly kind: 'reopen'; readonly who: number };

const who = fc.nat(1);
/** Few numbers, so that entries are handed in again; some batches pass the width of a tile. */
const number = fc.oneof(fc.nat(30), fc.nat(5000));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      who,
      numbers: fc.oneof(
        { weight: 6, arbitrary: fc.array(number, { minLength: 1, maxLength: 8 }) },
        { weight: 1, arbitrary: fc.array(number, { minLength: 200, maxLength: 300 }) },
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('publish' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('prove' as const), who, at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), who }) },
);

const counts = { runs: 0, appended: 0, known: 0, proven: 0, reopened: 0, checkpoints: 0 };

class Model {
  readonly #desk: Desk;
  readonly #logs: Log[];
  readonly #entries = new Map<bigint, Uint8Array>();
  readonly #indexes = new Map<string, bigint>();

  constructor(desk: Desk, logs: Log[]) {
    this.#desk = desk;
    this.#logs = logs;
  }

  log(at: number): Log {
    const log = this.#logs[at];
    if (log === undefined) throw new Error(`no log ${at}`);
    return log;
  }

  get #last(): bigint {
    return BigInt(this.#entries.size) - 1n;
  }

  async append(at: number, numbers: readonly number[]): Promise<void> {
    await Promise.all(
      numbers.map(async (n) => {
        const { index, known } = await this.log(at).append({ bytes: entry(n) });
        this.#acknowledge(index, known, entry(n));
      }),
    );
  }

  #acknowledge(index: bigint, known: boolean, bytes: Uint8Array): void {
    const had = this.#indexes.get(toHex(bytes));
    if (had !== undefined && had !== index) throw new Error(`${had} became ${index}`);
    if (had === undefined && this.#entries.has(index)) throw new Error(`${index} given twice`);
    // Of the same bytes twice in one batch the second may hear first; between steps it is exact.
    if (!known && had !== undefined && this.#told.has(index)) throw new Error(`${index} new twice`);
    if (!known) this.#told.add(index);
    this.#entries.set(index, bytes);
    this.#indexes.set(toHex(bytes), index);
    counts.appended += known ? 0 : 1;
    counts.known += known ? 1 : 0;
  }

  readonly #told = new Set<bigint>();

  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'append':
        await this.append(step.who, step.numbers);
        return;
      case 'publish': {
        if (this.#last < 0n) return;
        const { size } = await this.log(step.who).published(this.#last);
        if (size !== this.#last + 1n) throw new Error(`published ${size}, not ${this.#last + 1n}`);
        return;
      }
      case 'prove': {
        if (this.#last < 0n) return;
        const index = BigInt(step.at) % (this.#last + 1n);
        await this.log(step.who).published(index);
        const bytes = this.#entries.get(index);
        if (bytes === undefined) throw new Error(`entry ${index} is not known to the model`);
        await expectProven(this.log(step.who), index, bytes);
        counts.proven += 1;
        return;
      }
      case 'reopen':
        await this.log(step.who).close();
        this.#logs[step.who] = await this.#desk.log();
        counts.reopened += 1;
        return;
    }
  }

  /** Between steps all that was acknowledged stands side by side. */
  requireWhole(): void {
    for (const index of this.#entries.keys()) {
      if (index > this.#last) throw new Error(`a gap before ${index}`);
    }
  }

  async end(): Promise<void> {
    for (const log of this.#logs) await log.close();
    const store = await this.#desk.store();
    try {
      const { entries, checkpoints } = await audit({ store, reader: createReader(store) });
      counts.checkpoints += checkpoints;
      if (entries.length !== this.#entries.size) {
        throw new Error(`${entries.length} entries, not ${this.#entries.size}`);
      }
      for (const [index, bytes] of this.#entries) {
        const found = entries[Number(index)];
        if (found === undefined || !equal(found, bytes))
          throw new Error(`entry ${index} is another`);
      }
      const published = await store.published();
      if (published?.size !== BigInt(entries.length)) throw new Error('not all is published');
    } finally {
      await store.close();
    }
  }
}

describe('two logs on one store', () => {
  it('are the list of what they acknowledged, whatever is done in what order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const desk = await newDesk();
        const model = new Model(desk, [await desk.log(), await desk.log()]);
        // Steps of different logs are under way at the same time.
        for (let at = 0; at < steps.length; at += 2) {
          const [first, second] = [steps[at], steps[at + 1]];
          const apart = first?.who !== second?.who && first?.kind === 'append';
          if (apart && second?.kind === 'append') {
            await Promise.all([first, second].map((one) => one && model.run(one)));
          } else {
            if (first !== undefined) await model.run(first);
            if (second !== undefined) await model.run(second);
          }
          model.requireWhole();
        }
        await model.end();
        counts.runs += 1;
      }),
      {
        numRuns: 60,
        interruptAfterTimeLimit: 60_000,
        ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
      },
    );
    console.info(
      `model: ${Object.entries(counts)
        .map(([name, n]) => `${name} ${n}`)
        .join(', ')}`,
    );
  }, 90_000);
});
