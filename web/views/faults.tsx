// The views for when something stands in the way.
import { Message } from '../components/message.tsx';
import type { Playground } from '../model/playground.ts';

interface FaultProps {
  playground: Playground;
  sentence: string;
}

/** Shows nothing until the first answer: a flash of a spinner would be slower than the answer. */
export const LoadingView = () => <main class="loading" aria-busy="true" aria-label="Loading" />;

export function FaultView({ playground, sentence }: FaultProps) {
  return (
    <Message
      title="That did not work"
      actions={
        <>
          <button class="button primary" disabled={playground.isBusy.value} onClick={() => void playground.load()}>
            Try again
          </button>
          <button class="button" onClick={() => playground.goHome()}>
            Back to the start
          </button>
        </>
      }
    >
      <p role="alert">{sentence}</p>
    </Message>
  );
}

export function RefusedView({ playground, sentence }: FaultProps) {
  const user = playground.me.value?.user;
  return (
    <Message
      title="This playground is not open to you"
      actions={
        user ? (
          <button class="button primary" onClick={() => void playground.signOut()}>
            Sign out
          </button>
        ) : (
          <button class="button primary" onClick={() => playground.signIn()}>
            Sign in as somebody else
          </button>
        )
      }
    >
      <p role="alert">{sentence}</p>
      {user && <p class="soft">You are signed in as {user.login}.</p>}
    </Message>
  );
}

export function LostView({ playground }: { playground: Playground }) {
  return (
    <Message
      title="There is no such page"
      actions={
        <button class="button primary" onClick={() => playground.goHome()}>
          Back to the start
        </button>
      }
    >
      <p>The address may be mistyped, or the page has moved.</p>
    </Message>
  );
}
