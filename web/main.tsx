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
import { createApi, createTerminalsApi } from './model/api.ts';
import { createAppearance } from './model/appearance.ts';
import { basePathOf } from './model/base-path.ts';
import { openEventStream } from './model/event-stream.ts';
import { createPlayground } from './model/playground.ts';
import { createServerClock } from './model/server-clock.ts';
import { createSettings } from './model/settings.ts';
import { browserTimers } from './model/timers.ts';
import { titleOf } from './model/view.ts';
import { allowScriptedStyles } from './terminal/csp-styles.ts';

// zod would probe for eval, which the page's policy forbids and reports.
config({ jitless: true });
allowScriptedStyles(document);

const settings = createSettings(window);
const look = createAppearance(settings.current, window);
const basePath = basePathOf(document);
const serverClock = createServerClock(browserTimers.now);
const fetchBelow: typeof fetch = async (path, init) => {
  const answer = await fetch(`${basePath}${String(path)}`, init);
  serverClock.learn(answer.headers.get('date'));
  return answer;
};
const playground = createPlayground({
  basePath,
  api: createApi(fetchBelow),
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
const terminals = createTerminalsApi(fetchBelow);
if (page) render(<App playground={playground} terminals={terminals} settings={settings} look={look} />, page);
await playground.load();
