// The session's event stream: what the gateway tells while a session starts and lives.
import type { Ended, Progress, Session } from '../../server/protocol/rest.ts';
import type { Timers } from './timers.ts';

export interface SessionEvents {
  onSession(session: Session): void;
  onProgress(progress: Progress): void;
  onEnded(ended: Ended): void;
  /** The gateway refused the stream: ask it what is the matter. */
  onRefused(): void;
}

export interface EventStreamOptions {
  createEventSource: (url: string) => EventSource;
  timers: Timers;
}

const path = '/api/session/events';
const retryMs = 2_000;

/** Listens until disposed. A cut line is mended by EventSource itself; a refusal is reported, then tried again. */
export function openEventStream(options: EventStreamOptions, events: SessionEvents): { dispose(): void } {
  let source: EventSource | undefined;
  let retry: { dispose(): void } | undefined;
  const listen = <T>(name: string, handle: (data: T) => void) =>
    source?.addEventListener(name, (event: MessageEvent<string>) => handle(JSON.parse(event.data) as T));
  const open = () => {
    source = options.createEventSource(path);
    listen<Session>('session', (session) => events.onSession(session));
    listen<Progress>('progress', (progress) => events.onProgress(progress));
    listen<Ended>('ended', (ended) => {
      dispose();
      events.onEnded(ended);
    });
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      retry = options.timers.after(retryMs, open);
      events.onRefused();
    };
  };
  const dispose = () => {
    retry?.dispose();
    source?.close();
    source = undefined;
  };
  open();
  return { dispose };
}
