// Initials of a user, for where there is no picture.
import type { User } from '../../server/protocol/rest.ts';

/** Of first and last name; of the login when there is no name. One or two characters. */
export function initialsOf({ name, login }: Pick<User, 'name' | 'login'>): string {
  const words = (name.trim() || login).split(/\s+/u);
  const first = firstCharacter(words[0]);
  const last = words.length > 1 ? firstCharacter(words.at(-1)) : '';
  return (first + last).toUpperCase();
}

const firstCharacter = (word = ''): string => [...word][0] ?? '';
