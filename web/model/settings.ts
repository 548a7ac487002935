// What the user chose, kept in this browser.

const screenReaderKey = 'playground.screenReaderMode';

/** Storage may be refused (private windows, policies): the choice then holds for this page alone. */
export function readScreenReaderMode(storage: () => Storage): boolean {
  try {
    return storage().getItem(screenReaderKey) === 'on';
  } catch {
    return false;
  }
}

export function keepScreenReaderMode(storage: () => Storage, isOn: boolean): void {
  try {
    storage().setItem(screenReaderKey, isOn ? 'on' : 'off');
  } catch {
    // Nothing to do: the mode is on in this page all the same.
  }
}
