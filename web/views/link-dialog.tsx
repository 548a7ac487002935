// Shows where a link leads that a program hid behind a text, before it is followed.
import { Dialog } from '../components/dialog.tsx';

/** Addresses that a browser may open from a terminal. */
export const isWebAddress = (address: string): boolean => /^https?:\/\//i.test(address) && URL.canParse(address);

export function LinkDialog({ address, onClose }: { address: string; onClose: () => void }) {
  return (
    <Dialog title="Open this address?" onClose={onClose}>
      {(close) => (
        <>
          <p>A program in the terminal put this address behind its text:</p>
          <pre class="preview">{address}</pre>
          <div class="actions">
            <button class="button" onClick={close}>
              Cancel
            </button>
            <button
              class="button primary"
              autofocus
              onClick={() => {
                window.open(address, '_blank', 'noopener');
                close();
              }}
            >
              Open
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
