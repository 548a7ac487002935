// While a session starts: what is happening, since when, and the way out.
import type { Session } from '../../server/protocol/rest.ts';
import { Logo } from '../components/logo.tsx';
import { useNow } from '../components/ticking.ts';
import { elapsed } from '../model/durations.ts';
import type { Happening } from '../model/happenings.ts';
import type { Playground } from '../model/playground.ts';

interface StartingProps {
  playground: Playground;
  session: Session | undefined;
}

export function StartingView({ playground, session }: StartingProps) {
  const isFailed = session?.state === 'failed';
  const progress = playground.progress.value;
  return (
    <main class="message">
      <div class="message-body starting" data-state={session?.state ?? 'asked'}>
        <Logo size={44} />
        <h1>{headingOf(session)}</h1>
        {isFailed && <p role="alert">{session.failure ?? 'The pod failed without saying why.'}</p>}
        <Timeline progress={progress} startedMs={playground.startedMs.value} isRunning={!isFailed} />
        <div class="actions">
          {isFailed && (
            <button class="button primary" disabled={playground.isBusy.value} onClick={() => void playground.retry()}>
              Try again
            </button>
          )}
          <button
            class="button"
            disabled={!session || session.state === 'ending'}
            onClick={() => void playground.end()}
          >
            {isFailed ? 'Give up' : 'Cancel'}
          </button>
        </div>
      </div>
    </main>
  );
}

function headingOf(session: Session | undefined): string {
  if (session?.state === 'failed') return 'Your session has failed';
  if (session?.state === 'ending') return 'Your session is ending';
  return session ? `Starting ${session.environmentTitle}` : 'Starting your session';
}

function Timeline({ progress, startedMs, isRunning }: TimelineProps) {
  return (
    <div class="timeline">
      <ol aria-live="polite" aria-label="What is happening">
        {progress.map(({ id, at, elapsedMs, sentence, level, reason }) => (
          <li key={id} data-level={level}>
            <span class="timeline-sentence">
              {sentence} {reason && level !== 'info' && <code>{reason}</code>}
            </span>
            <time dateTime={at}>{elapsed(elapsedMs)}</time>
          </li>
        ))}
      </ol>
      {isRunning && <Elapsed startedMs={startedMs} atLeastMs={progress.at(-1)?.elapsedMs ?? 0} />}
    </div>
  );
}

interface TimelineProps {
  progress: Happening[];
  startedMs: number | undefined;
  isRunning: boolean;
}

/** Not part of the log: a screen reader should not hear every tick. */
function Elapsed({ startedMs, atLeastMs }: { startedMs: number | undefined; atLeastMs: number }) {
  const nowMs = useNow(100);
  return (
    <p class="timeline-now">
      <span class="pulse" aria-hidden="true" />
      <span class="timeline-sentence">Working…</span>
      <span class="time" aria-hidden="true">
        {startedMs === undefined ? '' : elapsed(Math.max(nowMs - startedMs, atLeastMs))}
      </span>
    </p>
  );
}
