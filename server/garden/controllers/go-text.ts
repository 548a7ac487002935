// How Go prints values in the messages that visitors compare.

/** `[a b c]` */
export const goList = (items: readonly string[]): string => `[${items.join(' ')}]`;

/** `map[a:x b:y]`, by key. */
export const goMap = (map: Readonly<Record<string, string>>): string =>
  `map[${Object.keys(map)
    .sort()
    .map((key) => `${key}:${map[key]}`)
    .join(' ')}]`;
