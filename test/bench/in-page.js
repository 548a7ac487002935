// What measures inside a page, whoever's terminal it shows: looks at `window.term` and at the clock that events carry.

const lineOf = (term, row) => term.buffer.active.getLine(row)?.translateToString(true) ?? '';

/** Whether one of the last lines begins with `text`: what a program printed, not what was typed. */
const showsLine = (term, text) => {
  const { length } = term.buffer.active;
  for (let row = length - 1; row >= Math.max(0, length - 100); row--)
    if (lineOf(term, row).startsWith(text)) return true;
  return false;
};

/** Resolves when `isThere` holds at an event of xterm: `parsed` as soon as output is worked through, `rendered` when it is drawn. */
const when = (term, event, isThere) =>
  new Promise((resolve) => {
    const look = () => {
      if (!isThere()) return;
      listener.dispose();
      resolve(performance.now());
    };
    const listener = event === 'parsed' ? term.onWriteParsed(look) : term.onRender(look);
    look();
  });

window.bench = {
  /**
   * Types `count` keys, each some milliseconds behind the echo of the last. Resolves with ms from key to parsed echo. Not by events of the
   * keyboard: behind those the browser holds everything else back until its next frame, whoever's terminal it is.
   */
  async typeKeys(count) {
    const term = window.term;
    const times = [];
    while (times.length < count) {
      await new Promise((resolve) => setTimeout(resolve, 5 + 10 * Math.random()));
      const column = term.buffer.active.cursorX;
      const echoed = when(term, 'parsed', () => term.buffer.active.cursorX !== column);
      const startMs = performance.now();
      term.input('x');
      times.push((await echoed) - startMs);
    }
    return times;
  },
  /** Types a command and resolves with how long it took until a line begins with `line`, and with the longest task of the main thread. */
  async run(command, line, event = 'parsed') {
    const tasks = [];
    const observer = new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    );
    observer.observe({ type: 'longtask' });
    const startMs = performance.now();
    const there = when(window.term, event, () => showsLine(window.term, line));
    window.term.input(`${command}\r`);
    const tookMs = (await there) - startMs;
    // Entries come with the next turns of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 50));
    tasks.push(...observer.takeRecords().map(({ duration }) => duration));
    observer.disconnect();
    return { tookMs, longestTaskMs: Math.max(0, ...tasks) };
  },
  /** Types Ctrl-C and `command` behind it. Resolves with the time until a line that begins with `line` is drawn. */
  async interrupt(command, line) {
    const term = window.term;
    const startMs = performance.now();
    const there = when(term, 'rendered', () => showsLine(term, line));
    term.input('\x03');
    term.input(`${command}\r`);
    return (await there) - startMs;
  },
  showsLine: (line) => showsLine(window.term, line),
  waitForLine: (line) => when(window.term, 'parsed', () => showsLine(window.term, line)).then(() => true),
  /** Number of lines that the terminal has taken, scrolled out ones included as far as they are kept. */
  lineCount: () => window.term.buffer.active.length,
  /** All that the terminal shows, cell by cell with colours, as one string; blanks at the end of lines left out. */
  picture() {
    const { active } = window.term.buffer;
    const cell = active.getNullCell();
    const rows = [];
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row);
      const text = line.translateToString(true);
      let colours = '';
      for (let column = 0; column < text.length; column++) {
        line.getCell(column, cell);
        colours += `${cell.getFgColorMode()}.${cell.getFgColor()}.${cell.getBgColor()}.${cell.isBold()};`;
      }
      rows.push(`${text}\t${colours}`);
    }
    return `${active.cursorX},${active.cursorY}\n${rows.join('\n')}`;
  },
};
