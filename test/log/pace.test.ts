/** When the next checkpoint may be made. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pace } from '../../src/log/pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a pace', () => {
  it('rests after a checkpoint and wakes when that is over, whatever the clock says', () => {
    const wake = vi.fn();
    const pace = new Pace({ rest: 1000, stale: undefined }, wake);
    expect(pace).toMatchObject({ rests: false, isStale: false });
    pace.rest();
    vi.setSystemTime(0);
    vi.advanceTimersByTime(999);
    expect([pace.rests, wake.mock.calls.length]).toEqual([true, 0]);
    vi.advanceTimersByTime(1);
    expect([pace.rests, wake.mock.calls.length]).toEqual([false, 1]);
    vi.advanceTimersByTime(1_000_000);
    expect([pace.isStale, wake.mock.calls.length]).toEqual([false, 1]);
  });

  it('with witnesses begins stale, and is so again after a while without a checkpoint', () => {
    const wake = vi.fn();
    const pace = new Pace({ rest: 10, stale: 100 }, wake);
    expect(pace.isStale).toBe(true);
    pace.rest();
    expect(pace.isStale).toBe(false);
    vi.advanceTimersByTime(90);
    pace.rest();
    vi.advanceTimersByTime(99);
    expect(pace.isStale).toBe(false);
    vi.advanceTimersByTime(1);
    expect(pace.isStale).toBe(true);
  });

  it('is quiet once it was stopped', () => {
    const wake = vi.fn();
    const pace = new Pace({ rest: 10, stale: 100 }, wake);
    pace.rest();
    pace.stop();
    vi.advanceTimersByTime(1000);
    expect(wake).not.toHaveBeenCalled();
  });
});
