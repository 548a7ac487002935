// Reads a stream of Server-Sent Events, for tests.
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { until } from './until.ts';

export interface SentEvent {
  event: string;
  data: unknown;
  id?: string;
}

export interface EventReader {
  status: number;
  events: SentEvent[];
  isClosed: boolean;
  /** Waits until an event of this name satisfies `matches`, and returns its data. */
  wait<T>(event: string, matches?: (data: T) => boolean): Promise<T>;
  close(): void;
}

function parse(block: string): SentEvent | undefined {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
  const event = fields.get('event');
  return event ? { event, data: JSON.parse(fields.get('data') ?? 'null') as unknown, id: fields.get('id') } : undefined;
}

/** `url` is the playground's; `ca` vouches for its certificate. */
export async function openEvents(url: string, headers: Record<string, string>, ca?: string): Promise<EventReader> {
  const send = url.startsWith('https:') ? httpsRequest : request;
  const asked: ClientRequest = send(`${url}/api/session/events`, { headers, ca });
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    asked.on('response', resolve).on('error', reject).end(),
  );
  const reader: EventReader = {
    status: response.statusCode ?? 0,
    events: [],
    isClosed: false,
    async wait<T>(event: string, matches: (data: T) => boolean = () => true) {
      const found = () => reader.events.find((one) => one.event === event && matches(one.data as T));
      return (await until(`event ${event}`, found)).data as T;
    },
    close: () => asked.destroy(),
  };
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) reader.events.push(...[parse(block)].filter((one) => one !== undefined));
  });
  response.on('close', () => (reader.isClosed = true)).on('error', () => undefined);
  return reader;
}
