// Why sessions end, and how their users are told.
import { findDisruption } from './failure.ts';
import { failureOf } from './state.ts';
import { annotations, type Pod } from './types.ts';

export const endReasons = ['visitor', 'retry', 'idle', 'life', 'cap', 'failed', 'orphan', 'full'] as const;
/** As the annotation on the pod says it. Without one, somebody else deleted the pod. */
export type EndReason = (typeof endReasons)[number];

export const isEndReason = (value: string | undefined): value is EndReason =>
  (endReasons as readonly (string | undefined)[]).includes(value);

export const fullSentence = 'All places are taken at the moment. Please try again in a few minutes.';

function idleSentence(pod: Pod): string {
  const minutes = Number(pod.metadata.annotations?.[annotations.idleMinutes]);
  return minutes > 0
    ? `This session ended because nobody typed anything for ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`
    : 'This session ended because nobody typed anything for a while.';
}

const sentences: Record<EndReason, (pod: Pod) => string> = {
  visitor: () => 'You ended this session.',
  retry: () => 'This session failed and is made anew.',
  idle: idleSentence,
  life: () => 'The time of this session is over.',
  cap: () => 'The time of this session is over: it has lived as long as a session may.',
  failed: (pod) => failureOf(pod) ?? 'This session failed, and nobody started it again.',
  orphan: () => 'This session belonged to nobody.',
  full: () => fullSentence,
};

/** Why a session that is gone has ended, as a sentence; `pod` as it was last seen. */
export function endingOf(pod: Pod): string {
  const why = pod.metadata.annotations?.[annotations.endReason];
  if (isEndReason(why)) return sentences[why](pod);
  return failureOf(pod) ?? findDisruption(pod)?.sentence ?? 'This session was ended by an administrator.';
}
