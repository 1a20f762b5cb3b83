import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { concat } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { openCard } from '../../src/reader/card.ts';
import {
  type Pcsc,
  type PcscOptions,
  type ReaderChange,
  startPcsc,
} from '../../src/reader/pcsc/pcsc.ts';
import {
  answer,
  failureOf,
  insert,
  pcscChildren,
  removeAll,
  stubCard,
} from '../support/pcsc-cards.ts';
import {
  firstReader,
  type Pcscd,
  pcscdTurnMs,
  pcscMissing,
  secondReader,
  startPcscd,
} from '../support/pcscd.ts';
import { describeWith } from '../support/requirements.ts';

const select = fromHex('00a4040002a00000');
const atrTwo = fromHex('3b8180018080');
const patient = { timeoutMs: 8_000 };

await describeWith('pcsc', pcscMissing, 'cards on a real PC/SC stack', () => {
  let pcscd: Pcscd;
  let pcsc: Pcsc | undefined;

  beforeAll(async () => {
    pcscd = await startPcscd();
  }, pcscdTurnMs);

  afterEach(async () => {
    // First the connection, then the cards: after a reset that fails because the card has just
    // left, pcscd calls the reader empty before its poll has seen the removal, and a card laid
    // down within that poll (0.4 s) goes unnoticed until it is lifted again.
    await pcsc?.close();
    pcsc = undefined;
    await removeAll();
    expect(pcscChildren()).toEqual([]);
    await readersEmpty();
  });

  afterAll(async () => {
    await pcscd?.stop();
  });

  async function start(options: PcscOptions = {}): Promise<Pcsc> {
    pcsc = await startPcsc(options);
    return pcsc;
  }

  /** pcscd notices a removal by polling; the next test must not meet the last test's card. */
  async function readersEmpty(): Promise<void> {
    const own = await startPcsc();
    try {
      expect(await own.waitForRemoval(firstReader.name, 5_000)).toBe(true);
      expect(await own.waitForRemoval(secondReader.name, 5_000)).toBe(true);
    } finally {
      await own.close();
    }
  }

  test('lists readers, with and without a card', async () => {
    await insert(
      stubCard(() => answer('9000')),
      secondReader.port,
    );
    const stack = await start();
    await stack.waitForCard(patient);
    expect(await stack.readers()).toEqual([
      { name: firstReader.name, cardPresent: false },
      { name: secondReader.name, cardPresent: true, atr: fromHex('3b80800101') },
    ]);
  });

  test('takes a card that lies there already, and one laid down later', async () => {
    const first = await insert(
      stubCard(() => answer('01029000')),
      firstReader.port,
    );
    const stack = await start();
    const channel = await stack.waitForCard(patient);
    expect(channel.readerName).toBe(firstReader.name);
    expect(toHex(channel.atr)).toBe('3b80800101');
    expect(toHex(await channel.exchange(select))).toBe('01029000');
    await channel.close();
    await first.remove();
    expect(await stack.waitForRemoval(firstReader.name, 5_000)).toBe(true);

    const waiting = stack.waitForCard(patient);
    await insert(
      stubCard(() => answer('03049000')),
      firstReader.port,
    );
    expect(toHex(await (await waiting).exchange(select))).toBe('03049000');
  });

  test('sends only what the caller sends: no SELECT of its own', async () => {
    const card = stubCard(() => answer('9000'));
    await insert(card, firstReader.port);
    const channel = await (await start()).waitForCard(patient);
    await channel.exchange(select);
    expect(card.received.map(toHex)).toEqual([toHex(select)]);
  });

  test('resets the card when the channel closes, and gives it out again', async () => {
    const card = stubCard(() => answer('9000'));
    await insert(card, firstReader.port);
    const stack = await start();
    const channel = await stack.waitForCard(patient);
    await channel.exchange(select);
    const before = card.resets;
    await channel.close();
    await channel.close();
    expect(card.resets).toBeGreaterThan(before);
    expect((await failureOf(channel.exchange(select))).code).toBe('READER_TRANSPORT');
    const again = await stack.waitForCard(patient);
    expect(toHex(await again.exchange(select))).toBe('9000');
  });

  test('does not give out a reader twice, nor an excluded one', async () => {
    await insert(
      stubCard(() => answer('9000')),
      firstReader.port,
    );
    const stack = await start();
    const channel = await stack.waitForCard(patient);
    expect((await failureOf(stack.waitForCard({ timeoutMs: 300 }))).code).toBe('READER_NO_CARD');
    await channel.close();
    const exclude = [firstReader.name];
    const refused = stack.waitForCard({ timeoutMs: 300, exclude });
    expect((await failureOf(refused)).code).toBe('READER_NO_CARD');
  });

  test('two readers, two cards, at the same time', async () => {
    await insert(
      stubCard(() => answer('019000')),
      firstReader.port,
    );
    await insert(
      stubCard(() => answer('029000'), atrTwo),
      secondReader.port,
    );
    const stack = await start();
    const [one, two] = await Promise.all([
      stack.waitForCard({ ...patient, reader: 'pcd 00 00' }),
      stack.waitForCard({ ...patient, reader: secondReader.name.toUpperCase() }),
    ]);
    expect(toHex(two.atr)).toBe(toHex(atrTwo));
    const answers = await Promise.all([one.exchange(select), two.exchange(select)]);
    expect(answers.map(toHex)).toEqual(['019000', '029000']);
  });

  test('cards on two readers and no choice: asks for --reader', async () => {
    await insert(
      stubCard(() => answer('9000')),
      firstReader.port,
    );
    await insert(
      stubCard(() => answer('9000')),
      secondReader.port,
    );
    const stack = await start();
    for (const reader of [firstReader.name, secondReader.name]) {
      await (await stack.waitForCard({ ...patient, reader })).close();
    }
    const error = await failureOf(stack.waitForCard(patient));
    expect(error.code).toBe('READER_AMBIGUOUS');
    expect(error.message).toContain(firstReader.name);
    expect(error.message).toContain(secondReader.name);
    expect(error.entry.remedy).toContain('--reader');
  });

  test('tells insertions and removals as they happen', async () => {
    const stack = await start();
    const changes: ReaderChange[] = [];
    const unsubscribe = stack.onChange((change) => changes.push(change));
    const card = await insert(
      stubCard(() => answer('9000')),
      firstReader.port,
    );
    await (await stack.waitForCard(patient)).close();
    await card.remove();
    await stack.waitForRemoval(firstReader.name, 5_000);
    unsubscribe();
    await insert(
      stubCard(() => answer('9000')),
      secondReader.port,
    );
    await stack.waitForCard(patient);
    expect(changes).toEqual([
      { kind: 'card-inserted', reader: firstReader.name },
      { kind: 'card-removed', reader: firstReader.name },
    ]);
  });

  test('extended lengths both ways, up to the 65535 bytes of a vpcd frame', async () => {
    const big = new Uint8Array(65_533).map((_, index) => index % 251);
    const card = stubCard(() => ({ kind: 'answer', bytes: concat(big, fromHex('9000')) }));
    await insert(card, firstReader.port);
    const channel = await (await start()).waitForCard(patient);
    const command = concat(fromHex('00d6000000fff8'), new Uint8Array(65_528).fill(0xa5));
    expect(command.length).toBe(65_535);
    const response = await channel.exchange(command);
    expect(card.received[0]).toEqual(command);
    expect(response.length).toBe(65_535);
    expect(response.subarray(0, -2)).toEqual(big);
  });

  test('refuses commands that are none, before they reach the reader', async () => {
    const card = stubCard(() => answer('9000'));
    await insert(card, firstReader.port);
    const channel = await (await start()).waitForCard(patient);
    for (const length of [0, 1, 3, 65_545]) {
      await expect(channel.exchange(new Uint8Array(length))).rejects.toThrow(RangeError);
    }
    expect(card.received).toEqual([]);
    expect(toHex(await channel.exchange(select))).toBe('9000');
  });

  test('passes garbage up as it came', async () => {
    const answers = ['00', 'ffff', '61', 'deadbeef'];
    await insert(
      stubCard((_, { received }) => answer(answers[received.length - 1] ?? '6f00')),
      firstReader.port,
    );
    const channel = await (await start()).waitForCard(patient);
    for (const garbage of answers) {
      expect(toHex(await channel.exchange(select))).toBe(garbage);
    }
  });

  test('a mute card: READER_CARD_MUTE in time, the child gone, usable afterwards', async () => {
    const mute = await insert(
      stubCard(() => ({ kind: 'silence' })),
      firstReader.port,
    );
    const stack = await start({ exchangeTimeoutMs: 700 });
    const changes: ReaderChange[] = [];
    stack.onChange((change) => changes.push(change));
    const channel = await stack.waitForCard(patient);
    expect(pcscChildren()).toHaveLength(1);
    const before = Date.now();
    expect((await failureOf(channel.exchange(select))).code).toBe('READER_CARD_MUTE');
    expect(Date.now() - before).toBeLessThan(1_500);
    expect(pcscChildren()).toEqual([]);
    expect((await failureOf(channel.exchange(select))).code).toBe('READER_STOPPED');
    await channel.close();
    expect(changes.at(-1)).toMatchObject({ kind: 'stopped' });

    await mute.remove();
    const waiting = stack.waitForCard(patient);
    await insert(
      stubCard(() => answer('9000')),
      secondReader.port,
    );
    expect(toHex(await (await waiting).exchange(select))).toBe('9000');
  });

  test('a card pulled out in mid-exchange: READER_CARD_REMOVED, for good', async () => {
    await insert(
      stubCard(() => ({ kind: 'removed' })),
      firstReader.port,
    );
    const stack = await start();
    const channel = await stack.waitForCard(patient);
    const card = openCard(channel, () => 0);
    expect((await failureOf(card.transmit(select, 'proof'))).code).toBe('READER_CARD_REMOVED');
    await stack.waitForRemoval(firstReader.name, 5_000);

    const other = stubCard(() => answer('9000'));
    await insert(other, firstReader.port);
    expect((await failureOf(stack.waitForCard({ timeoutMs: 1_500 }))).code).toBe('READER_NO_CARD');
    expect((await failureOf(card.transmit(select, 'proof'))).code).toBe('READER_CARD_REMOVED');
    expect(other.received).toEqual([]);

    await card.close();
    const fresh = await stack.waitForCard(patient);
    expect(toHex(await fresh.exchange(select))).toBe('9000');
  });

  test('an unknown reader name lists those there are', async () => {
    const error = await failureOf((await start()).waitForCard({ ...patient, reader: 'ACR' }));
    expect(error.code).toBe('READER_UNKNOWN');
    expect(error.message).toContain(firstReader.name);
  });

  test('no card in time, and an abort', async () => {
    const stack = await start();
    expect((await failureOf(stack.waitForCard({ timeoutMs: 200 }))).code).toBe('READER_NO_CARD');
    const control = new AbortController();
    const waiting = failureOf(stack.waitForCard({ ...patient, signal: control.signal }));
    control.abort();
    expect((await waiting).code).toBe('INTERRUPTED');
  });

  test(
    'pcscd killed in mid-run: READER_STOPPED, then READER_NO_SERVICE, then back',
    async () => {
      await insert(
        stubCard(() => answer('9000')),
        firstReader.port,
      );
      const stack = await start();
      const channel = await stack.waitForCard(patient);
      const waiting = failureOf(stack.waitForCard({ timeoutMs: 6_000 }));
      await pcscd.kill();
      try {
        expect((await waiting).code).toBe('READER_STOPPED');
        expect((await failureOf(channel.exchange(select))).code).toBe('READER_STOPPED');
        expect((await failureOf(stack.waitForCard(patient))).code).toBe('READER_NO_SERVICE');
      } finally {
        pcscd = await startPcscd();
      }
      const again = stack.waitForCard(patient);
      await insert(
        stubCard(() => answer('9000')),
        firstReader.port,
      );
      expect(toHex(await (await again).exchange(select))).toBe('9000');
    },
    pcscdTurnMs,
  );

  test(
    'pcscd killed while a command is under way: an error in time',
    async () => {
      await insert(
        stubCard(() => ({ kind: 'silence' })),
        firstReader.port,
      );
      const stack = await start({ exchangeTimeoutMs: 5_000 });
      const channel = await stack.waitForCard(patient);
      const pending = failureOf(channel.exchange(select));
      await new Promise((resolve) => setTimeout(resolve, 300));
      await pcscd.kill();
      try {
        expect((await pending).code).toBe('READER_STOPPED');
      } finally {
        pcscd = await startPcscd();
      }
    },
    pcscdTurnMs,
  );
});
