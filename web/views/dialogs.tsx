// The workspace's dialogs.
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { maxNameLength } from '../../server/protocol/layout.ts';
import { Dialog } from '../components/dialog.tsx';
import { commandTable, keysOf, keyWords } from '../model/commands.ts';

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

interface RenameDialogProps {
  name: string;
  /** Called with what the user wants; empty: the program's own title. */
  onRename: (name: string) => void;
  onClose: () => void;
}

export function RenameDialog({ name, onRename, onClose }: RenameDialogProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useLayoutEffect(() => input.current?.select(), []);
  return (
    <Dialog title="Name this terminal" onClose={onClose}>
      {(close) => (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            onRename(input.current?.value ?? '');
            close();
          }}
        >
          <label for={id}>Name</label>
          <input
            ref={input}
            id={id}
            class="field"
            type="text"
            maxLength={maxNameLength}
            autocomplete="off"
            autofocus
            defaultValue={name}
          />
          <p class="soft">Without a name, the terminal is called what the program in it says.</p>
          <div class="actions">
            <button type="button" class="button" onClick={close}>
              Cancel
            </button>
            <button class="button primary">Name it</button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** Keys that are no commands. */
const otherKeys = (isMac: boolean): [string[], string][] => [
  [[isMac ? '⌘ C' : 'Ctrl C'], 'Copy when something is selected, else interrupt'],
  [['Ctrl Shift C'], 'Copy'],
  [[isMac ? '⌘ V' : 'Ctrl Shift V'], 'Paste'],
  [['Shift PageUp', 'Shift PageDown'], 'Scroll'],
  [['Ctrl Shift 1', 'Ctrl Shift 8'], 'Go to the first tab, the eighth tab'],
  [['Tab'], 'Complete what you type: the shell’s own key'],
];

export function KeyboardDialog({ isMac, onClose }: { isMac: boolean; onClose: () => void }) {
  const commandKeys = commandTable.flatMap((info): [string[], string][] => {
    const [keys] = keysOf(info, isMac);
    if (keys === undefined) return [];
    const names = [keyWords(keys, isMac)];
    return [[info.id === 'palette' && !isMac ? ['Ctrl K', ...names] : names, info.label]];
  });
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      {(close) => (
        <>
          <dl class="keys" tabIndex={0} aria-label="Keys">
            {[...otherKeys(isMac), ...commandKeys].map(([names, meaning]) => (
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
