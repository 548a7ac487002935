// The size of a terminal that several attachments look at: that of the one that was used last.

export interface Size {
  columns: number;
  rows: number;
}

export const isSameSize = (a: Size, b: Size): boolean => a.columns === b.columns && a.rows === b.rows;

export interface Sized extends Size {
  /** Grows with every use of any attachment: attach, resize, input. */
  lastUse: number;
}

/** The size that holds, or undefined when nobody is attached: then it stays as it is. */
export function chooseSize(attachments: Iterable<Sized>): Size | undefined {
  let latest: Sized | undefined;
  for (const attachment of attachments) if (!latest || attachment.lastUse > latest.lastUse) latest = attachment;
  return latest && { columns: latest.columns, rows: latest.rows };
}
