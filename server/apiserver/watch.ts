// Watches: what happens to a resource, as a stream of lines; a line is made once for all watchers that want it alike.
import type { Disposable } from '../common/lifecycle.ts';
import { DisposableStore } from '../common/lifecycle.ts';
import type { Clock } from '../common/clock.ts';
import { StatusError } from './errors.ts';
import type { Representation } from './negotiation.ts';
import type { Registry } from './registry.ts';
import { apiVersionOf } from './registry.ts';
import { represent } from './representation.ts';
import type { IncludeObject } from './representation.ts';
import type { Matcher } from './selectors.ts';
import type { Store, StoreEvent } from './store.ts';
import type { ApiObject, Kind } from './types.ts';

export interface WatchOptions {
  kind: Kind;
  namespace: string | undefined;
  matches: Matcher | undefined;
  /** Undefined: begin with what is there. */
  resourceVersion: number | undefined;
  /** `sendInitialEvents`: begin with what is there and end that with a bookmark, if bookmarks are wanted. */
  hasInitialEvents: boolean;
  hasBookmarks: boolean;
  representation: Representation;
  includeObject: IncludeObject;
  timeoutMs: number;
}

export interface WatchSink {
  /** Lines of JSON, each with its newline. */
  write(lines: string): void;
  /** How many bytes wait for the client. */
  readonly pendingBytes: number;
  end(): void;
}

export interface WatchHub {
  /** Throws 410 before anything is written. */
  watch(options: WatchOptions, sink: WatchSink): Disposable;
}

type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

const bookmarkPeriodMs = 60_000;
// And one before the end, from which the client watches on. Models k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go nextBookmarkTime
const lastBookmarkMs = 2_000;
// A client that does not read is cut off, as Kubernetes does; it lists and watches again.
const maxPendingBytes = 4 * 1024 * 1024;

const line = (type: WatchType | 'ERROR', object: object): string => `${JSON.stringify({ type, object })}\n`;

/** What an event is to a watcher with a selector; undefined: nothing. Models k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go */
function toWatchType(event: StoreEvent, isMatch: (object: ApiObject) => boolean): WatchType | undefined {
  const isNow = event.type !== 'DELETED' && isMatch(event.object);
  const wasBefore = event.old !== undefined && isMatch(event.old);
  if (isNow) return wasBefore ? 'MODIFIED' : 'ADDED';
  return wasBefore ? 'DELETED' : undefined;
}

export function createWatchHub({
  store,
  registry,
  clock,
}: {
  store: Store;
  registry: Registry;
  clock: Clock;
}): WatchHub {
  // Lines of the event that is being told, by how a watcher wants them.
  let cached: { event: StoreEvent; lines: Map<string, string> } | undefined;

  const render = (options: WatchOptions, type: WatchType, object: ApiObject, isFirst: boolean): string => {
    const { kind, representation, includeObject } = options;
    const shape = represent(kind, object, representation, { nowMs: clock.now(), includeObject });
    // The columns are told once in a watch.
    if (representation === 'table' && !isFirst) Object.assign(shape, { columnDefinitions: null });
    return line(type, shape);
  };

  const renderEvent = (options: WatchOptions, type: WatchType, event: StoreEvent, isFirst: boolean): string => {
    if (cached?.event !== event) cached = { event, lines: new Map() };
    const { kind, representation, includeObject } = options;
    const key = [
      type,
      apiVersionOf(kind),
      kind.kind,
      representation,
      includeObject,
      representation === 'table' && isFirst,
    ].join();
    let text = cached.lines.get(key);
    if (text === undefined) {
      const last = type === 'DELETED' && event.type !== 'DELETED' ? withVersion(event.old, event) : event.object;
      text = render(options, type, registry.fromStorage(kind, last), isFirst);
      cached.lines.set(key, text);
    }
    return text;
  };

  return { watch: (options, sink) => startWatch(options, sink) };

  function startWatch(options: WatchOptions, sink: WatchSink): Disposable {
    const { kind, namespace, matches } = options;
    const ends = new DisposableStore();
    let isFirst = true;
    const isMatch = (object: ApiObject) =>
      (!namespace || object.metadata.namespace === namespace) &&
      (!matches || matches(registry.fromStorage(kind, object)));
    const send = (text: string) => {
      isFirst = false;
      sink.write(text);
      if (sink.pendingBytes > maxPendingBytes) stop();
    };
    const stop = () => {
      if (ends.isDisposed) return;
      ends.dispose();
      sink.end();
    };
    const tell = (event: StoreEvent) => {
      const type = toWatchType(event, isMatch);
      if (type) send(renderEvent(options, type, event, isFirst));
    };
    const bookmark = (annotations?: Record<string, string>) => {
      const metadata = { resourceVersion: String(store.resourceVersion), ...(annotations ? { annotations } : {}) };
      const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
      send(line('BOOKMARK', bookmarkShape(options.representation, object)));
    };

    const past = options.resourceVersion === undefined ? [] : store.eventsSince(kind, options.resourceVersion);
    if (options.resourceVersion === undefined) {
      for (const object of store.list(kind, namespace)) {
        if (isMatch(object)) send(render(options, 'ADDED', registry.fromStorage(kind, object), isFirst));
      }
    }
    if (options.hasInitialEvents && options.hasBookmarks) bookmark({ 'k8s.io/initial-events-end': 'true' });
    for (const event of past) tell(event);
    ends.add(store.subscribe(kind, tell));
    ends.add(clock.after(options.timeoutMs, stop));
    if (options.hasBookmarks) {
      ends.add(clock.every(bookmarkPeriodMs, () => bookmark()));
      if (options.timeoutMs > lastBookmarkMs)
        ends.add(clock.after(options.timeoutMs - lastBookmarkMs, () => bookmark()));
    }
    return ends;
  }
}

interface BookmarkObject {
  kind: string;
  apiVersion: string;
  metadata: { resourceVersion: string; annotations?: Record<string, string> };
}

/** A bookmark has no columns to compute: of the object there is the resourceVersion alone. */
function bookmarkShape(representation: Representation, object: BookmarkObject): object {
  if (representation === 'object') return object;
  if (representation === 'metadata') return { ...object, kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata, columnDefinitions: null, rows: [] };
}

const withVersion = (object: ApiObject | undefined, event: StoreEvent): ApiObject => {
  const last = object ?? event.object;
  return { ...last, metadata: { ...last.metadata, resourceVersion: String(event.resourceVersion) } };
};

/** How a fault is told to a client whose watch has begun. */
export const errorLine = (error: StatusError): string => line('ERROR', error.toStatus());
