// The views for when something stands in the way.
import { Message } from '../components/message.tsx';
import type { Playground } from '../model/playground.ts';

interface FaultProps {
  playground: Playground;
  sentence: string;
  /** The page tries again by itself. */
  isPassing: boolean;
}

/** Shows nothing until the first answer: a flash of a spinner would be slower than the answer. */
export const LoadingView = () => <main class="loading" aria-busy="true" aria-label="Loading" />;

export function FaultView({ playground, sentence, isPassing }: FaultProps) {
  return (
    <Message
      title="That did not work"
      actions={
        <>
          <button class="button primary" disabled={playground.isBusy.value} onClick={() => void playground.tryAgain()}>
            Try again
          </button>
          <button class="button" onClick={() => playground.goHome()}>
            Back to the start
          </button>
        </>
      }
    >
      <p role="alert">
        {sentence} {isPassing && 'This page tries again by itself.'}
      </p>
    </Message>
  );
}
