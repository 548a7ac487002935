// After a session: why it ended, and the way to the next.
import { Message } from '../components/message.tsx';
import type { Playground } from '../model/playground.ts';

export function EndedView({ playground, sentence }: { playground: Playground; sentence: string }) {
  return (
    <Message
      title="Your session has ended"
      actions={
        <>
          <button
            class="button primary"
            autofocus
            disabled={playground.isBusy.value}
            onClick={() => void playground.startAgain()}
          >
            Start again
          </button>
          <button class="button" onClick={() => playground.goHome()}>
            Back to the start
          </button>
        </>
      }
    >
      <p role="status">{sentence}</p>
    </Message>
  );
}
