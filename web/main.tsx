// The page's entry: puts the parts together and shows them.
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@xterm/xterm/css/xterm.css';
import './styles/base.css';
import './styles/welcome.css';
import './styles/workspace.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { config } from 'zod';
import { App } from './app.tsx';
import { createApi } from './model/api.ts';
import { basePathOf } from './model/base-path.ts';
import { openEventStream } from './model/event-stream.ts';
import { createPlayground } from './model/playground.ts';
import { createServerClock } from './model/server-clock.ts';
import { browserTimers } from './model/timers.ts';
import { titleOf } from './model/view.ts';
import { allowScriptedStyles } from './terminal/csp-styles.ts';

// zod would probe for eval, which the page's policy forbids and reports.
config({ jitless: true });
allowScriptedStyles(document);

const basePath = basePathOf(document);
const serverClock = createServerClock(browserTimers.now);
const playground = createPlayground({
  basePath,
  api: createApi(async (path, init) => {
    const answer = await fetch(`${basePath}${String(path)}`, init);
    serverClock.learn(answer.headers.get('date'));
    return answer;
  }),
  openEvents: (events) =>
    openEventStream({ createEventSource: (url) => new EventSource(basePath + url), timers: browserTimers }, events),
  timers: browserTimers,
  random: Math.random,
  serverNow: serverClock.now,
  history: {
    path: () => location.pathname.slice(basePath.length) || '/',
    push: (path) => history.pushState(null, '', basePath + path),
    replace: (path) => history.replaceState(null, '', basePath + path),
    leaveTo: (path) => location.assign(basePath + path),
  },
});

window.addEventListener('popstate', () => playground.pathChanged());
effect(() => {
  document.title = titleOf(playground.view.value);
});

const page = document.getElementById('page');
if (page) render(<App playground={playground} />, page);
await playground.load();
