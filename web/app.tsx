// Chooses the view.
import type { ReadonlySignal } from '@preact/signals';
import type { TerminalsApi } from './model/api.ts';
import type { Look } from './model/appearance.ts';
import type { Playground } from './model/playground.ts';
import type { SettingsStore } from './model/settings.ts';
import { EndedView } from './views/ended.tsx';
import { FaultView, LoadingView } from './views/faults.tsx';
import { StartingView } from './views/starting.tsx';
import { WelcomeView } from './views/welcome.tsx';
import { WorkspaceView } from './views/workspace.tsx';

interface AppProps {
  playground: Playground;
  terminals: TerminalsApi;
  settings: SettingsStore;
  look: ReadonlySignal<Look>;
}

export function App(props: AppProps) {
  const { playground } = props;
  const view = playground.view.value;
  switch (view.name) {
    case 'loading':
      return <LoadingView />;
    case 'welcome':
      return <WelcomeView playground={playground} />;
    case 'starting':
      return <StartingView playground={playground} session={view.session} />;
    case 'workspace':
      return <WorkspaceView {...props} session={view.session} />;
    case 'ended':
      return <EndedView playground={playground} sentence={view.sentence} />;
    case 'fault':
      return <FaultView playground={playground} sentence={view.sentence} isPassing={view.isPassing} />;
  }
}
