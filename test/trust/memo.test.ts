import { describe, expect, it, vi } from 'vitest';
import { remembered } from '../../src/trust/memo.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

function counted(max: number) {
  const compute = vi.fn((...parts: Uint8Array[]) => parts.map((part) => part.join(',')).join('|'));
  return { compute, look: remembered(max, compute) };
}

describe('remembered results', () => {
  it('are computed once for the same bytes, whichever array holds them', () => {
    const { compute, look } = counted(4);
    expect(look(bytes(1), bytes(2))).toBe('1|2');
    expect(look(bytes(1), bytes(2))).toBe('1|2');
    expect(compute).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['the same first part and another second', [bytes(1), bytes(3)], '1|3'],
    ['another first part and the same second', [bytes(3), bytes(2)], '3|2'],
    ['the parts swapped', [bytes(2), bytes(1)], '2|1'],
    ['the same bytes cut elsewhere', [bytes(1, 2)], '1,2'],
    ['an empty part before', [bytes(), bytes(1), bytes(2)], '|1|2'],
    ['an empty part after', [bytes(1), bytes(2), bytes()], '1|2|'],
    ['the first part alone', [bytes(1)], '1'],
  ])('are not taken for %s', (_, parts, expected) => {
    const { look } = counted(8);
    look(bytes(1), bytes(2));
    expect(look(...parts)).toBe(expected);
  });

  it('do not change when the array that was asked with changes', () => {
    const { look } = counted(4);
    const part = bytes(1);
    look(part);
    part[0] = 2;
    expect(look(part)).toBe('2');
    expect(look(bytes(1))).toBe('1');
  });

  it('are all kept up to the limit, and begin anew with the one beyond it', () => {
    const { compute, look } = counted(2);
    look(bytes(1));
    look(bytes(2));
    look(bytes(1));
    look(bytes(2));
    expect(compute).toHaveBeenCalledTimes(2);
    look(bytes(3));
    expect(compute).toHaveBeenCalledTimes(3);
    look(bytes(3));
    expect(compute).toHaveBeenCalledTimes(3);
    look(bytes(1));
    expect(compute).toHaveBeenCalledTimes(4);
    look(bytes(2));
    expect(compute).toHaveBeenCalledTimes(5);
  });

  it('may be undefined, which is the same every time', () => {
    const look = remembered(2, () => undefined);
    expect([look(bytes(1)), look(bytes(1))]).toEqual([undefined, undefined]);
  });

  it('keep nothing of a computation that throws', () => {
    let fail = true;
    const look = remembered(2, () => {
      if (fail) throw new Error('not now');
      return 'well';
    });
    expect(() => look(bytes(1))).toThrow('not now');
    fail = false;
    expect(look(bytes(1))).toBe('well');
  });
});
