// The workspace's dialogs.
import { Dialog } from '../components/dialog.tsx';

interface EndDialogProps {
  onClose: () => void;
  onEnd: () => void;
}

export function EndDialog({ onClose, onEnd }: EndDialogProps) {
  return (
    <Dialog title="End this session?" onClose={onClose}>
      {(close) => (
        <>
          <p>The pod and everything in it are deleted: the garden, your shoots and your files. There is no way back.</p>
          <div class="actions">
            <button class="button" autofocus onClick={close}>
              Keep it
            </button>
            <button class="button danger" onClick={onEnd}>
              End session
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

export function KeyboardDialog({ isMac, onClose }: { isMac: boolean; onClose: () => void }) {
  const keys: [string[], string][] = [
    [[isMac ? '⌘ C' : 'Ctrl C'], 'Copy when something is selected, else interrupt'],
    [['Ctrl Shift C'], 'Copy'],
    [[isMac ? '⌘ V' : 'Ctrl Shift V'], 'Paste'],
    [['Shift PageUp', 'Shift PageDown'], 'Scroll'],
    [['Ctrl Shift Space'], 'Leave the terminal and open the menu'],
    [['Tab'], 'Complete what you type: the shell’s own key'],
  ];
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      {(close) => (
        <>
          <dl class="keys">
            {keys.map(([names, meaning]) => (
              <div key={meaning}>
                <dt>
                  {names.map((name) => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <div class="actions">
            <button class="button primary" autofocus onClick={close}>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
