// GET /api/session/events: what happens to the session, as Server-Sent Events.
import { Router } from 'express';
import { PlaygroundError } from '../../common/errors.ts';
import { DisposableStore } from '../../common/lifecycle.ts';
import type { Progress } from '../../protocol/rest.ts';
import type { SessionHandlers } from '../../session/index.ts';
import { ensureVisitor } from '../context.ts';
import type { GatewayOptions } from '../options.ts';

// Kubernetes tells whole seconds, so something of the same second may be told late; a repeat is harmless, a gap is not.
const overlapMs = 2_000;

/** Whether a stream that goes on behind `lastEventId` needs `progress`: ids begin with the time. */
export function isWanted(progress: Progress, lastEventId: string | undefined): boolean {
  const lastMs = Date.parse(lastEventId?.split('/')[0] ?? '');
  return Number.isNaN(lastMs) || Date.parse(progress.at) >= lastMs - overlapMs;
}

export function createEventRoutes({ sessions, streams }: GatewayOptions): Router {
  const router = Router();
  router.get('/api/session/events', async (request, response) => {
    const { id: userId } = ensureVisitor(response);
    const session = await sessions.get(userId);
    if (!session) throw new PlaygroundError(404, 'NoSession', 'You have no session. Start one to go on.');
    const lastEventId = request.get('last-event-id');
    const lifetime = new DisposableStore();
    const stream = streams.open(response, userId, () => lifetime.dispose());
    const handlers: SessionHandlers = {
      onSession: (changed) => stream.send('session', changed),
      onProgress: (progress) => {
        if (isWanted(progress, lastEventId)) stream.send('progress', progress, progress.id);
      },
      onEnded: (ended) => {
        stream.send('ended', ended);
        stream.end();
      },
    };
    lifetime.add(sessions.subscribe(userId, handlers));
  });
  return router;
}
