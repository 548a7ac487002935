// Who is signed in, as a picture; as initials where the picture does not come.
import { useState } from 'preact/hooks';
import type { User } from '../../server/protocol/rest.ts';
import { initialsOf } from '../model/initials.ts';

export function Avatar({ user }: { user: User }) {
  const [isBroken, setIsBroken] = useState(false);
  if (!user.avatarUrl || isBroken) {
    return (
      <span class="avatar" aria-hidden="true">
        {initialsOf(user)}
      </span>
    );
  }
  return <img class="avatar" src={user.avatarUrl} alt="" width="24" height="24" onError={() => setIsBroken(true)} />;
}
