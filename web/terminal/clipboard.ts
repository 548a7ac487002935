// What programs may do with the clipboard (OSC 52): put text there, if the user lets them; never read it.
import type { Terminal } from '@xterm/xterm';

/** Beyond that it is no text that somebody wants to paste. */
const maxTextLength = 1024 * 1024;

/** The text that the data of an OSC 52 wants on the clipboard; undefined for a question, another selection, or what is no text. */
export function wantedText(data: string): string | undefined {
  const [, selections = '', encoded = ''] = /^([a-z0-9]*);(.*)$/s.exec(data) ?? [];
  if (encoded === '' || encoded === '?' || (selections !== '' && !/[cs]/.test(selections))) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.length <= maxTextLength ? text : undefined;
  } catch {
    return undefined;
  }
}

export function onClipboardWish({ parser }: Pick<Terminal, 'parser'>, listener: (text: string) => void): void {
  parser.registerOscHandler(52, (data) => {
    const text = wantedText(data);
    if (text !== undefined) listener(text);
    return true;
  });
}

/** Resolves to whether the browser took it: some take it only right after a key or a click. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
