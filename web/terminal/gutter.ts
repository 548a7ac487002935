// The margin of a terminal: a sign beside each command that says how it ended.
import type { Terminal } from '@xterm/xterm';
import type { Command, CommandMarks } from './command-marks.ts';

const words = ({ state, exit }: Command): string => {
  if (state === 'running') return 'This command is running';
  return state === 'ok' ? 'Exit status 0' : `Exit status ${exit}`;
};

export interface Gutter {
  /** Shows this command as the one that was jumped to. */
  setCurrent(command: Command | undefined): void;
  dispose(): void;
}

/** Draws into `parent`, in which `xterm` is open. A click on a sign selects what the command said. */
export function createGutter(xterm: Terminal, marks: CommandMarks, parent: HTMLElement): Gutter {
  const gutter = document.createElement('div');
  gutter.className = 'gutter';
  // Screen readers hear of a command's end by its output, and of jumps by the status line.
  gutter.setAttribute('aria-hidden', 'true');
  parent.append(gutter);
  let current: Command | undefined;
  let frame: number | undefined;

  const signOf = (command: Command, top: number): HTMLElement => {
    const sign = document.createElement('div');
    sign.className = 'gutter-sign';
    sign.dataset['state'] = command.state;
    sign.dataset['current'] = String(command === current);
    sign.title = words(command);
    sign.style.top = `${top}px`;
    sign.addEventListener('mousedown', (event) => {
      event.preventDefault();
      select(xterm, command);
    });
    return sign;
  };
  const draw = () => {
    frame = undefined;
    const screen = xterm.element?.querySelector<HTMLElement>('.xterm-screen');
    const { active } = xterm.buffer;
    if (!screen || active.type !== 'normal') return gutter.replaceChildren();
    const rowHeight = screen.clientHeight / xterm.rows;
    const inSight = marks.commands.filter(({ prompt, state }) => {
      const row = prompt.line - active.viewportY;
      return state !== 'prompt' && row >= 0 && row < xterm.rows;
    });
    gutter.replaceChildren(
      ...inSight.map((command) => signOf(command, (command.prompt.line - active.viewportY + 0.5) * rowHeight)),
    );
  };
  const redraw = () => {
    frame ??= requestAnimationFrame(draw);
  };
  marks.onChange(redraw);
  const watches = [xterm.onScroll(redraw), xterm.onResize(redraw), xterm.onLineFeed(redraw), xterm.onRender(redraw)];
  return {
    setCurrent(command) {
      current = command;
      redraw();
    },
    dispose() {
      for (const watch of watches) watch.dispose();
      if (frame !== undefined) cancelAnimationFrame(frame);
      gutter.remove();
    },
  };
}

function select(xterm: Terminal, { output, end }: Command): void {
  if (!output) return;
  const { baseY, cursorY } = xterm.buffer.normal;
  const last = end ? end.marker.line + (end.column > 0 ? 0 : -1) : baseY + cursorY;
  if (last >= output.marker.line) xterm.selectLines(output.marker.line, last);
}
