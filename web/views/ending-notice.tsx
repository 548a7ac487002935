// Says that the session ends soon, and lets its user stay. It never takes the focus: whoever types goes on typing.
import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../../server/protocol/rest.ts';
import { useNow } from '../components/ticking.ts';
import { countdown } from '../model/durations.ts';
import { type Ending, endingOf } from '../model/ending.ts';
import { notifyIfAllowed } from '../model/notification.ts';
import type { Playground } from '../model/playground.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface EndingNoticeProps {
  playground: Playground;
  session: Session;
  terminal: Terminal;
}

/** The warning to show: none that was dismissed, and none of want of input once somebody types here. */
function useEnding({ playground, session, terminal }: EndingNoticeProps) {
  const [dismissedKey, dismiss] = useState<string>();
  const nowMs = useNow(1_000, playground.serverNow);
  const ending = endingOf(session.end, nowMs);
  const key = ending?.key;
  const isIdle = session.end.cause === 'idle';
  useEffect(() => {
    if (!key || !isIdle) return;
    const listener = terminal.xterm.onData(() => dismiss(key));
    return () => listener.dispose();
  }, [key, isIdle, terminal]);
  useEffect(() => {
    if (ending) notifyIfAllowed(ending.sentence);
  }, [key]);
  const shown = ending && key !== dismissedKey ? ending : undefined;
  // A button that goes with the warning takes the focus with it.
  useEffect(() => {
    if (!shown && document.activeElement === document.body) terminal.xterm.focus();
  }, [shown?.key]);
  return { ending: shown, dismiss: () => dismiss(key) };
}

export function EndingNotice(props: EndingNoticeProps) {
  const { playground, terminal } = props;
  const { ending, dismiss } = useEnding(props);
  const { staying } = playground;
  const fault = staying.fault.value;
  const stay = () => {
    terminal.xterm.focus();
    void staying.stay();
  };
  const close = () => {
    terminal.xterm.focus();
    dismiss();
  };
  return (
    <section class="ending" aria-label="End of this session" data-level={ending?.level}>
      <div class={ending || fault ? 'ribbon' : undefined} data-kind="ending">
        <div>
          {/* Always there: what appears together with its live region is not read out. */}
          <div role="status">{ending?.level === 'soon' && ending.sentence}</div>
          <div role="alert">
            {ending?.level === 'now' && ending.sentence}
            {fault && <span class="ending-fault"> {fault}</span>}
          </div>
          <StayedUntil at={staying.endsAt.value} />
        </div>
        {ending && <Countdown ending={ending} />}
        {ending?.canStay && (
          <button class="button small primary" disabled={staying.isBusy.value} onClick={stay}>
            Stay
          </button>
        )}
        {ending && (
          <button class="button small" onClick={close}>
            {ending.canStay ? 'Not now' : 'Understood'}
          </button>
        )}
      </div>
    </section>
  );
}

/** Not part of what is read out: it changes every second. */
const Countdown = ({ ending }: { ending: Ending }) => (
  <span class="ending-left" aria-hidden="true">
    {countdown(ending.leftMs)}
  </span>
);

const StayedUntil = ({ at }: { at: string | undefined }) => (
  <span class="only-spoken" role="status">
    {at && `You stay. This session ends at ${new Date(at).toLocaleTimeString()}.`}
  </span>
);
