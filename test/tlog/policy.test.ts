import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { LogError } from '../../src/errors/error.ts';
import { encodeKey, KeyType, noteKey, parseKey } from '../../src/tlog/key.ts';
import {
  encodePolicy,
  isWitnessed,
  type Policy,
  parsePolicy,
  quorumHolds,
} from '../../src/tlog/policy.ts';
import { createCosigner, createSigner } from '../../src/tlog/signer.ts';
import { changedCharacters, log7, mlDsa, vkeys } from './given.ts';

const malformed = (run: () => unknown) => {
  expect(run).toThrow(LogError);
  expect(run).toThrow(expect.objectContaining({ code: 'LOG_MALFORMED' }));
};

const seed = (text: string) => sha256(utf8(text));
const witness = (name: string) => encodeKey(createCosigner(`${name}.example`, seed(name)).key);
const log = (name: string) => encodeKey(createSigner(name, seed(`log ${name}`)).key);
const named = (text: string, ...names: string[]) => quorumHolds(parsePolicy(text), new Set(names));

/** The example of tlog-policy, with keys. */
const example = `# An example
log ${log('log.example')}

witness X1 ${witness('X1')}
witness X2 ${witness('X2')}
witness X3 ${witness('X3')} https://x3.example/
group X-witnesses 2 X1 X2 X3

witness Y1 ${witness('Y1')}
witness Y2 ${witness('Y2')}
witness Y3 ${witness('Y3')}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

describe('a policy', () => {
  it('is read: the example of the specification', () => {
    const policy = parsePolicy(example);
    expect(policy.logs).toEqual([{ origin: 'log.example', key: parseKey(log('log.example')) }]);
    expect(policy.witnesses.map(({ name }) => name)).toEqual(['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3']);
    expect(policy.witnesses[2]).toEqual({
      name: 'X3',
      key: parseKey(witness('X3')),
      url: 'https://x3.example/',
    });
    expect(policy.groups).toEqual([
      { name: 'X-witnesses', threshold: 2, members: ['X1', 'X2', 'X3'] },
      { name: 'Y-witnesses', threshold: 1, members: ['Y1', 'Y2', 'Y3'] },
      { name: 'X-and-Y', threshold: 2, members: ['X-witnesses', 'Y-witnesses'] },
    ]);
    expect(policy.quorum).toBe('X-and-Y');
    expect(isWitnessed(policy)).toBe(true);
  });

  it('is written and read back', () => {
    const policy = parsePolicy(example);
    expect(parsePolicy(encodePolicy(policy))).toEqual(policy);
    expect(encodePolicy(parsePolicy(encodePolicy(policy)))).toBe(encodePolicy(policy));
  });

  it('may have spaces and tabs around, empty lines and comments', () => {
    const text = `\n \t\n#\n  # quorum other\n\t quorum \t none \n#quorum other\n`;
    expect(parsePolicy(text)).toEqual({ logs: [], witnesses: [], groups: [], quorum: 'none' });
    expect(parsePolicy(example.replaceAll(' ', '\t '))).toEqual(parsePolicy(example));
  });

  it('may be without witnesses', () => {
    const policy = parsePolicy(`log ${log('a')}\nquorum none\n`);
    expect(isWitnessed(policy)).toBe(false);
    expect(quorumHolds(policy, new Set())).toBe(true);
  });

  it('may have witnesses of ML-DSA-44, and lines after the quorum', () => {
    const policy = parsePolicy(`witness pq ${mlDsa.vkey}\nquorum pq\nlog ${log7.vkey} url\n`);
    expect(policy.witnesses[0]?.key.type).toBe(KeyType.mlDsa44);
    expect(policy.logs[0]).toMatchObject({ origin: log7.origin, url: 'url' });
    expect(parsePolicy(encodePolicy(policy))).toEqual(policy);
  });

  it('may have two keys of one log, as when it changes them', () => {
    const second = encodeKey(createSigner('a', seed('second')).key);
    expect(parsePolicy(`log ${log('a')}\nlog ${second}\nquorum none\n`).logs).toHaveLength(2);
  });

  it('takes names for bytes: what looks alike is another name', () => {
    const text = (member: string) =>
      `witness K ${witness('a')}\nwitness \u212a ${witness('b')}\nquorum ${member}\n`;
    expect(named(text('K'), 'K')).toBe(true);
    expect(named(text('K'), '\u212a')).toBe(false);
    expect(named(text('\u212a'), '\u212a')).toBe(true);
    // A no-break space parts nothing here.
    expect(parsePolicy(`witness a\u00a0b ${witness('a')}\nquorum a\u00a0b\n`).quorum).toBe(
      'a\u00a0b',
    );
    malformed(() => parsePolicy(text('k')));
    malformed(() => parsePolicy(`witness \u00e9 ${witness('a')}\nquorum e\u0301\n`));
  });

  it('may use the words for thresholds as names, and numbers, and names that begin with #', () => {
    const text = `witness all ${witness('a')}\nwitness 2 ${witness('b')}\nwitness #c ${witness('c')}
group any 2 all 2 #c\nquorum any\n`;
    expect(named(text, 'all', '2')).toBe(true);
    expect(named(text, 'all')).toBe(false);
    expect(parsePolicy(encodePolicy(parsePolicy(text)))).toEqual(parsePolicy(text));
  });

  it('has as many as the specification recommends, and at most 256 of each', () => {
    const count = (wanted: number) => Array.from({ length: wanted }, (_, index) => `n${index}`);
    const logs = (wanted: number) =>
      count(wanted)
        .map((name) => `log ${log(name)}\n`)
        .join('');
    const witnesses = (wanted: number) =>
      count(wanted)
        .map((name) => `witness ${name} ${witness(name)}\n`)
        .join('');
    const groups = (wanted: number) =>
      count(wanted)
        .map((name, at) => `group g${name} all ${at === 0 ? 'n0' : `gn${at - 1}`}\n`)
        .join('');
    const end = 'quorum none\n';
    const most = parsePolicy(`${logs(256)}${witnesses(256)}${groups(256)}quorum gn255\n`);
    expect(quorumHolds(most, new Set(['n0']))).toBe(true);
    expect(quorumHolds(most, new Set(['n1']))).toBe(false);
    malformed(() => parsePolicy(logs(257) + end));
    malformed(() => parsePolicy(witnesses(257) + end));
    malformed(() => parsePolicy(witnesses(1) + groups(257) + end));
    malformed(() => parsePolicy(`${end}#${'x'.repeat(2 ** 20)}\n`));
    expect(parsePolicy(`${end}#${'x'.repeat(2 ** 20 - end.length - 2)}\n`).quorum).toBe('none');
  });

  it('is refused with one character of a key changed', () => {
    const [, vkey] = (example.split('\n')[1] ?? '').split(' ');
    expect(vkey).toBe(log('log.example'));
    for (const { text } of changedCharacters(vkey ?? '')) {
      malformed(() => parsePolicy(example.replace(vkey ?? '', text)));
    }
  });

  it('is refused without any one of the lines that another needs', () => {
    for (const line of ['witness X1', 'witness Y3', 'group X-w', 'group X-and', 'quorum']) {
      const without = example
        .split('\n')
        .filter((text) => !text.startsWith(line))
        .join('\n');
      expect(without.length).toBeLessThan(example.length);
      malformed(() => parsePolicy(without));
    }
  });

  const w = `witness w ${witness('w')}\n`;
  const v = `witness v ${witness('v')}\n`;
  const none = 'quorum none\n';
  const rekor = vkeys.find(({ type }) => type === 2)?.vkey ?? '';
  const shared = createSigner('w.example', seed('w')).key;
  const again = (name: string, type: KeyType = 4) =>
    encodeKey(noteKey(name, type, parseKey(witness('w')).publicKey));

  it.each([
    ['nothing', ''],
    ['no quorum', w],
    ['two quorums', none + none],
    ['two quorums that differ', `${w}${none}quorum w\n`],
    ['a last line without end', `${w}quorum w`],
    ['CRLF', `${w}quorum w\r\n`],
    ['a form feed between items', `${w}quorum\fw\n`],
    ['DEL', `${none}# \x7f\n`],
    ['NUL', `${none}# \0\n`],
    ['a lone surrogate', `${none}# \ud800\n`],
    ['a byte order mark', `\ufeff${none}`],
    ['an unknown word', `${none}trust w\n`],
    ['a word in upper case', 'QUORUM none\n'],
    ['a quorum without a name', 'quorum\n'],
    ['a quorum of two', `${w}${v}quorum w v\n`],
    ['a quorum with a comment behind', 'quorum none # why\n'],
    ['a quorum that nobody defines', `${w}quorum v\n`],
    ['a quorum that is defined below', `quorum w\n${w}`],
    ['a log without a key', `log\n${none}`],
    ['a log with three items', `log ${log('a')} url more\n${none}`],
    ['a log with a name before the key', `log a ${log('a')}\n${none}`],
    ['a log with the key of a cosigner', `log ${witness('w')}\n${none}`],
    ['a log with a key of ML-DSA-44', `log ${mlDsa.vkey}\n${none}`],
    ['a log with a key of ECDSA', `log ${rekor}\n${none}`],
    ['a log twice', `log ${log('a')}\nlog ${log('a')}\n${none}`],
    ['a URL above 2048 bytes', `log ${log('a')} ${'u'.repeat(2049)}\n${none}`],
    ['a witness without a key', `witness w\n${none}`],
    ['a witness without a name', `witness ${witness('w')}\n${none}`],
    ['a witness with four items', `witness w ${witness('w')} url more\n${none}`],
    ['a witness with the key of a log', `witness w ${log('a')}\n${none}`],
    ['a witness with a key of ECDSA', `witness w ${rekor}\n${none}`],
    ['a witness called none', `witness none ${witness('w')}\n${none}`],
    ['a witness with a name of 256 bytes', `witness ${'ö'.repeat(128)} ${witness('w')}\n${none}`],
    ['a witness twice', w + w + none],
    ['a witness twice, under two names', `${w}witness u ${witness('w')}\n${none}`],
    ['one public key under two key names', `${w}witness u ${again('other')}\n${none}`],
    ['one public key as a log and as a witness', `log ${encodeKey(shared)}\n${w}${none}`],
    ['two witnesses of one name', `${w}witness w ${witness('v')}\n${none}`],
    ['a group without members', `${w}group g all\n${none}`],
    ['a group without a number', `${w}group g w\n${none}`],
    ['a group of a name alone', `${w}group g\n${none}`],
    ['a group called none', `${w}group none all w\n${none}`],
    ['a group with the name of a witness', `${w}${v}group w all v\n${none}`],
    ['two groups of one name', `${w}${v}group g all w\ngroup g all v\n${none}`],
    ['a group of itself', `${w}group g any w g\n${none}`],
    ['a group with none in it', `${w}group g any w none\n${none}`],
    ['a group of somebody unknown', `${w}group g any w u\n${none}`],
    ['a group of somebody below', `${w}group g any w v\n${v}${none}`],
    ['a group with one member twice', `${w}${v}group g 2 w w\n${none}`],
    ['a member of two groups', `${w}${v}group g any w\ngroup h any w v\n${none}`],
    ['a threshold of 0', `${w}group g 0 w\n${none}`],
    ['a threshold above all', `${w}${v}group g 3 w v\n${none}`],
    ['a threshold with a leading zero', `${w}group g 01 w\n${none}`],
    ['a threshold with a sign', `${w}group g +1 w\n${none}`],
    ['a threshold below zero', `${w}group g -1 w\n${none}`],
    ['a threshold in hex', `${w}group g 0x1 w\n${none}`],
    ['a threshold with a point', `${w}group g 1.0 w\n${none}`],
    ['a threshold beyond all numbers', `${w}group g ${'9'.repeat(400)} w\n${none}`],
    ['a threshold in another word', `${w}group g most w\n${none}`],
  ])('is not %s', (_, text) => {
    malformed(() => parsePolicy(text));
  });

  it('is the good policy that the rows above alter', () => {
    const text = `log ${log('a')} url\n${w}${v}group g 2 w v\nquorum g\n`;
    expect(parsePolicy(text).quorum).toBe('g');
    expect(parsePolicy(w + none).witnesses).toHaveLength(1);
  });

  it('is not of two keys that a note could not tell apart', () => {
    // Both have the key ID of the other: 2^16 tries find such a pair.
    const [one, two] = [20675, 61433].map((count) =>
      noteKey('w.example', KeyType.cosignature, seed(`colliding ${count}`)),
    );
    if (one === undefined || two === undefined) throw new Error('no keys');
    expect(one.keyId).toBe(two.keyId);
    malformed(() =>
      parsePolicy(`witness a ${encodeKey(one)}\nwitness b ${encodeKey(two)}\n${none}`),
    );
    expect(parsePolicy(`witness a ${encodeKey(one)}\n${none}`).witnesses).toHaveLength(1);
  });

  it('tells the line and keeps the cause', () => {
    const text = `\n${w}${v}log a+00000000+AAAA\n${none}`;
    expect(() => parsePolicy(text)).toThrow(/^line 4 of the policy/);
    expect(() => parsePolicy(text)).toThrow(
      expect.objectContaining({ cause: expect.any(LogError) }),
    );
  });
});

describe('a quorum', () => {
  it.each([
    [true, ['X1', 'X2', 'Y1']],
    [true, ['X3', 'X2', 'Y3']],
    [true, ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3']],
    [false, []],
    [false, ['X1', 'X2', 'X3']],
    [false, ['Y1', 'Y2', 'Y3']],
    [false, ['X1', 'Y1', 'Y2', 'Y3']],
    // Only witnesses sign.
    [false, ['X-witnesses', 'Y-witnesses']],
    [false, ['X-and-Y']],
    [false, ['x1', 'x2', 'y1']],
  ] as const)('holds: %s for %j', (holds, names) => {
    expect(named(example, ...names)).toBe(holds);
  });

  it('of one witness needs that one', () => {
    const text = `witness a ${witness('a')}\nwitness b ${witness('b')}\nquorum a\n`;
    expect(named(text, 'a')).toBe(true);
    expect(named(text, 'b')).toBe(false);
  });

  it('never holds in a policy that names nobody, however it was made', () => {
    const policy = parsePolicy(example);
    expect(quorumHolds({ ...policy, quorum: 'other' }, new Set(['other']))).toBe(false);
    const free = { ...policy, groups: [{ name: 'g', threshold: 0, members: [] }], quorum: 'g' };
    expect(quorumHolds(free, new Set())).toBe(false);
    const twice = { ...policy, groups: [{ name: 'g', threshold: 2, members: ['X1', 'X1'] }] };
    expect(quorumHolds({ ...twice, quorum: 'g' }, new Set(['X1']))).toBe(false);
  });
});

describe('writing a policy', () => {
  const good = parsePolicy(example);
  const [first] = good.witnesses;
  const [only] = good.logs;
  if (first === undefined || only === undefined) throw new Error('no witness');
  const withWitness = (change: object) => ({
    ...good,
    witnesses: [{ ...first, ...change }],
    groups: [],
  });

  it.each<[string, Policy]>([
    ['a quorum of two lines', { ...good, quorum: 'none\nquorum none' }],
    ['an unknown quorum', { ...good, quorum: 'other' }],
    ['a name with a space', { ...withWitness({ name: 'a b' }), quorum: 'none' }],
    ['an empty name', { ...withWitness({ name: '' }), quorum: 'none' }],
    ['a URL of two lines', { ...good, logs: [{ ...only, url: `x\nlog ${log('evil')}` }] }],
    ['an empty URL', { ...good, logs: [{ ...only, url: '' }] }],
    ['an origin that is not the name of the key', { ...good, logs: [{ ...only, origin: 'x' }] }],
    [
      'a threshold of 0',
      { ...good, groups: [{ name: 'g', threshold: 0, members: ['X1'] }], quorum: 'g' },
    ],
    [
      'half a threshold',
      { ...good, groups: [{ name: 'g', threshold: 0.5, members: ['X1'] }], quorum: 'g' },
    ],
    ['groups in another order', { ...good, groups: [...good.groups].reverse() }],
    ['a key twice', { ...good, logs: [only, only] }],
  ])('refuses %s', (_, policy) => {
    malformed(() => encodePolicy(policy));
  });

  it('and reading it gives the same', () => {
    const logKeys = ['a', 'b', 'c'].map((name) => parseKey(log(name)));
    const witnessKeys = ['d', 'e', 'f', 'g'].map((name) => parseKey(witness(name)));
    const url = fc.option(fc.webUrl(), { nil: undefined });
    const token = fc.stringMatching(/^[!-~ö€]{1,12}$/u).filter((name) => name !== 'none');
    const policies = fc
      .record({
        logUrls: fc.array(url, { maxLength: 3 }),
        names: fc.uniqueArray(token, { minLength: 4, maxLength: 6 }),
        witnessUrl: url,
        count: fc.integer({ min: 1, max: 3 }),
        threshold: fc.integer({ min: 1, max: 3 }),
        outer: fc.boolean(),
        quorum: fc.nat(5),
      })
      .map(({ logUrls, names, witnessUrl, count, threshold, outer, quorum }): Policy => {
        const [group = 'g', top = 't', ...rest] = names;
        const witnesses = rest.slice(0, 4).map((name, index) => ({
          name,
          key: witnessKeys[index] ?? parseKey(witness('h')),
          ...(index === 0 && witnessUrl !== undefined && { url: witnessUrl }),
        }));
        const members = witnesses.slice(0, count).map(({ name }) => name);
        const groups = [{ name: group, threshold: Math.min(threshold, members.length), members }];
        if (outer) groups.push({ name: top, threshold: 1, members: [group] });
        const choices = ['none', ...witnesses, ...groups].map((item) =>
          typeof item === 'string' ? item : item.name,
        );
        return {
          logs: logUrls.map((found, index) => {
            const key = logKeys[index] ?? parseKey(log('z'));
            return { origin: key.name, key, ...(found !== undefined && { url: found }) };
          }),
          witnesses,
          groups,
          quorum: choices[quorum % choices.length] ?? 'none',
        };
      });
    fc.assert(
      fc.property(policies, (policy) => {
        expect(parsePolicy(encodePolicy(policy))).toEqual(policy);
      }),
    );
  });
});
