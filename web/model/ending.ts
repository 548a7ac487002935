// What the page says before a session ends: pure.
import type { SessionEnd } from '../../server/protocol/rest.ts';

export interface Ending {
  /** In the last five minutes, and in the last one. */
  level: 'soon' | 'now';
  canStay: boolean;
  /** The same for the whole level, so that a screen reader says it once. */
  sentence: string;
  leftMs: number;
  /** The same warning has the same key: one that was dismissed does not come back. */
  key: string;
}

const minuteMs = 60_000;

const sentences: Record<SessionEnd['cause'], (when: string) => string> = {
  idle: (when) => `Nobody has typed here for a while. This session ends in less than ${when}, unless you type or stay.`,
  life: (when) => `The time of this session is over in less than ${when}. You can stay.`,
  cap: (when) =>
    `This session ends in less than ${when}. It has lived as long as a session may, and cannot be extended: take with you what you need.`,
};

/** undefined while the end is more than five minutes away. */
export function endingOf({ at, cause, canStay }: SessionEnd, nowMs: number): Ending | undefined {
  const leftMs = Date.parse(at) - nowMs;
  if (!(leftMs <= 5 * minuteMs)) return undefined;
  const level = leftMs <= minuteMs ? 'now' : 'soon';
  const sentence = sentences[cause](level === 'now' ? 'a minute' : 'five minutes');
  return { level, canStay, sentence, leftMs: Math.max(0, leftMs), key: `${at} ${level}` };
}
