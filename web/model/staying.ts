// Asking the gateway for more time.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Session } from '../../server/protocol/rest.ts';
import { type Api, ApiFault } from './api.ts';

export interface Staying {
  readonly isBusy: ReadonlySignal<boolean>;
  /** Why it did not work, as a sentence, until it is tried again. */
  readonly fault: ReadonlySignal<string | undefined>;
  /** The end that the last try in this page has won. */
  readonly endsAt: ReadonlySignal<string | undefined>;
  stay(): Promise<void>;
}

export interface StayingOptions {
  api: Pick<Api, 'stay'>;
  onSession(session: Session): void;
  /** The gateway says that there is nothing to stay in: no session, or nobody is signed in. */
  onRefused(): void;
}

export function createStaying({ api, onSession, onRefused }: StayingOptions): Staying {
  const isBusy = signal(false);
  const fault = signal<string>();
  const endsAt = signal<string>();
  return {
    isBusy,
    fault,
    endsAt,
    async stay() {
      if (isBusy.value) return;
      isBusy.value = true;
      fault.value = undefined;
      try {
        const session = await api.stay();
        endsAt.value = session.end.at;
        onSession(session);
      } catch (caught) {
        if (!(caught instanceof ApiFault)) throw caught;
        fault.value = caught.message;
        if (caught.status === 401 || caught.status === 404) onRefused();
      } finally {
        isBusy.value = false;
      }
    },
  };
}
