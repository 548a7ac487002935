// Chooses the view.
import type { Playground } from './model/playground.ts';
import { EndedView } from './views/ended.tsx';
import { FaultView, LoadingView } from './views/faults.tsx';
import { StartingView } from './views/starting.tsx';
import { WelcomeView } from './views/welcome.tsx';
import { WorkspaceView } from './views/workspace.tsx';

export function App({ playground }: { playground: Playground }) {
  const view = playground.view.value;
  switch (view.name) {
    case 'loading':
      return <LoadingView />;
    case 'welcome':
      return <WelcomeView playground={playground} />;
    case 'starting':
      return <StartingView playground={playground} session={view.session} />;
    case 'workspace':
      return <WorkspaceView playground={playground} session={view.session} />;
    case 'ended':
      return <EndedView playground={playground} sentence={view.sentence} />;
    case 'fault':
      return <FaultView playground={playground} sentence={view.sentence} isPassing={view.isPassing} />;
  }
}
