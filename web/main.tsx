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
import { openEventStream } from './model/event-stream.ts';
import { createPlayground } from './model/playground.ts';
import { createSettings } from './model/settings.ts';
import { browserTimers } from './model/timers.ts';
import { titleOf } from './model/view.ts';
import { allowScriptedStyles } from './terminal/csp-styles.ts';

// zod would probe for eval, which the page's policy forbids and reports.
config({ jitless: true });
allowScriptedStyles(document);

const settings = createSettings(window);
const look = createAppearance(settings.current, window);
const playground = createPlayground({
  api: createApi(fetch.bind(window)),
  openEvents: (events) =>
    openEventStream({ createEventSource: (url) => new EventSource(url), timers: browserTimers }, events),
  now: () => browserTimers.now(),
  history: {
    path: () => location.pathname,
    push: (path) => history.pushState(null, '', path),
    replace: (path) => history.replaceState(null, '', path),
    leaveTo: (url) => location.assign(url),
  },
});

window.addEventListener('popstate', () => playground.pathChanged());
effect(() => {
  document.title = titleOf(playground.view.value);
});

const page = document.getElementById('page');
const terminals = createTerminalsApi(fetch.bind(window));
if (page) render(<App playground={playground} terminals={terminals} settings={settings} look={look} />, page);
await playground.load();
