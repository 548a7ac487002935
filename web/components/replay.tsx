// Plays a recording of a terminal once, line by line; shows all of it at once to those who want no motion.
import { useEffect, useState } from 'preact/hooks';
import { browserTimers } from '../model/timers.ts';
import { linesShown, type RecordedLine } from '../views/recording.ts';

export function Replay({ lines }: { lines: readonly RecordedLine[] }) {
  const shown = useLinesShown(lines);
  return (
    <figure class="replay">
      <figcaption>A first minute, recorded</figcaption>
      <pre tabIndex={0} role="group" aria-label="Recording of a terminal">
        {lines.map((line, index) => (
          <div key={line.text} class={line.kind} data-shown={index < shown}>
            {line.text}
          </div>
        ))}
      </pre>
    </figure>
  );
}

function useLinesShown(lines: readonly RecordedLine[]): number {
  const [shown, setShown] = useState(() => (matchMedia('(prefers-reduced-motion: reduce)').matches ? lines.length : 0));
  useEffect(() => {
    if (shown >= lines.length) return;
    const startMs = browserTimers.now();
    const timer = browserTimers.every(50, () => {
      const count = linesShown(lines, browserTimers.now() - startMs);
      setShown(count);
      if (count >= lines.length) timer.dispose();
    });
    return () => timer.dispose();
  }, []);
  return shown;
}
