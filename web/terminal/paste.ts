// What a paste sends, and when to ask first.

/** A shell would run the lines of this one after the other: nothing brackets it, and it has more than one line or ends in a line end. */
export const isRisky = (text: string, isBracketed: boolean): boolean => !isBracketed && /[\r\n]/.test(text);

/**
 * The text as a program takes it: line ends as the Enter key sends them. Between brackets no escape may stand, or what is pasted could close
 * them and type by itself.
 */
export function pasteText(text: string, isBracketed: boolean): string {
  const typed = text.replace(/\r?\n/g, '\r');
  return isBracketed ? `\x1b[200~${typed.replaceAll('\x1b', '\u241b')}\x1b[201~` : typed;
}
