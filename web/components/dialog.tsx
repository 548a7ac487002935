// A modal <dialog>: the browser keeps the focus inside, and each way out ends in one place.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useId, useRef } from 'preact/hooks';

interface DialogProps {
  title: string;
  /** Called in the same turn as the closing, so that a focus set here is in time for the next key. */
  onClose: () => void;
  /** What the dialog shows; `close` is for its buttons. */
  children: (close: () => void) => ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const close = () => {
    dialog.current?.close();
    onClose();
  };
  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === dialog.current) close();
  };
  const closeOnEscape = (event: Event) => {
    event.preventDefault();
    close();
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={titleId} onCancel={closeOnEscape} onClick={closeOnBackdrop}>
      <div class="dialog-body">
        <h2 id={titleId}>{title}</h2>
        {children(close)}
      </div>
    </dialog>
  );
}
