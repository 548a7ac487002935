// Asks before a paste that the shell would run line by line.
import { Dialog } from '../components/dialog.tsx';

interface PasteDialogProps {
  text: string;
  onPaste: () => void;
  onAskNoMore: () => void;
  onClose: () => void;
}

const previewLength = 2_000;

export function PasteDialog({ text, onPaste, onAskNoMore, onClose }: PasteDialogProps) {
  const lines = text.replace(/[\r\n]+$/, '').split(/\r\n|\r|\n/).length;
  return (
    <Dialog title={lines === 1 ? 'Paste a line with its end?' : `Paste ${lines} lines?`} onClose={onClose}>
      {(close) => (
        <>
          <p>The program in the terminal takes each line end for Enter: a shell runs what you paste at once.</p>
          <pre class="preview" tabIndex={0} role="group" aria-label="What you paste">
            {text.slice(0, previewLength)}
            {text.length > previewLength && ' …'}
          </pre>
          <div class="actions">
            <button class="button" onClick={close}>
              Do not paste
            </button>
            <button
              class="button"
              onClick={() => {
                onAskNoMore();
                onPaste();
                close();
              }}
            >
              Paste, and do not ask again
            </button>
            <button
              class="button primary"
              autofocus
              onClick={() => {
                onPaste();
                close();
              }}
            >
              Paste
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
